"""What the state before a change tells: what exists, and the disks that native servers made."""

from __future__ import annotations

from typing import Any

from policy.facts.doomed import disks_of
from policy.facts.previous import parsed
from policy.native import NATIVE, NATIVE_BATCH

SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:x"}


def entry(token: str, name: str, **more: Any) -> dict[str, Any]:
    return {"urn": f"urn:pulumi:dev::p::{token}::{name}", "type": token, "custom": True, "id": f"id-{name}", **more}


def exported(*resources: dict[str, Any]) -> dict[str, Any]:
    return {"deployment": {"resources": list(resources)}}


def test_what_exists_is_kept_with_the_outputs_of_native_resources_alone() -> None:
    volume = entry("openstack:blockstorage/volume:Volume", "v", outputs={"disks": [1]})
    component = {**entry("ecs:index:Server", "web"), "custom": False}
    outputs = {"flavorRef": "f", "adminPass": SECRET, "user_data": SECRET, "members": [{"id": "a"}]}
    native = entry(NATIVE, "web", inputs={"flavorRef": "older", "disks": [{"name": "d"}]}, outputs=outputs)
    batch = entry(NATIVE_BATCH, "pool", outputs={"members": [{"id": "a"}]})
    found = {kept.name: kept for kept in parsed(exported(volume, component, native, batch))}
    assert set(found) == {"v", "web", "pool"}
    assert found["v"].outputs == {}
    assert found["web"].outputs == {"flavorRef": "f", "disks": [{"name": "d"}], "members": [{"id": "a"}]}
    assert found["pool"].outputs == {"members": [{"id": "a"}]}


def test_a_state_without_resources_holds_nothing() -> None:
    assert list(parsed({"deployment": {"resources": None}})) == []
    assert list(parsed({})) == []


def test_a_server_that_stays_in_the_cloud_deletes_no_disk() -> None:
    outputs = {
        "disks": [{"name": "d", "source_type": "blank", "delete_on_termination": True}],
        "volumes": [{"name": "d", "id": "v-1", "made": True}],
    }
    (goes,) = parsed(exported(entry(NATIVE, "web", outputs=outputs)))
    (stays,) = parsed(exported(entry(NATIVE, "web", outputs=outputs, retainOnDelete=True)))
    assert [one.id for one in disks_of(goes)] == ["v-1"]
    assert list(disks_of(stays)) == []
    assert list(disks_of(stays, {}, replaced=True)) == []
    # Taken out of a server that stays, it is deleted all the same.
    assert [one.id for one in disks_of(stays, {})] == ["v-1"]


def test_a_state_of_another_shape_is_no_crash() -> None:
    odd = {"disks": "x", "volumes": [None, {"name": "boot"}, {"name": "d", "made": True}], "boot": SECRET}
    (kept,) = parsed(exported(entry(NATIVE, "web", outputs=odd)))
    assert list(disks_of(kept)) == []
