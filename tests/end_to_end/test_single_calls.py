"""Ten servers that are made at once ask the cloud for their progress together, and one that fails is taken back alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.register_assert_rewrite("tests.end_to_end.life.stage")

from sandbox import daemon  # noqa: E402 - the line above must come first
from tests.end_to_end.life.stage import Stage, server  # noqa: E402

pytestmark = pytest.mark.engine

SERVERS = 10
IMAGE = "24040000-0000-4000-8000-000000000001"


@pytest.fixture
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A stack on a cloud of its own where a server takes two seconds, ten looks, to come up."""
    cloud = tmp_path_factory.mktemp("cloud")
    try:
        made = Stage(tmp_path_factory.mktemp("stack"), cloud)
        made.settings(build_seconds=2.0)
        yield made
    finally:
        daemon.stop(cloud)


def test_servers_made_at_once_are_looked_at_when_they_are_new_and_when_they_are_done(stage: Stage) -> None:
    since = len(stage.project.requests())
    plain = {"boot": None, "disks": None, "imageRef": IMAGE}
    stage.state(*(server(_as=f"web-{number}", name=f"web-{number}", **plain) for number in range(SERVERS)))
    stage.fault("error-after-build", on="POST /compute/*/servers")
    ran = stage.up("--parallel", str(SERVERS))
    assert ran.code != 0
    assert "ended in ERROR" in ran.text
    assert "is deleted; the next `up` creates it afresh" in ran.text
    made = [one for one in stage.project.resources() if one["type"] == "ecs:compute:Server"]
    assert {one["outputs"]["status"] for one in made} == {"ACTIVE"}
    assert len(made) == SERVERS - 1

    log = stage.project.requests()[since:]
    assert [one["method"] for one in log].count("DELETE") == 1
    asked = [one for one in log if one["method"] == "GET"]
    assert any(one["path"].endswith("/servers/detail?status=BUILD") for one in asked)
    for one in made:
        own = [row["path"].rpartition("/")[2] for row in asked if one["id"] in row["path"]]
        # Where the list came too early it is looked at once more. It has the default group, and says so itself.
        assert own.count("os-interface") == 1
        assert 2 <= own.count(one["id"]) <= 4
        assert set(own) == {one["id"], "os-interface"}
    stage.healed()
