"""What the next run makes of what it finds: a dead run's server, one that is gone or broken, a batch kept for a look, another cloud."""

from __future__ import annotations

import time
from typing import Any

import pytest
import yaml

from provider.marker import KEY
from tests.end_to_end.life.stage import LIMIT, OTHER_IMAGE, TYPED, Stage, batch, server

pytestmark = pytest.mark.engine

CREATE = "POST /compute/*/servers"
FAULT = "the hypervisor is out of luck"


def only(stage: Stage) -> dict[str, Any]:
    (there,) = stage.now()["servers"]
    return there


def killed_while_creating(stage: Stage, *stated: dict[str, Any]) -> None:
    stage.state(*stated)
    stage.fault("slow-answer", on=CREATE, seconds=20)
    stage.killed("up", "--yes", "--skip-preview")
    stage.no_faults()
    stage.freed()


def test_a_dead_runs_server_is_brought_to_what_is_stated_by_now(stage: Stage) -> None:
    killed_while_creating(stage, server())
    first = only(stage)["id"]
    stage.state(server(name="other", metadata={"role": "db"}))
    ran = stage.up()
    assert ran.code == 0, ran.text
    assert f"found server {first}, which an earlier run made" in ran.text
    stage.holds_what_is_stated()
    assert only(stage)["id"] == first
    assert stage.project.pulumi("preview", "--refresh", "--expect-no-changes").code == 0


def test_a_dead_runs_server_that_was_made_with_other_arguments_is_told_and_left_alone(stage: Stage) -> None:
    killed_while_creating(stage, server())
    first = only(stage)["id"]
    stage.state(server(boot=TYPED | {"uuid": OTHER_IMAGE}))
    ran = stage.up()
    assert ran.code != 0
    assert f"openstack server delete {first}" in ran.text
    assert f"openstack server unset --property {KEY} {first}" in ran.text
    assert [one["id"] for one in stage.now()["servers"]] == [first]
    stage.cloud.compute.delete_server(first)
    end = time.monotonic() + LIMIT
    while stage.now()["servers"]:
        assert time.monotonic() < end
        time.sleep(0.05)
    ran = stage.up()
    assert ran.code == 0, ran.text
    for disk in stage.now()["volumes"]:
        if not disk["attachments"]:
            assert disk["id"] in ran.text, "a disk of the dead run that fits nothing is told"
            stage.cloud.block_storage.delete_volume(disk["id"])
    stage.holds_what_is_stated()


@pytest.mark.parametrize("how", ["gone", "broken"])
def test_what_befell_a_server_is_met_by_a_change_and_healed_by_the_next_run_without_a_refresh(
    how: str, stage: Stage
) -> None:
    stage.state(server())
    stage.healed()
    first = only(stage)["id"]
    if how == "gone":
        stage.cloud.compute.delete_server(first)
    else:
        stage.breaks(first, FAULT)
    stage.state(server(metadata={"role": "db"}))
    met = stage.up()
    assert met.code != 0
    assert first in met.text
    if how == "broken":
        assert FAULT in met.text
    stage.healed()
    assert only(stage)["id"] != first


def test_a_batch_is_kept_for_a_look_and_replaced_by_the_next_run(stage: Stage) -> None:
    stage.state(batch(2, 2, on_failure="keep"))
    stage.fault("error-after-build", on=CREATE, message=FAULT)
    ran = stage.up()
    assert ran.code != 0
    assert FAULT in ran.text
    broken = {one["id"] for one in stage.now()["servers"]}
    assert {one["status"] for one in stage.now()["servers"]} == {"ERROR"}
    stage.healed()
    assert not broken & {one["id"] for one in stage.now()["servers"]}


def test_another_name_of_the_same_cloud_changes_nothing_and_another_region_replaces(stage: Stage) -> None:
    stage.state(server())
    stage.healed()
    first = only(stage)["id"]
    file = stage.folder / "clouds.yaml"
    before = file.read_text(encoding="utf-8")
    clouds = yaml.safe_load(before)
    clouds["clouds"]["alias"] = clouds["clouds"]["sandbox"]
    clouds["clouds"]["elsewhere"] = clouds["clouds"]["sandbox"] | {"region_name": "elsewhere"}
    file.write_text(yaml.safe_dump(clouds), encoding="utf-8")
    try:
        stage.project.pulumi("config", "set", "ecs:cloud", "alias")
        assert stage.up().code == 0
        assert only(stage)["id"] == first
        stage.project.pulumi("config", "set", "ecs:cloud", "elsewhere")
        told = stage.project.pulumi("preview")
        assert "replace" in told.text
    finally:
        stage.project.pulumi("config", "set", "ecs:cloud", "sandbox")
        assert stage.up().code == 0
        file.write_text(before, encoding="utf-8")


def test_a_batch_and_a_server_are_replaced_in_one_run(stage: Stage) -> None:
    stage.state(server(), batch(2, 2))
    stage.healed()
    stage.state(server(user_data="IyEvYmluL3NoCg=="), batch(2, 2, flavorRef="s3.xlarge.2"))
    stage.fault("slow-answer", on="DELETE /compute/*", seconds=1, times=2, server="pool-*")
    stage.healed()


def test_a_dead_runs_batch_that_was_made_with_other_arguments_is_told_and_left_alone(stage: Stage) -> None:
    killed_while_creating(stage, batch(2, 2))
    there = {one["id"] for one in stage.now()["servers"]}
    stage.state(batch(2, 2, flavorRef="s3.xlarge.2"))
    ran = stage.up()
    assert ran.code != 0
    assert "openstack server delete" in ran.text
    assert all(one in ran.text for one in there)
    assert {one["id"] for one in stage.now()["servers"]} == there
    stage.state(batch(2, 2))
    stage.healed()
    assert {one["id"] for one in stage.now()["servers"]} == there
