"""A program that tests need and no package has: built from a Go module with pinned sums, once a machine, kept beside the toolchain."""

from __future__ import annotations

import fcntl
import subprocess
from pathlib import Path

import pytest

from toolchain import gobuild
from toolchain.place import cache_folder


def built(module: Path, package: str, missing: str) -> Path:
    """The program of a package, of the version that `go.mod` in the folder `module` pins; without Go the test is skipped for `missing`."""
    name = package.rpartition("/")[2]
    version = next(
        line.split()[-1] for line in (module / "go.mod").read_text("utf-8").splitlines() if f"/{name} v" in line
    )
    folder = cache_folder().parent / "tests"
    program = folder / f"{name}-{version}"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not program.is_file():
            go = gobuild.find()
            if go is None:
                pytest.skip(missing)
            made = subprocess.run(
                [go.path, "build", "-trimpath", "-ldflags", "-s -w", "-o", f"{program}.new", package],
                cwd=module, env=gobuild.environment(), check=False, capture_output=True, text=True,
            )  # fmt: skip
            assert made.returncode == 0, made.stderr
            Path(f"{program}.new").rename(program)
    return program
