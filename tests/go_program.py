"""A program that tests need and no package has: built from a Go module with pinned sums, once a machine, kept beside the toolchain."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.peers import go


def built(module: Path, package: str, missing: str) -> Path:
    """The program of a package, of the version that `go.mod` in the folder `module` pins; without Go the test is skipped for `missing`."""
    try:
        return go.program(module, package)
    except go.NoGoError:
        pytest.skip(missing)
