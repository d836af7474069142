"""The fault table of creating a server with its disks."""

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
from tests.end_to_end.life.stage import IMAGE, Stage, server

pytestmark = pytest.mark.engine

CREATIONS = {
    "server": Operation(None, server(), CREATE),
    "disk": Operation(None, server(), "POST /volume/*/volumes"),
    "attachment": Operation(None, server(), "POST /compute/*/os-volume_attachments"),
}
BY_THE_CLOUD = {"source_type": "image", "uuid": IMAGE, "volume_size": 40, "delete_on_termination": False}
"""A boot disk that Nova makes, and is told to keep."""

FAILING = [
    ("no-valid-host", CREATIONS["server"]),
    ("quota", CREATIONS["server"]),
    ("error-after-build", CREATIONS["server"]),
    ("quota", CREATIONS["disk"]),
]


@pytest.mark.parametrize(("what", "kind", "said"), cells(["server"], ["disk", "attachment"], every_kind=True))
def test_what_goes_by_is_lived_through(what: str, kind: str, said: dict[str, Any], stage: Stage) -> None:
    lives_through(stage, CREATIONS[what], kind, said)


@pytest.mark.parametrize(("kind", "operation"), FAILING)
def test_what_fails_leaves_nothing_and_is_made_by_the_next_run(kind: str, operation: Operation, stage: Stage) -> None:
    fails(stage, operation, kind)
    assert stage.now() == {"servers": [], "volumes": [], "ports": []}
    stage.healed()


def test_a_boot_disk_that_the_cloud_made_and_was_told_to_keep_is_taken_back_too(stage: Stage) -> None:
    fails(stage, Operation(None, server(boot=BY_THE_CLOUD), CREATE), "error-after-build")
    assert stage.now() == {"servers": [], "volumes": [], "ports": []}
    stage.state()


@pytest.mark.parametrize("what", CREATIONS)
def test_a_killed_run_is_continued(what: str, stage: Stage) -> None:
    is_continued_after_a_kill(stage, CREATIONS[what])
