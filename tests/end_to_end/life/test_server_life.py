"""The life of a server: what fails, what changes in place, what replaces it, what stands in the way, and how it ends."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.end_to_end.life.stage import IMAGE, NETWORK, OTHER_IMAGE, TYPED, Stage, disk, server

pytestmark = pytest.mark.engine

NOTHING: dict[str, list[Any]] = {"servers": [], "volumes": [], "ports": []}
CREATE = "POST /compute/*/servers"
FAULT = "the hypervisor is out of luck"


def only(stage: Stage) -> dict[str, Any]:
    """The one server that is there."""
    (there,) = stage.now()["servers"]
    return there


def disks(stage: Stage) -> dict[str, str]:
    """The disks that are there: name to id."""
    return {one["name"]: one["id"] for one in stage.now()["volumes"]}


def actions(stage: Stage, since: int) -> list[str]:
    """What was asked of servers since a moment."""
    asked = stage.project.requests()[since:]
    return [next(iter(one["body"])) for one in asked if re.search(r"/servers/[^/]+/action$", one["path"])]


class TestFailedCreation:
    def test_the_run_fails_with_the_clouds_own_words_and_leaves_nothing(self, stage: Stage) -> None:
        stage.state(server())
        stage.fault("error-after-build", on=CREATE, message=FAULT)
        ran = stage.up()
        assert ran.code != 0
        assert FAULT in ran.text
        (asked,) = [
            one for one in stage.project.requests() if one["method"] == "DELETE" and "/servers/" in one["path"]
        ][-1:]
        assert asked["path"].rsplit("/", 1)[-1] in ran.text, "the id of the server that failed is told"
        assert stage.now() == NOTHING
        assert stage.project.pulumi("preview", "--expect-no-changes").code != 0
        stage.healed()

    @pytest.mark.parametrize("refresh", [[], ["--refresh"]], ids=["plain", "refresh"])
    def test_kept_for_a_look_it_is_replaced_by_the_next_run(self, refresh: list[str], stage: Stage) -> None:
        stage.state(server(on_failure="keep"))
        stage.fault("error-after-build", on=CREATE, message=FAULT)
        ran = stage.up()
        assert ran.code != 0
        assert FAULT in ran.text
        broken = only(stage)
        assert (broken["status"], broken["id"] in ran.text) == ("ERROR", True)
        stage.fault("error-after-build", on=CREATE, message=FAULT)
        again = stage.up(*refresh)
        assert again.code != 0, "a run over a broken server must not be green"
        assert only(stage)["id"] != broken["id"]
        told = stage.project.pulumi("preview", *refresh)
        assert "replaced because it is broken" in told.text
        assert stage.up(*refresh).code == 0
        stage.holds_what_is_stated()

    def test_a_build_that_takes_too_long_is_taken_back(self, stage: Stage) -> None:
        stage.state(server(_timeouts={"create": "2s"}))
        stage.fault("slow-build", on=CREATE, seconds=60)
        ran = stage.up()
        assert ran.code != 0
        assert "time limit" in ran.text
        assert stage.now() == NOTHING
        stage.healed()

    def test_a_rollback_that_fails_leaves_it_on_record(self, stage: Stage) -> None:
        stage.state(server())
        stage.fault("error-after-build", on=CREATE, message=FAULT)
        stage.fault("503", on="DELETE /compute/*", times=None)
        ran = stage.up()
        assert ran.code != 0
        assert "Rolling back failed too" in ran.text
        assert only(stage)["id"] in ran.text
        stage.no_faults()
        stage.healed()


class TestDrift:
    def test_a_server_that_breaks_later_is_shown_and_replaced(self, stage: Stage) -> None:
        stage.state(server())
        stage.healed()
        first = only(stage)["id"]
        stage.breaks(first, FAULT)
        told = stage.project.pulumi("preview", "--refresh", "--expect-no-changes")
        assert told.code != 0
        assert FAULT in told.text
        assert stage.up("--refresh").code == 0
        stage.holds_what_is_stated()
        assert only(stage)["id"] != first

    def test_a_server_that_went_away_is_made_again(self, stage: Stage) -> None:
        stage.state(server(boot=None, imageRef=IMAGE, disks=None))
        stage.healed()
        stage.cloud.compute.delete_server(only(stage)["id"])
        assert stage.up("--refresh").code == 0
        stage.holds_what_is_stated()

    def test_what_somebody_changed_is_shown_and_put_back(self, stage: Stage) -> None:
        stage.state(server())
        stage.healed()
        there = only(stage)
        stage.cloud.compute.update_server(there["id"], name="mine")
        stage.cloud.compute.set_server_metadata(there["id"], role="theirs", more="kept")
        stage.cloud.compute.post(
            f"/servers/{there['id']}/os-interface", json={"interfaceAttachment": {"net_id": NETWORK}}
        )
        told = stage.project.pulumi("preview", "--refresh", "--diff")
        assert "mine" in told.text
        assert "theirs" in told.text
        assert stage.up("--refresh").code == 0
        now = only(stage)
        assert (now["id"], now["name"], now["metadata"]["role"]) == (there["id"], "web", "web")
        assert now["metadata"]["more"] == "kept", "what is not stated belongs to others"
        assert len(stage.now()["ports"]) == 2, "a NIC of somebody else's stays"


class TestConsent:
    PROTECTED = server(deletion_protection=True)

    @pytest.mark.parametrize(
        ("change", "word"),
        [
            ({"boot": TYPED | {"uuid": OTHER_IMAGE}}, "replace"),
            ({"user_data": "IyEvYmluL3NoCg=="}, "replace"),
        ],
        ids=["image", "user data"],
    )
    def test_a_protected_server_is_replaced_only_with_consent(
        self, change: dict[str, Any], word: str, stage: Stage
    ) -> None:
        stage.state(self.PROTECTED)
        stage.healed()
        first = only(stage)["id"]
        stage.state(self.PROTECTED | change)
        refused = stage.project.pulumi("preview")
        assert refused.code != 0
        assert f"consent: [{word}]" in refused.text
        assert stage.up().code != 0
        assert only(stage)["id"] == first
        stage.state(self.PROTECTED | change | {"consent": [word]})
        stage.healed()
        assert only(stage)["id"] != first
        stage.state(server(**change))
        stage.healed()

    def test_a_rebuild_needs_its_own_word(self, stage: Stage) -> None:
        plain = {"boot": None, "imageRef": IMAGE, "on_image_change": "rebuild", "deletion_protection": True}
        stage.state(server(**plain))
        stage.healed()
        first = only(stage)["id"]
        stage.state(server(**plain | {"imageRef": OTHER_IMAGE, "consent": ["replace"]}))
        refused = stage.project.pulumi("preview")
        assert refused.code != 0
        assert "consent: [rebuild]" in refused.text
        stage.state(server(**plain | {"imageRef": OTHER_IMAGE, "consent": ["rebuild"]}))
        told = stage.project.pulumi("preview")
        assert "wipes the system disk" in told.text
        stage.healed()
        assert only(stage)["id"] == first
        assert only(stage)["image"]["id"] == OTHER_IMAGE
        stage.state(server(**plain | {"imageRef": OTHER_IMAGE, "deletion_protection": False}))
        stage.healed()

    def test_a_protected_server_is_not_deleted(self, stage: Stage) -> None:
        stage.state(self.PROTECTED)
        stage.healed()
        stage.state()
        ran = stage.up()
        assert ran.code != 0
        assert "is protected" in ran.text
        stage.state(self.PROTECTED)
        stage.holds_what_is_stated()
        stage.state(server())
        stage.healed()


class TestInPlace:
    @pytest.mark.parametrize(
        ("change", "done"),
        [
            pytest.param({"name": "other"}, [], marks=pytest.mark.nightly),
            ({"description": "a web server"}, []),
            pytest.param({"tags": ["blue", "green"]}, [], marks=pytest.mark.nightly),
            ({"metadata": {"tier": "2"}}, []),
            ({"adminPass": "Another-Pass-2"}, ["changePassword"]),
            ({"flavorRef": "s3.xlarge.2"}, ["resize", "confirmResize"]),
            pytest.param({"power_state": "shutoff"}, ["os-stop"], marks=pytest.mark.nightly),
            pytest.param({"security_groups": ["default"]}, [], marks=pytest.mark.nightly),
            ({"networks": [{"uuid": NETWORK}, {"uuid": NETWORK}]}, []),
            ({"disks": None}, []),
            ({"disks": [disk("data"), disk("logs")]}, []),
            ({"disks": [disk("data", volume_size=5)]}, []),
        ],
        ids=lambda one: "-".join(one) if isinstance(one, dict) else "",
    )
    def test_it_keeps_the_server(self, change: dict[str, Any], done: list[str], stage: Stage) -> None:
        stage.state(server())
        stage.healed()
        first, since = only(stage)["id"], len(stage.project.requests())
        stage.state(server(**change))
        told = stage.project.pulumi("preview")
        assert "in place" in told.text
        assert "replace" not in told.text
        ran = stage.up()
        assert ran.code == 0, ran.text
        now = only(stage)
        assert now["id"] == first
        assert actions(stage, since) == done
        if "power_state" not in change:
            stage.holds_what_is_stated()
        if "description" in change:
            assert now["description"] == "a web server"
        if "tags" in change:
            assert sorted(
                now["tags"] or stage.cloud.compute.get(f"/servers/{first}/tags", microversion="2.26").json()["tags"]
            ) == ["blue", "green"]
        if "power_state" in change:
            assert now["status"] == "SHUTOFF"
        again = stage.project.pulumi("preview", "--refresh", "--expect-no-changes")
        assert again.code == 0, again.text

    def test_an_older_cloud_is_told_at_preview(self, stage: Stage) -> None:
        stage.settings(max_microversion="2.18")
        try:
            stage.state(server(description="a web server", tags=["blue"]))
            told = stage.project.pulumi("preview")
            assert told.code != 0
            assert "needs microversion 2.19, and this cloud's newest is 2.18" in told.text
            assert "needs microversion 2.26" in told.text
        finally:
            stage.settings(max_microversion="2.60")
        stage.state()

    def test_a_resize_without_room_leaves_the_server_and_says_so(self, stage: Stage) -> None:
        stage.state(server())
        stage.healed()
        stage.settings(hosts=0)
        try:
            stage.state(server(flavorRef="s3.xlarge.2"))
            ran = stage.up()
            assert ran.code != 0
            assert "was not resized" in ran.text
            assert only(stage)["flavor"]["original_name"] == "s3.medium"
        finally:
            stage.settings(hosts=8)
        stage.healed()

    def test_a_disk_that_shrinks_is_refused_at_preview(self, stage: Stage) -> None:
        stage.state(server(disks=[disk("data", volume_size=5)]))
        stage.healed()
        stage.state(server(disks=[disk("data", volume_size=4)]))
        told = stage.project.pulumi("preview")
        assert told.code != 0
        assert "cannot shrink" in told.text


class TestDisks:
    def test_data_disks_move_to_the_server_that_replaces_theirs(self, stage: Stage) -> None:
        stage.state(server())
        stage.healed()
        first, before = only(stage)["id"], disks(stage)
        stage.state(server(user_data="IyEvYmluL3NoCg=="))
        told = stage.project.pulumi("preview")
        assert "data disks data move to the new server" in told.text
        stage.healed()
        assert only(stage)["id"] != first
        after = disks(stage)
        assert after["web-disk-data"] == before["web-disk-data"]
        assert after["web-boot"] != before["web-boot"]

    def test_data_survives_a_replacement_that_fails(self, stage: Stage) -> None:
        stage.state(server())
        stage.healed()
        before = disks(stage)["web-disk-data"]
        stage.state(server(user_data="IyEvYmluL3NoCg=="))
        stage.fault("error-after-build", on=CREATE, message=FAULT)
        assert stage.up().code != 0
        assert disks(stage) == {"web-disk-data": before}
        stage.healed()
        assert disks(stage)["web-disk-data"] == before

    @pytest.mark.parametrize("goes", [True, False])
    def test_a_disk_is_deleted_or_kept_as_it_says(self, goes: bool, stage: Stage) -> None:
        stage.state(
            server(boot=TYPED | {"delete_on_termination": goes}, disks=[disk("data", delete_on_termination=goes)])
        )
        stage.healed()
        had = disks(stage)
        stage.state()
        assert stage.up().code == 0
        left = disks(stage)
        assert left == ({} if goes else had)
        # A disk that was kept is nobody's: a new server of the same name does not take it.
        stage.state(server())
        assert stage.up().code == 0
        assert not set(had.values()) & {one["id"] for one in stage.now()["volumes"] if one["attachments"]}
        stage.state()
        assert stage.up().code == 0
        for one in left.values():
            stage.cloud.block_storage.delete_volume(one)

    def test_another_zone_is_refused_while_a_data_disk_would_have_to_follow(self, stage: Stage) -> None:
        stage.state(server())
        stage.healed()
        stage.state(server(availability_zone="az2-dc1"))
        told = stage.project.pulumi("preview")
        assert told.code != 0
        assert "cannot follow to another AZ (ECS-212)" in told.text

    def test_snapshots_are_told_before_anything_is_deleted(self, stage: Stage) -> None:
        stage.state(server())
        stage.healed()
        snapshot = stage.cloud.block_storage.create_snapshot(
            volume_id=disks(stage)["web-disk-data"], force=True, name="s"
        )
        try:
            stage.state()
            ran = stage.up()
            assert ran.code != 0
            assert snapshot.id in ran.text
            assert "ECS-215" in ran.text
            stage.state(server())
            stage.holds_what_is_stated()
            stage.state(server(disks=None))
            ran = stage.up()
            assert ran.code != 0
            assert snapshot.id in ran.text
        finally:
            stage.cloud.block_storage.delete_snapshot(snapshot.id)
        stage.healed()


@pytest.mark.parametrize("state", ["ERROR", "pause", "suspend", "shelve", "os-stop"])
def test_a_server_is_deleted_in_whatever_state_it_is(state: str, stage: Stage) -> None:
    stage.state(server())
    stage.healed()
    there = only(stage)["id"]
    if state == "ERROR":
        stage.breaks(there)
    else:
        assert stage.cloud.compute.post(f"/servers/{there}/action", json={state: None}).status_code == 202
    stage.state()
    ran = stage.up()
    assert ran.code == 0, ran.text
    assert stage.now() == NOTHING
