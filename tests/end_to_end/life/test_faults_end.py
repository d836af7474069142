"""The fault table of refreshing and deleting: a run that fails half way is finished by the next one."""

from __future__ import annotations

from typing import Any

import pytest

from tests.end_to_end.life.cells import cells
from tests.end_to_end.life.stage import Stage, batch, server

pytestmark = pytest.mark.engine

DELETIONS = {"server": "DELETE /compute/*/servers/*", "disk": "DELETE /volume/*/volumes/*"}
READS = {
    "server": "GET /compute/*/servers/*",
    "list": "GET /compute/*/servers/detail",
    "nics": "GET /compute/*/os-interface",
}
NOTHING: dict[str, list[Any]] = {"servers": [], "volumes": [], "ports": []}


@pytest.mark.parametrize(("request_", "kind", "said"), cells(["server"], ["disk"]))
def test_a_deletion_lives_through_it(request_: str, kind: str, said: dict[str, Any], stage: Stage) -> None:
    stage.state(server(), batch(2, 2))
    stage.healed()
    stage.state(batch(2, 2))
    stage.fault(kind, on=DELETIONS[request_], **said)
    ran = stage.up()
    assert stage.met() > 0, "the fault never happened, so nothing was shown"
    assert ran.code == 0, ran.text
    stage.holds_what_is_stated()
    stage.healed()


@pytest.mark.parametrize(("request_", "kind", "said"), cells([], ["server", "list", "nics"]))
def test_a_refresh_lives_through_it(request_: str, kind: str, said: dict[str, Any], stage: Stage) -> None:
    stage.state(server(), batch(2, 2))
    stage.healed()
    before = stage.project.resources()
    stage.fault(kind, on=READS[request_], **said)
    ran = stage.project.pulumi("refresh", "--yes", "--expect-no-changes")
    assert stage.met() > 0, "the fault never happened, so nothing was shown"
    assert ran.code == 0, ran.text
    after = stage.project.resources()
    assert [one["outputs"] for one in after if "outputs" in one] == [
        one["outputs"] for one in before if "outputs" in one
    ]
    stage.healed()


@pytest.mark.parametrize("request_", DELETIONS)
def test_a_killed_deletion_is_finished_by_the_next_run(request_: str, stage: Stage) -> None:
    stage.state(server(), batch(2, 2))
    stage.healed()
    stage.state(batch(2, 2))
    stage.fault("slow-answer", on=DELETIONS[request_], seconds=20)
    stage.killed("up", "--yes", "--skip-preview")
    stage.freed()
    stage.healed()


def test_a_killed_refresh_loses_nothing(stage: Stage) -> None:
    stage.state(server(), batch(2, 2))
    stage.healed()
    stage.fault("slow-answer", on=READS["server"], seconds=20)
    stage.killed("refresh", "--yes", "--skip-preview")
    stage.freed()
    stage.healed()


def test_a_cloud_that_stays_away_fails_the_run_within_the_limit_and_loses_nothing(stage: Stage) -> None:
    stage.state(server(), batch(2, 2))
    stage.healed()
    stage.state(batch(2, 2))
    assert stage.project.pulumi("config", "set", "ecs:retrySeconds", "2").code == 0
    stage.fault("503", on="* /compute/*", times=None)
    ran = stage.up()
    assert ran.code != 0
    assert "503" in ran.text
    assert "attempts in" in ran.text
    stage.no_faults()
    assert stage.project.pulumi("config", "set", "ecs:retrySeconds", "20").code == 0
    stage.healed()
    stage.state()
    stage.fault("503", on="GET /compute/*", times=1)
    assert stage.up().code == 0
    assert stage.now() == NOTHING
