"""Native servers through the real CLI with the pack: judged once, at the component's path, with their state and the cloud."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openstack
import pytest

from commands import deletion
from commands.failure import Failure
from tests.end_to_end import policy_events
from tests.end_to_end.policy_events import preview
from tests.end_to_end.project import Project, Ran, fresh_cloud, program

pytestmark = [
    pytest.mark.engine,
    # openstacksdk warns of its own inside, whatever one asks of it.
    pytest.mark.filterwarnings("ignore::openstack.warnings.RemovedInSDK50Warning"),
    pytest.mark.filterwarnings("ignore::openstack.warnings.RemovedInSDK60Warning"),
]

NATIVE = "ecs:compute:Server"
IMAGE = "6b344c54-d606-4e1a-a99e-a7d0250c3d14"
NETWORK = "79a68cef-0936-4e21-b1f4-b800ecb70246"
NOBODY = "0b4bc5a5-5a3b-4f6e-9d9b-5d5f0f8f1a11"
DATA = {
    "name": "data", "source_type": "blank", "volume_size": 2, "volume_type": "SAS", "delete_on_termination": True,
}  # fmt: skip


def server(**more: Any) -> dict[str, Any]:
    return {
        "name": "web", "flavorRef": "s3.medium", "availability_zone": "az1-dc1", "imageRef": IMAGE, "disks": [DATA],
        "networks": [{"uuid": NETWORK}], "adminPass": "Tr0ub4dor-and-3", "on_failure": "rollback",
        "on_image_change": "replace", "deletion_protection": False, "consent": [], **more,
    }  # fmt: skip


@pytest.fixture
def wire(tmp_path: Path, cloud: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    fresh_cloud(cloud)
    made = program("wire", tmp_path, cloud)
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(cloud / "clouds.yaml"))
    for key, value in (("cloud", "sandbox"), ("pollSeconds", "0.1")):
        assert made.pulumi("config", "set", f"ecs:{key}", value).code == 0
    return made


def state(project: Project, *entries: dict[str, Any]) -> None:
    (project.folder / "resources.json").write_text(json.dumps(entries), encoding="utf-8")


def native(**more: Any) -> dict[str, Any]:
    return {"name": "web", "type": NATIVE, "inputs": server(**more)}


def found(ran: Ran) -> set[tuple[str, str, str]]:
    """Each policy, the resource that it names, and the path that its text begins with."""
    return {
        (one["policyName"], name, one["message"].partition("\n")[2].strip().partition(": ")[0])
        for name, policies in policy_events.said(ran.text).items()
        for one in policies
    }


def deployed(project: Project) -> None:
    state(project, native())
    ran = project.pulumi("up", "--yes", "--skip-preview")
    assert ran.code == 0, ran.text


def with_snapshot() -> None:
    connection = openstack.connect(cloud="sandbox")
    (disk,) = [volume for volume in connection.block_storage.volumes() if volume.size == 2]
    connection.block_storage.create_snapshot(volume_id=disk.id, name="yesterday", force=True)
    connection.close()


def test_a_bare_native_server_is_judged_where_its_author_wrote_it(wire: Project) -> None:
    state(wire, native(networks=[{"uuid": NOBODY}], disks=[{**DATA, "volume_size": None}]))
    ran = preview(wire)
    assert {("ECS-120", "web", "networks[0].uuid"), ("ECS-208", "web", "disks[0].volume_size")} <= found(ran), ran.text
    told = [one["message"] for policies in policy_events.said(ran.text).values() for one in policies]
    assert not [text for text in told if "Tr0ub4dor-and-3" in text]


def test_what_a_component_makes_is_judged_once_at_the_components_path(wire: Project) -> None:
    disk = {"source_type": "volume", "destination_type": "volume", "boot_index": -1, "uuid": NOBODY}
    body = {
        key: value for key, value in server().items() if key in ("name", "flavorRef", "availability_zone", "imageRef")
    }
    body |= {"networks": [{"uuid": NETWORK}], "adminPass": "Tr0ub4dor-and-3", "block_device_mapping_v2": [disk]}
    data = {"name": "0", "source_type": "volume", "uuid": NOBODY, "delete_on_termination": False}
    component = {"name": "web", "type": "ecs:index:Server", "inputs": {"server": body}}
    state(wire, component, {**native(disks=[data]), "name": "made", "parent": "web"})
    ran = preview(wire)
    told = {one for one in found(ran) if one[0] == "ECS-120"}
    assert told == {("ECS-120", "web", "server.block_device_mapping_v2[0].uuid")}, ran.text


def test_the_facts_of_a_server_that_exists(wire: Project) -> None:
    deployed(wire)
    with_snapshot()
    assert found(preview(wire)) == set()

    state(wire, native(flavorRef="kc1.large.2", disks=[], networks=[{"uuid": NETWORK}, {"uuid": NOBODY}]))
    ran = preview(wire)
    assert {("ECS-120", "web", "networks[1].uuid"), ("ECS-215", "wire-dev", "web.disks[data]")} <= {
        (policy, "wire-dev" if policy == "ECS-215" else name, path) for policy, name, path in found(ran)
    }, ran.text

    state(wire, native(flavorRef="physical.s3.large"))
    assert {policy for policy, _, _ in found(preview(wire))} == {"ECS-216", "ECS-601"}

    # Another key is another server: the data disk moves on to it, or goes with the old one.
    state(wire, native(key_name="test"))
    assert "ECS-215" not in {policy for policy, _, _ in found(preview(wire))}
    state(wire, native(key_name="test", disks=[]))
    assert "ECS-215" in {policy for policy, _, _ in found(preview(wire))}

    state(wire)
    assert "ECS-215" in {policy for policy, _, _ in found(preview(wire))}


def test_what_is_new_to_a_server_is_judged_while_the_cloud_is_changed(wire: Project) -> None:
    deployed(wire)
    before = len(wire.changes())
    state(wire, native(networks=[{"uuid": NETWORK}, {"uuid": NOBODY}]))
    ran = wire.pulumi("up", "--yes", "--skip-preview")
    assert ran.code != 0
    assert "networks[1].uuid: names the network" in ran.text, ran.text
    assert len(wire.changes()) == before


def test_down_finds_the_snapshots_of_what_a_native_server_made(wire: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    deployed(wire)
    monkeypatch.setattr("commands.deletion.ROOT", wire.folder)
    deletion.check(wire.stack, wire.environment())
    with_snapshot()
    with pytest.raises(Failure, match=r"web\.disks\[data\].*is a disk with 1 snapshots \(yesterday\).*\[ECS-215,"):
        deletion.check(wire.stack, wire.environment())
