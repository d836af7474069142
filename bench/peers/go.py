"""A program of a Go module with pinned sums, built once a machine and kept beside the toolchain."""

from __future__ import annotations

import fcntl
import re
import sys
from collections.abc import Callable
from pathlib import Path

from bench.engine import FailedError
from toolchain import gobuild
from toolchain.place import cache_folder
from toolchain.running import run


class NoGoError(FailedError):
    """There is no Go on this machine, so what only Go builds cannot be had."""


def version(module: Path, package: str) -> str:
    """The version that `go.mod` in the folder `module` pins of the module that a package is of. Raises `FailedError` without one."""
    text = (module / "go.mod").read_text(encoding="utf-8")
    pinned: dict[str, str] = dict(re.findall(r"^(?:require )?\s*(\S+) (v\S+)", text, re.MULTILINE))
    of = [name for name in pinned if f"{package}/".startswith(f"{name}/")]
    if not of:
        raise FailedError(f"{module.name}/go.mod pins no module that {package} is of")
    return pinned[max(of, key=len)]


def say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def program(module: Path, package: str, folder: str = "tests", tell: Callable[[str], None] = say) -> Path:
    """The program of a package, of the version that `module` pins, kept in `folder` beside the toolchain.

    Raises `NoGoError`, or `FailedError` with the last lines of a build that failed.
    """
    # The last word of some packages is but a number: v3.
    name = re.sub(r"/v\d+$", "", package).rpartition("/")[2]
    kept = cache_folder().parent / folder
    made = kept / f"{name}-{version(module, package)}"
    kept.mkdir(parents=True, exist_ok=True)
    with (kept / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.is_file():
            _build(module, package, made, tell)
    return made


def _build(module: Path, package: str, made: Path, tell: Callable[[str], None]) -> None:
    go = gobuild.find()
    if go is None:
        oldest = re.search(r"^go (\S+)", (module / "go.mod").read_text(encoding="utf-8"), re.MULTILINE)
        raise NoGoError(
            f"{made.name} cannot be built: there is no Go on this machine; install Go {oldest[1] if oldest else '1.25'} or newer"
        )
    tell(f"building {made.name} by {go}, once a machine ...")
    flags = ("-v", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w")

    def tick(seconds: float, packages: int, last: str) -> None:
        if round(seconds) % 10 == 0:
            tell(f"  {seconds:.0f} s, {packages} packages, now {last or 'linking'}")

    new = made.with_name(f"{made.name}.new")
    ended = run(
        [str(go.path), "build", *flags, "-o", str(new), package],
        folder=module,
        environment=gobuild.environment(),
        tick=tick,
    )
    if ended.code != 0:
        last = "\n    ".join(ended.tail)
        raise FailedError(f"`go build {package}` failed with exit code {ended.code}:\n    {last}")
    new.rename(made)
    tell(f"  built in {ended.seconds:.0f} s")


def built(name: str, package: str) -> Path:
    """The program of a package that `bench/peers/<name>/go.mod` pins. Raises as `program` does."""
    return program(Path(__file__).parent / name, package, "bench")
