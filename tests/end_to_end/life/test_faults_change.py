"""The fault table of changing a server: in place, by a resize, and by another one in its stead."""

from __future__ import annotations

from typing import Any

import pytest

from tests.end_to_end.life.cells import (
    CREATE,
    Operation,
    cells,
    fails,
    is_continued_after_a_kill,
    lives_through,
)
from tests.end_to_end.life.stage import NETWORK, OTHER_IMAGE, TYPED, Stage, disk, server

pytestmark = pytest.mark.engine

CHANGED = server(
    metadata={"role": "db"},
    disks=[disk("data", volume_size=3), disk("logs")],
    networks=[{"uuid": NETWORK}, {"uuid": NETWORK}],
)
REPLACED = server(boot=TYPED | {"uuid": OTHER_IMAGE})
CHANGES = {
    "metadata": Operation(server(), CHANGED, "POST /compute/*/metadata"),
    "nic": Operation(server(), CHANGED, "POST /compute/*/os-interface"),
    "disk": Operation(server(), CHANGED, "POST /volume/*/volumes"),
    "resize": Operation(server(), server(flavorRef="s3.xlarge.2"), "POST /compute/*/action"),
    "replace": Operation(server(), REPLACED, CREATE),
}
FAILING = [
    ("quota", CHANGES["disk"]),
    ("no-valid-host", CHANGES["replace"]),
    ("error-after-build", CHANGES["replace"]),
    ("quota", CHANGES["replace"]),
]


@pytest.mark.parametrize(("what", "kind", "said"), cells(["resize"], ["metadata", "nic", "disk"]))
def test_what_goes_by_is_lived_through(what: str, kind: str, said: dict[str, Any], stage: Stage) -> None:
    lives_through(stage, CHANGES[what], kind, said)


@pytest.mark.parametrize(("kind", "operation"), FAILING)
def test_what_fails_is_done_by_the_next_run(kind: str, operation: Operation, stage: Stage) -> None:
    fails(stage, operation, kind)
    stage.healed()


@pytest.mark.parametrize("what", CHANGES)
def test_a_killed_run_is_continued(what: str, stage: Stage) -> None:
    is_continued_after_a_kill(stage, CHANGES[what])
