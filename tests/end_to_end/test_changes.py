"""What a change of the settings does to a server: in place, or another one in its stead, and nothing left over."""

from __future__ import annotations

from typing import Any

import openstack
import pytest

from provider.marker import KEY
from tests.end_to_end.project import Project

pytestmark = pytest.mark.engine

IMAGE = "6b344c54-d606-4e1a-a99e-a7d0250c3d14"
OTHER_IMAGE = "10ff4f01-35b6-4209-8397-359cb4475fa0"
TYPED = f"{{source_type: image, uuid: {IMAGE}, volume_size: 40, volume_type: SAS, delete_on_termination: true}}"
TWO_NICS = "[{network: lan}, {network: lan}]"
BLANK = "[{source_type: blank, volume_size: 2, delete_on_termination: true}]"


def stack(**changes: str) -> str:
    fields = {
        "flavor_ref": "s3.medium",
        "availability_zone": "az1-dc1",
        "boot": f"{{image_ref: {IMAGE}}}",
        "networks": "[{network: lan}]",
        "key_name": "test",
        "metadata": "{role: web}",
    } | changes
    lines = "".join(f"\n      {key}: {value}" for key, value in fields.items())
    network = "  ecs-stacks:networks: {lan: {cidr: 10.30.0.0/24}}\n"
    return f"config:\n  openstack:cloud: sandbox\n{network}  ecs-stacks:servers:\n    web:{lines}\n"


class Life:
    """A stack with one server, and a look at the cloud."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.cloud: Any = openstack.connect(cloud="sandbox")
        self.seeded = self.volumes()

    def volumes(self) -> set[str]:
        return {one.id for one in self.cloud.block_storage.volumes()}

    def up(self, **changes: str) -> Any:
        """The server after an `up` of the changed settings; one more `up` must find nothing to do."""
        self.project.state(stack(**changes))
        ran = self.project.pulumi("up", "--yes")
        assert ran.code == 0, ran.text
        again = self.project.pulumi("preview", "--expect-no-changes")
        assert again.code == 0, again.text
        servers = list(self.cloud.compute.servers())
        assert [one.status for one in servers] == ["ACTIVE"]
        return servers[0]


@pytest.fixture
def life(ours: Project, monkeypatch: pytest.MonkeyPatch) -> Life:
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(ours.cloud / "clouds.yaml"))
    return Life(ours)


@pytest.mark.nightly
def test_changes_in_place_keep_the_server(life: Life) -> None:
    first = life.up()
    bigger = life.up(flavor_ref="s3.xlarge.2", metadata="{role: db}", name="renamed")
    assert (bigger.id, bigger.name, bigger.flavor.name) == (first.id, "renamed", "s3.xlarge.2")
    assert {key: value for key, value in bigger.metadata.items() if key != KEY} == {"role": "db"}
    with_disk = life.up(disks=BLANK)
    assert with_disk.id == first.id
    assert len(with_disk.attached_volumes) == len(bigger.attached_volumes) + 1
    two_nics = life.up(networks=TWO_NICS)
    assert two_nics.id == first.id
    assert len([one for nics in two_nics.addresses.values() for one in nics]) == 2
    without = life.up()
    assert without.id == first.id
    assert len([one for nics in without.addresses.values() for one in nics]) == 1
    assert len(without.attached_volumes) == len(bigger.attached_volumes)


def created(project: Project) -> list[dict[str, Any]]:
    """The bodies of the create requests so far."""
    return [one["body"] for one in project.requests() if one["method"] == "POST" and one["path"].endswith("/servers")]


@pytest.mark.nightly
def test_another_placement_or_nic_reaches_the_server_that_replaces_the_first(life: Life) -> None:
    first = life.up()
    second = life.up(scheduler_hints="{tenancy: dedicated}", networks=TWO_NICS)
    assert second.id != first.id
    one, two = created(life.project)
    assert "os:scheduler_hints" not in one
    assert two["os:scheduler_hints"] == {"tenancy": "dedicated"}
    assert (len(one["server"]["networks"]), len(two["server"]["networks"])) == (1, 2)


@pytest.mark.nightly
def test_another_image_is_another_server_and_not_a_rebuild(life: Life) -> None:
    first = life.up()
    assert life.up(boot=f"{{image_ref: {OTHER_IMAGE}}}").id != first.id
    actions = [one for one in life.project.requests() if one["path"].endswith("/action")]
    assert [one for one in actions if "rebuild" in one["body"]] == []


@pytest.mark.nightly
@pytest.mark.parametrize(
    "change",
    [
        {"boot": TYPED.replace(IMAGE, OTHER_IMAGE)},
        {"user_data": "'#!/bin/sh'"},
    ],
    ids=str,
)
def test_a_replaced_server_gets_a_fresh_typed_disk_and_leaves_none_behind(change: dict[str, str], life: Life) -> None:
    first = life.up(boot=TYPED, disks=BLANK)
    disks = life.volumes() - life.seeded
    second = life.up(**{"boot": TYPED, "disks": BLANK} | change)
    assert second.id != first.id
    now = life.volumes() - life.seeded
    assert len(now) == len(disks) == 2
    assert len(now & disks) == 1, "the data disk stays, the boot disk is a fresh one"
    assert life.project.pulumi("destroy", "--yes").code == 0
    assert life.volumes() == life.seeded


def disk(name: str) -> str:
    return f"{{name: {name}, source_type: blank, volume_size: 2, delete_on_termination: true}}"


@pytest.mark.nightly
def test_removing_one_of_two_data_disks_takes_that_one(life: Life) -> None:
    life.up(disks=f"[{disk('logs')}, {disk('data')}]")
    before = {one.name: one.id for one in life.cloud.block_storage.volumes() if one.name.startswith("web-disk-")}
    life.up(disks=f"[{disk('data')}]")
    after = {one.name: one.id for one in life.cloud.block_storage.volumes() if one.name.startswith("web-disk-")}
    assert after == {"web-disk-data": before["web-disk-data"]}


def test_json_output_works_with_user_data_and_a_typed_disk(life: Life) -> None:
    life.project.state(stack(boot=TYPED, user_data="'#!/bin/sh'"))
    assert life.project.pulumi("preview", "--json").code == 0
    assert life.project.pulumi("up", "--yes", "--skip-preview", "--json").code == 0


@pytest.mark.nightly
def test_a_disk_that_is_to_outlive_its_server_does(life: Life) -> None:
    life.up(boot=TYPED.replace("true", "false"), disks=BLANK.replace("true", "false"))
    disks = life.volumes() - life.seeded
    assert life.project.pulumi("destroy", "--yes").code == 0
    assert len(disks) == 2
    assert life.volumes() - life.seeded == disks
