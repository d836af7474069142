"""The life of a batch: between least and most, scaling, healing of single members, import, Ctrl-C."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from typing import Any

import pytest

from tests.end_to_end.life.stage import LIMIT, Stage, batch, server

pytestmark = pytest.mark.engine


def outputs(stage: Stage, kind: str = "ecs:compute:ServerBatch") -> dict[str, Any]:
    return next(one["outputs"] for one in stage.project.resources() if one["type"] == kind)


def creates(stage: Stage, since: int = 0) -> list[dict[str, Any]]:
    asked = stage.project.requests()[since:]
    return [one for one in asked if one["method"] == "POST" and one["path"].endswith("/servers")]


def test_one_request_makes_all_and_the_outputs_tell_them(stage: Stage) -> None:
    since = len(stage.project.requests())
    stage.state(batch(3, 3))
    stage.healed()
    (made,) = creates(stage, since)
    sent = made["body"]["server"]
    assert (sent["min_count"], sent["max_count"], sent["return_reservation_id"]) == (3, 3, True)
    said = outputs(stage)
    there = {one["id"]: one for one in stage.now()["servers"]}
    assert {one["id"] for one in said["members"]} == set(there)
    assert {one["name"] for one in said["members"]} == {"pool-1", "pool-2", "pool-3"}
    assert all(one["addresses"] and one["status"] == "ACTIVE" and one["host_id"] for one in said["members"])
    assert (len(said["reservation_ids"]), said["active"], said["shortfall"]) == (1, 3, 0)
    assert stage.project.pulumi("preview", "--refresh", "--expect-no-changes").code == 0


def test_between_least_and_most_is_a_success_with_a_shortfall_that_the_next_run_tops_up(stage: Stage) -> None:
    stage.settings(quota={"instances": 2})
    try:
        stage.state(batch(1, 4))
        ran = stage.up()
        assert ran.code == 0, ran.text
        assert len(stage.now()["servers"]) == 2
        assert (outputs(stage)["active"], outputs(stage)["shortfall"]) == (2, 2)
        assert stage.project.pulumi("preview", "--expect-no-changes").code != 0, "the next run has something to do"
    finally:
        stage.settings(quota={"instances": 100})
    stage.healed()
    assert outputs(stage)["shortfall"] == 0


def test_scaling_up_is_one_more_request_and_down_removes_the_newest_or_the_named(stage: Stage) -> None:
    stage.state(batch(2, 2))
    stage.healed()
    first = [one["id"] for one in outputs(stage)["members"]]
    since = len(stage.project.requests())
    stage.state(batch(2, 5))
    stage.healed()
    (more,) = creates(stage, since)
    assert more["body"]["server"]["max_count"] == 3
    assert len(outputs(stage)["reservation_ids"]) == 2
    members = outputs(stage)["members"]
    assert [one["id"] for one in members][:2] == first
    stage.state(batch(2, 4))
    stage.healed()
    assert [one["id"] for one in outputs(stage)["members"]] == [one["id"] for one in members][:4]
    stage.state(batch(2, 3, remove=[members[0]["name"]]))
    told = stage.project.pulumi("preview")
    assert f"{members[0]['name']} will be DELETED" in told.text
    stage.healed()
    assert [one["id"] for one in outputs(stage)["members"]] == [one["id"] for one in members][1:4]
    assert stage.project.pulumi("preview", "--expect-no-changes").code == 0


def test_a_name_that_is_no_member_is_refused_at_preview(stage: Stage) -> None:
    stage.state(batch(2, 2))
    stage.healed()
    stage.state(batch(1, 1, remove=["pool-7"]))
    told = stage.project.pulumi("preview")
    assert told.code != 0
    assert "pool-7" in told.text
    assert "pool-1" in told.text
    stage.state(batch(2, 2))


@pytest.mark.parametrize("how", ["deleted", pytest.param("broken", marks=pytest.mark.nightly)])
def test_a_member_that_goes_or_breaks_is_shown_and_healed(how: str, stage: Stage) -> None:
    stage.state(batch(3, 3))
    stage.healed()
    victim = outputs(stage)["members"][1]
    if how == "deleted":
        stage.cloud.compute.delete_server(victim["id"])
    else:
        stage.breaks(victim["id"])
    drift = stage.project.pulumi("refresh", "--preview-only", "--expect-no-changes")
    assert drift.code != 0, drift.text
    told = stage.project.pulumi("preview", "--refresh")
    assert "members: 2 of 3 are up" in told.text
    assert stage.up("--refresh").code == 0
    stage.holds_what_is_stated()
    assert victim["id"] not in {one["id"] for one in stage.now()["servers"]}


def test_another_image_replaces_the_batch_and_metadata_does_not(stage: Stage) -> None:
    stage.state(batch(2, 2))
    stage.healed()
    first = {one["id"] for one in outputs(stage)["members"]}
    stage.state(batch(2, 2, metadata={"role": "db", "more": "1"}))
    stage.healed()
    assert {one["id"] for one in outputs(stage)["members"]} == first
    stage.state(batch(2, 2, flavorRef="s3.xlarge.2"))
    assert "replace" in stage.project.pulumi("preview").text
    stage.healed()
    assert not first & {one["id"] for one in outputs(stage)["members"]}


def test_import_takes_a_batch_by_its_reservation(stage: Stage) -> None:
    body = {
        "name": "pool", "flavorRef": "s3.medium", "imageRef": batch(1, 1)["imageRef"], "availability_zone": "az1-dc1",
        "networks": batch(1, 1)["networks"], "min_count": 2, "max_count": 2, "return_reservation_id": True, "metadata": {"role": "pool"},
    }  # fmt: skip
    reservation = stage.cloud.compute.post("/servers", json={"server": body}).json()["reservation_id"]
    time.sleep(0.5)
    done = stage.project.pulumi(
        "import", "ecs:compute:ServerBatch", "pool", reservation, "--yes", "--protect=false", "--generate-code=false"
    )
    assert done.code == 0, done.text
    ids = {one["id"] for one in outputs(stage)["members"]}
    assert len(ids) == 2
    stage.state(batch(2, 2))
    stage.healed()
    assert {one["id"] for one in outputs(stage)["members"]} == ids


def test_only_the_target_changes(stage: Stage) -> None:
    stage.state(batch(1, 1), server())
    stage.healed()
    urn = next(one["urn"] for one in stage.project.resources() if one["type"] == "ecs:compute:ServerBatch")
    stage.state(batch(2, 2), server(metadata={"role": "other"}))
    assert stage.up("--target", urn).code == 0
    web = next(one for one in stage.now()["servers"] if one["name"] == "web")
    assert web["metadata"]["role"] == "web"
    assert len(stage.now()["servers"]) == 3
    stage.healed()


def test_ctrl_c_leaves_what_the_next_run_goes_on_with(stage: Stage) -> None:
    stage.state(batch(3, 3), server())
    stage.fault("slow-build", seconds=8, times=2)
    running = subprocess.Popen(
        ["pulumi", "up", "--yes", "--skip-preview", "--non-interactive"], cwd=stage.project.folder,
        env=stage.project.environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    end = time.monotonic() + LIMIT
    while len(stage.now()["servers"]) < 4:
        assert time.monotonic() < end
        assert running.poll() is None
        time.sleep(0.05)
    running.send_signal(signal.SIGINT)
    text, _ = running.communicate(timeout=LIMIT)
    assert running.returncode != 0
    assert "the next `up` goes on with it" in text
    ids = {one["id"] for one in stage.now()["servers"]}
    stage.healed()
    assert {one["id"] for one in stage.now()["servers"]} == ids, json.dumps(text)
