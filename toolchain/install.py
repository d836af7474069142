"""Bring the toolchain: what is there already, else the vendor's release, else a build from Go modules."""

from __future__ import annotations

import os
import secrets
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from toolchain import gobuild, installed, manifest, vendor
from toolchain.errors import ToolchainError, WayClosed
from toolchain.lock import alone
from toolchain.pins import PINS, Part, Pins
from toolchain.place import Toolchain, cache_folder, locate, place

HEARTBEAT = 10.0
"""How many seconds may pass without a line where no live progress is shown."""

Say = Callable[[str], None]


def ensure(report: Say, *, tick: Say | None = None, pins: Pins = PINS, cache: Path | None = None) -> Toolchain:
    """Install whatever is missing, and return the toolchain; at once where nothing is.

    `report` gets whole lines; `tick`, where given, gets a line for live progress about once a second (else `report` gets one every
    10 s). Safe against being killed at any time and against other installers: a file is moved to its place when it is complete, and
    the manifest is written last. Raises `ToolchainError`, with all that was tried, where no way works.
    """
    root = cache or cache_folder()
    there = locate(pins, root)
    if there is not None:
        return there
    target = place(pins, root)
    try:
        with alone(root / f"{pins.key()}.lock", report):
            # Another installer may have finished it while this one waited.
            return locate(pins, root) or _install(target, pins, report, tick or _heartbeat(report))
    except OSError as error:
        raise ToolchainError(_disk(error, root)) from error


def _disk(error: OSError, root: Path) -> str:
    return f"cannot write the toolchain to {root}: {error.strerror or error}. Fix: free or allow that folder, or set ECS_CACHE_DIR."


def _heartbeat(report: Say) -> Say:
    last = time.monotonic()

    def beat(line: str) -> None:
        nonlocal last
        if time.monotonic() - last >= HEARTBEAT:
            last = time.monotonic()
            report(f"  {line}")

    return beat


def _install(target: Toolchain, pins: Pins, report: Say, tick: Say) -> Toolchain:
    started = time.monotonic()
    report(f"bringing the toolchain to {target.folder}")
    target.home.mkdir(parents=True, exist_ok=True)
    waiting = target.folder / "staging"
    # Left by an installer that was killed; nobody else can be writing here while the lock is held.
    shutil.rmtree(waiting, ignore_errors=True)
    parts = {}
    for part in pins.parts:
        there = manifest.read_part(target.folder, part.name)
        if there is not None and manifest.vouches(there, part):
            broken = [] if there.untouched(target.folder) else there.broken(target.folder)
            if not broken:
                parts[part.name] = there.refreshed(target.folder)
                manifest.write_part(target.folder, part.name, parts[part.name])
                continue
            report(f"{', '.join(broken)}: missing or damaged, brought again")
        staging = waiting / secrets.token_hex(4)
        staging.mkdir(parents=True)
        try:
            parts[part.name] = _bring(part, pins, target.folder, staging, report=report, tick=tick)
        finally:
            shutil.rmtree(waiting, ignore_errors=True)
    manifest.write(target.folder, manifest.Manifest(pins.key(), parts))
    report(f"the toolchain is there, after {time.monotonic() - started:.0f} s")
    return target


def _bring(part: Part, pins: Pins, folder: Path, staging: Path, *, report: Say, tick: Say) -> manifest.Installed:
    """Try the three ways in order; the first that works is put in place."""
    ways: tuple[tuple[str, str, Callable[[Path], str]], ...] = (
        ("installed", "already installed", lambda to: installed.fetch(part, to)),
        ("vendor", "the vendor's release", lambda to: vendor.fetch(part, to, tick)),
        ("go", "a build from Go modules", lambda to: gobuild.fetch(part, pins, to, report, tick)),
    )
    report(f"{part.title} {part.version}:")
    tried = []
    for way, title, fetch in ways:
        to = staging / way
        to.mkdir()
        if way == "go":
            report(f"  {title}: takes minutes the first time")
        try:
            source = fetch(to)
            _check(part, to)
        except WayClosed as closed:
            report(f"  {title}: no, {closed}")
            tried.append(f"{title}: {closed}")
            continue
        found = _put(part, to, folder, manifest.Installed(part.version, way, source, {}))
        report(f"  {title}: yes, {source}")
        return found
    raise ToolchainError(_nothing_worked(part, pins, tried))


def _nothing_worked(part: Part, pins: Pins, tried: list[str]) -> str:
    listed = "".join(f"\n  - {one}" for one in tried)
    oldest = ".".join(map(str, pins.go))
    host = part.archive.url.split("/")[2]
    return (
        f"{part.title} {part.version} cannot be brought. Tried:{listed}\n"
        f"Fix: install Go {oldest} or newer (its module proxy must be in reach), or allow https://{host}, and run `ecs toolchain install`."
    )


def _check(part: Part, staging: Path) -> None:
    """Run what was got before it is put in place: a digest does not tell that it fits this machine."""
    for file in part.files:
        (staging / file).chmod(0o755)
    found = installed.version([str(staging / part.probe[0]), *part.probe[1:]])
    if found != part.version:
        raise WayClosed(f"what was got says it is version {found or '(nothing)'}, not {part.version}")


def _put(part: Part, staging: Path, folder: Path, installed_as: manifest.Installed) -> manifest.Installed:
    # The manifest goes first: from here on until it is written again, nobody is told that this toolchain is whole.
    (folder / manifest.FILE).unlink(missing_ok=True)
    for file in part.files:
        source, target = staging / file, folder / file
        with source.open("rb") as stream:
            os.fsync(stream.fileno())
        target.parent.mkdir(parents=True, exist_ok=True)
        manifest.move(source, target)
    found = installed_as.files | {file: manifest.record(folder / file) for file in part.files}
    complete = manifest.Installed(installed_as.version, installed_as.way, installed_as.source, found)
    manifest.write_part(folder, part.name, complete)
    return complete
