"""The third way: a build from the committed Go modules, whose sums are pinned."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from toolchain.errors import WayClosed
from toolchain.pins import Build, Part, Pins
from toolchain.running import run

_USUAL = ("/usr/local/go/bin/go", "/usr/lib/go/bin/go", "/opt/homebrew/bin/go", "/snap/bin/go")


@dataclass(frozen=True)
class Go:
    """A Go that is on the machine."""

    path: Path
    version: tuple[int, int, int]

    def __str__(self) -> str:
        return "Go " + ".".join(map(str, self.version))


def environment() -> dict[str, str]:
    """Go's environment: this machine's own toolchain, the pinned sums, nothing that a user's settings could add to them.

    A proxy or a private-module setting of the user stays; whatever it brings is compared with go.sum, which nothing here can switch off.
    """
    kept = {name: value for name, value in os.environ.items() if name not in _OVERRIDES}
    return {**kept, "GOFLAGS": "-mod=readonly", "GOTOOLCHAIN": "local", "GOWORK": "off", "CGO_ENABLED": "0"}


_OVERRIDES = {"GOOS", "GOARCH", "GONOSUMCHECK", "GONOSUMDB", "GOSUMDB", "GOEXPERIMENT", "GOROOT"}


def find() -> Go | None:
    """The newest Go among the one on PATH and the usual places, or None."""
    on_path = shutil.which("go")
    found = [go for path in dict.fromkeys((on_path, *_USUAL)) if path and (go := _ask(Path(path)))]
    return max(found, key=lambda go: go.version, default=None)


def _ask(path: Path) -> Go | None:
    if not path.is_file():
        return None
    try:
        ran = subprocess.run(
            [str(path), "env", "GOVERSION"],
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
            env=environment(),
            cwd=path.parent,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    numbers = re.match(r"go(\d+)\.(\d+)(?:\.(\d+))?", ran.stdout.strip())
    return Go(path, (int(numbers[1]), int(numbers[2]), int(numbers[3] or 0))) if numbers else None


def require(pins: Pins) -> Go:
    """The Go that builds; raises `WayClosed` where there is none or only an older one."""
    go = find()
    oldest = ".".join(map(str, pins.go))
    if go is None:
        raise WayClosed(f"there is no Go (needs {oldest} or newer)")
    if go.version < pins.go:
        raise WayClosed(f"{go.path} is {go}, older than {oldest}")
    return go


def fetch(part: Part, pins: Pins, staging: Path, report: Callable[[str], None], tick: Callable[[str], None]) -> str:
    """Build and copy a part into a staging folder; returns its source. Raises `WayClosed` with the last lines of a failed build."""
    go = require(pins)
    for build in part.builds:
        _build(go, build, pins, staging, report=report, tick=tick)
    for copy in part.copies:
        folder = pins.sources / copy.module
        ran = subprocess.run(
            [str(go.path), "list", "-m", "-f", "{{.Dir}}", copy.dependency],
            capture_output=True,
            text=True,
            check=False,
            env=environment(),
            cwd=folder,
        )
        source = Path(ran.stdout.strip()) / copy.inside
        if ran.returncode != 0 or not source.is_file():
            raise WayClosed(f"{copy.dependency} has no {copy.inside}: {ran.stderr.strip()}")
        target = staging / copy.file
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    return f"Go modules pinned in {part.builds[0].module}/go.sum, built by {go}"


def _build(
    go: Go, build: Build, pins: Pins, staging: Path, *, report: Callable[[str], None], tick: Callable[[str], None]
) -> None:
    name = Path(build.file).name
    target = staging / build.file
    target.parent.mkdir(parents=True, exist_ok=True)
    flags = ("-v", "-trimpath", "-buildvcs=false", "-ldflags", f"-s -w -X {build.stamp}")
    outcome = run(
        [str(go.path), "build", *flags, "-o", str(target), build.package],
        folder=pins.sources / build.module,
        environment=environment(),
        tick=lambda seconds, lines, last: tick(_progress(name, seconds, lines, last)),
    )
    if outcome.code != 0 or not target.is_file():
        last = "\n    ".join(outcome.tail)
        raise WayClosed(f"`go build {build.package}` failed with exit code {outcome.code}:\n    {last}")
    report(f"  built {name} in {outcome.seconds:.0f} s")


def _progress(name: str, seconds: float, packages: int, last: str) -> str:
    if packages == 0:
        # All packages are in Go's cache, or have been built; Go says nothing while it links.
        return f"building {name}: {seconds:.0f} s, linking"
    return f"building {name}: {seconds:.0f} s, {packages} packages, now {last}"
