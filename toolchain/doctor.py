"""What is there, in which version, from where, whole or not; and what is missing with the fix."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from toolchain import gobuild, installed, manifest
from toolchain.pins import PINS, PYTHON_PACKAGES, Part, Pins
from toolchain.place import Toolchain, place

INSTALL = "run `ecs toolchain install`"
SETUP = "run `make setup`"


@dataclass(frozen=True)
class Check:
    """One thing that was looked at."""

    name: str
    ok: bool
    found: str
    """What is there, or what is wrong."""
    fix: str = ""
    """What helps; empty where nothing is wrong."""


def examine(root: Path, pins: Pins = PINS, cache: Path | None = None) -> list[Check]:
    """Look at everything that a run of the engine needs; compares digests and runs the tools, so it takes about a second.

    `root` is the project's folder.
    """
    there = place(pins, cache)
    parts = [check for part in pins.parts for check in _part(part, there)]
    complete = all(check.ok for check in parts)
    return [
        Check(
            "python",
            sys.version_info >= (3, 11),
            sys.version.split()[0],
            "" if _new_enough() else "install Python 3.11",
        ),
        *_packages(),
        *parts,
        _manifest(there, pins),
        _go(pins, needed=not complete),
        _home(there),
        _virtual_environment(root),
        _pack(root),
    ]


def _new_enough() -> bool:
    return sys.version_info >= (3, 11)


def _packages() -> list[Check]:
    checks = []
    for name, wanted in PYTHON_PACKAGES.items():
        try:
            found = metadata.version(name)
        except metadata.PackageNotFoundError:
            found = "missing"
        ok = found == wanted
        checks.append(Check(name, ok, found if ok else f"{found}, needs {wanted}", "" if ok else SETUP))
    return checks


def _part(part: Part, there: Toolchain) -> list[Check]:
    recorded = manifest.read_part(there.folder, part.name)
    if recorded is None or not manifest.vouches(recorded, part):
        return [Check(part.name, ok=False, found=f"{part.title} {part.version} is not installed", fix=INSTALL)]
    broken = recorded.broken(there.folder)
    checks = [
        Check(
            f"{part.name}: {Path(name).name}",
            ok=name not in broken,
            found=f"{there.folder / name} is missing or not what was installed"
            if name in broken
            else f"sha256 {recorded.files[name].sha256[:16]}... as installed",
            fix=f"{INSTALL}: it brings the file again" if name in broken else "",
        )
        for name in part.files
    ]
    version = installed.version([str(there.folder / part.probe[0]), *part.probe[1:]])
    ok = version == part.version
    found = (
        f"{version}, from {recorded.source} ({recorded.way})"
        if ok
        else f"runs as {version or 'nothing'}, not {part.version}"
    )
    return [Check(part.name, ok, found, "" if ok else f"{INSTALL} after `ecs toolchain clean --all`"), *checks]


def _manifest(there: Toolchain, pins: Pins) -> Check:
    found = manifest.read(there.folder)
    ok = found is not None and found.covers(pins)
    return Check("manifest", ok, str(there.folder) if ok else f"{there.folder} is not complete", "" if ok else INSTALL)


def _go(pins: Pins, *, needed: bool) -> Check:
    go = gobuild.find()
    oldest = ".".join(map(str, pins.go))
    fit = go is not None and go.version >= pins.go
    found = f"{go} ({go.path})" if go else "not found"
    if fit or not needed:
        return Check("go", ok=True, found=found if needed else f"{found}; not needed, the toolchain is there")
    fix = f"install Go {oldest} or newer, or allow https://{pins.parts[0].archive.url.split('/')[2]}"
    return Check("go", ok=False, found=f"{found}, needs {oldest}", fix=fix)


def _home(there: Toolchain) -> Check:
    stated = os.environ.get("PULUMI_HOME")
    home = Path(stated) if stated else there.home
    if not home.is_dir():
        return Check("PULUMI_HOME", ok=False, found=f"{home} is not there", fix=INSTALL)
    ok = os.access(home, os.W_OK)
    return Check(
        "PULUMI_HOME", ok, str(home) if ok else f"{home} cannot be written", "" if ok else f"allow writing to {home}"
    )


def _virtual_environment(root: Path) -> Check:
    python = root / ".venv" / "bin" / "python"
    ok = python.exists()
    return Check(".venv", ok, str(python.parent.parent) if ok else f"{python} is not there", "" if ok else SETUP)


def _pack(root: Path) -> Check:
    folder = root / "policy"
    missing = [name for name in ("PulumiPolicy.yaml", "__main__.py") if not (folder / name).is_file()]
    stated = os.environ.get("PULUMI_OPTION_POLICY_PACK")
    if missing:
        return Check(
            "policy pack", ok=False, found=f"{folder} has no {' and no '.join(missing)}", fix="restore it with git"
        )
    if stated is not None and (not stated or Path(stated).resolve() != folder.resolve()):
        found = f"PULUMI_OPTION_POLICY_PACK is {stated!r}, not {folder}: runs in this shell skip the project's rules"
        return Check("policy pack", ok=False, found=found, fix='run eval "$(ecs env)"')
    return Check("policy pack", ok=True, found=str(folder))
