"""One sandbox and one toolchain for all end-to-end tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox import daemon
from tests.end_to_end.project import Project, fresh_cloud, program, project


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a running sandbox."""
    folder = tmp_path_factory.mktemp("cloud")
    daemon.start(folder, build_seconds=0)
    yield folder
    daemon.stop(folder)


@pytest.fixture
def ours(tmp_path: Path, cloud: Path) -> Project:
    """The stacks' program, on a sandbox at its beginning."""
    fresh_cloud(cloud)
    return project(tmp_path, cloud)


@pytest.fixture(scope="module")
def ours_kept(tmp_path_factory: pytest.TempPathFactory, cloud: Path) -> Project:
    """The same for a whole file: for tests that change nothing."""
    fresh_cloud(cloud)
    return project(tmp_path_factory.mktemp("kept"), cloud)


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory, cloud: Path) -> Project:
    """A program with one raw instance."""
    fresh_cloud(cloud)
    return program("raw", tmp_path_factory.mktemp("raw"), cloud)
