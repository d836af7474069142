"""The fault table of a batch: made, scaled up and down; whatever goes wrong, one more `up` and the cloud holds what is stated."""

from __future__ import annotations

from typing import Any

import pytest

from tests.end_to_end.life.stage import Stage, batch

pytestmark = pytest.mark.engine

CREATE = "POST /compute/*/servers"
DELETE = "DELETE /compute/*/servers/*"
PASSING: list[tuple[str, dict[str, Any]]] = [
    ("429", {"retry_after": 1}),
    ("503", {"times": 2}),
    ("drop-before", {}),
    ("drop-after", {}),
    ("slow-answer", {"seconds": 1}),
    ("expire-token", {}),
]
REQUESTS = {
    "create": (None, batch(3, 3), CREATE),
    "scale": (batch(2, 2), batch(4, 4), CREATE),
    "shrink": (batch(4, 4), batch(2, 2), DELETE),
}


@pytest.mark.parametrize(("kind", "said"), PASSING, ids=[kind for kind, _ in PASSING])
@pytest.mark.parametrize("operation", REQUESTS)
def test_what_goes_by_is_lived_through(operation: str, kind: str, said: dict[str, Any], stage: Stage) -> None:
    before, after, request = REQUESTS[operation]
    if before is not None:
        stage.state(before)
        stage.healed()
    stage.state(after)
    stage.fault(kind, on=request, **said)
    ran = stage.up()
    assert stage.met() > 0, "the fault never happened, so nothing was shown"
    assert ran.code == 0, ran.text
    stage.holds_what_is_stated()
    stage.healed()


@pytest.mark.parametrize("kind", ["no-valid-host", "quota", "error-after-build"])
def test_a_batch_below_its_least_is_taken_back_whole(kind: str, stage: Stage) -> None:
    stage.state(batch(3, 3))
    stage.fault(kind, on=CREATE)
    ran = stage.up()
    assert ran.code != 0, ran.text
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


@pytest.mark.parametrize("operation", REQUESTS)
def test_a_killed_run_is_continued(operation: str, stage: Stage) -> None:
    before, after, request = REQUESTS[operation]
    if before is not None:
        stage.state(before)
        stage.healed()
    stage.state(after)
    stage.fault("slow-answer", on=request, seconds=20)
    stage.killed("up", "--yes", "--skip-preview")
    stage.freed()
    stage.healed()
