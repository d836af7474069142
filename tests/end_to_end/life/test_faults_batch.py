"""The fault table of a batch: made, scaled up and down; whatever goes wrong, one more `up` and the cloud holds what is stated."""

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
from tests.end_to_end.life.stage import Stage, batch

pytestmark = pytest.mark.engine

OPERATIONS = {
    "create": Operation(None, batch(3, 3), CREATE),
    "scale": Operation(batch(2, 2), batch(4, 4), CREATE),
    "shrink": Operation(batch(4, 4), batch(2, 2), "DELETE /compute/*/servers/*"),
}


@pytest.mark.parametrize(("what", "kind", "said"), cells(["create", "scale"], ["shrink"]))
def test_what_goes_by_is_lived_through(what: str, kind: str, said: dict[str, Any], stage: Stage) -> None:
    lives_through(stage, OPERATIONS[what], kind, said)


@pytest.mark.parametrize("kind", ["no-valid-host", "quota", "error-after-build"])
def test_a_batch_below_its_least_is_taken_back_whole(kind: str, stage: Stage) -> None:
    fails(stage, OPERATIONS["create"], kind)
    assert stage.now() == {"servers": [], "volumes": [], "ports": []}
    stage.healed()


@pytest.mark.parametrize("kind", ["no-valid-host", "quota", "error-after-build"])
def test_a_larger_batch_that_does_not_come_leaves_the_members_that_were_there(kind: str, stage: Stage) -> None:
    stage.state(batch(2, 2))
    stage.healed()
    had = {one["id"] for one in stage.now()["servers"]}
    stage.state(batch(4, 4))
    stage.fault(kind, on=CREATE)
    ran = stage.up()
    assert ran.code != 0, ran.text
    assert {one["id"] for one in stage.now()["servers"]} == had
    stage.healed()
    assert had < {one["id"] for one in stage.now()["servers"]}


@pytest.mark.parametrize("what", OPERATIONS)
def test_a_killed_run_is_continued(what: str, stage: Stage) -> None:
    is_continued_after_a_kill(stage, OPERATIONS[what])
