"""One sandbox and one stack for a file of this folder; each test begins with an empty stack."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.register_assert_rewrite("tests.end_to_end.life.stage", "tests.end_to_end.life.cells")

from sandbox import daemon  # noqa: E402 - the line above must come first
from tests.end_to_end.life.stage import Stage  # noqa: E402


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The stack of a whole file."""
    cloud = tmp_path_factory.mktemp("cloud")
    yield Stage(tmp_path_factory.mktemp("stack"), cloud)
    daemon.stop(cloud)


@pytest.fixture
def stage(kept: Stage) -> Iterator[Stage]:
    """The stack with nothing in it, and no fault to come; whatever the test made must be gone after `destroy`."""
    yield kept
    kept.no_faults()
    done = kept.project.pulumi("destroy", "--yes", "--skip-preview")
    assert done.code == 0, done.text
    assert kept.now() == {"servers": [], "volumes": [], "ports": []}
