"""A batch of a hundred asks the cloud for its members together: one creation, a list at each look, and none of them by itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.register_assert_rewrite("tests.end_to_end.life.stage")

from sandbox import daemon  # noqa: E402 - the line above must come first
from tests.end_to_end.life.stage import Stage, batch  # noqa: E402

pytestmark = pytest.mark.engine

MEMBERS = 100
BUILD, POLL = 2.0, 0.5
"""Seconds that a member takes to come up, and between two looks."""


@pytest.fixture
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A stack on a cloud of its own that has room for a hundred."""
    cloud = tmp_path_factory.mktemp("cloud")
    try:
        made = Stage(tmp_path_factory.mktemp("stack"), cloud)
        unlimited = dict.fromkeys(("instances", "cores", "ram", "volumes", "gigabytes", "port"), -1)
        made.settings(quota=unlimited, build_seconds=BUILD)
        done = made.project.pulumi("config", "set", "ecs:pollSeconds", str(POLL))
        assert done.code == 0, done.text
        yield made
    finally:
        daemon.stop(cloud)


def test_a_batch_of_a_hundred_is_one_creation_and_a_list_at_each_look(stage: Stage) -> None:
    since = len(stage.project.requests())
    stage.state(batch(MEMBERS, MEMBERS))
    ran = stage.up()
    assert ran.code == 0, ran.text
    asked = stage.project.requests()[since:]

    resource = next(one for one in stage.project.resources() if one["type"] == "ecs:compute:ServerBatch")
    members = resource["outputs"]["members"]
    assert len({one["id"] for one in members}) == MEMBERS
    assert {one["status"] for one in members} == {"ACTIVE"}
    assert (resource["outputs"]["active"], resource["outputs"]["shortfall"]) == (MEMBERS, 0)

    creations = [one for one in asked if one["method"] == "POST" and one["path"].endswith("/servers")]
    assert len(creations) == 1
    reads = [one["path"].partition("?")[0] for one in asked if one["method"] == "GET"]
    lists = [path for path in reads if path.endswith(("/servers", "/servers/detail"))]
    # One that looks for what an earlier run left, and one at each look.
    assert 2 <= len(lists) <= 1 + BUILD / POLL
    ids = [one["id"] for one in members]
    assert [one["path"] for one in asked if any(ident in one["path"] for ident in ids)] == [], "each look is a list"
    stage.holds_what_is_stated()
