"""The example stack through its life: up, unchanged, shown, refreshed, gone."""

from __future__ import annotations

from typing import Any

import openstack
import pytest

from tests.end_to_end.project import ROOT, Project

pytestmark = pytest.mark.engine


def connect(project: Project, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(project.cloud / "clouds.yaml"))
    return openstack.connect(cloud="sandbox")


def made(cloud: Any) -> dict[str, set[str]]:
    """What is in the cloud, by kind."""
    return {
        "servers": {one.name for one in cloud.compute.servers()},
        "networks": {one.name for one in cloud.network.networks()},
        "ports": {one.id for one in cloud.network.ports()},
        "groups": {one.name for one in cloud.network.security_groups()},
        "rules": {one.id for one in cloud.network.security_group_rules()},
        "keys": {one.name for one in cloud.compute.keypairs()},
        "server groups": {one.name for one in cloud.compute.server_groups()},
        "volumes": {one.id for one in cloud.block_storage.volumes()},
    }


def test_the_life_of_the_example(ours: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    cloud = connect(ours, monkeypatch)
    before = made(cloud)
    ours.state((ROOT / "stacks" / "Pulumi.sandbox.yaml").read_text(encoding="utf-8"))

    up = ours.pulumi("up", "--yes")
    assert up.code == 0, up.text
    assert "warning: using" not in up.text
    web = {one.name: one for one in cloud.compute.servers()}
    assert {name: one.status for name, one in web.items()} == {"web-1": "ACTIVE", "web-2": "ACTIVE"}
    assert [address["addr"] for nics in web["web-1"].addresses.values() for address in nics] == ["10.20.0.10"]
    volumes = {one.name: one for one in cloud.block_storage.volumes()}
    assert (volumes["web-1-boot"].size, volumes["web-1-boot"].volume_type) == (40, "SAS")
    assert (volumes["web-1-disk-0"].size, volumes["web-1-disk-0"].volume_type) == (20, "SSD")
    assert {one["server_id"] for one in volumes["web-1-disk-0"].attachments} == {web["web-1"].id}

    again = ours.pulumi("up", "--yes")
    assert again.code == 0, again.text
    assert "unchanged" in again.text
    assert not any(word in again.text for word in ("to create", "to update", "to replace", "to delete"))

    clean = ours.pulumi("preview", "--refresh", "--diff", "--expect-no-changes")
    assert clean.code == 0, clean.text
    refreshed = ours.pulumi("refresh", "--yes", "--expect-no-changes")
    assert refreshed.code == 0, refreshed.text

    gone = ours.pulumi("destroy", "--yes")
    assert gone.code == 0, gone.text
    assert made(cloud) == before


def test_a_server_is_added_in_the_yaml_alone(ours: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    text = """
config:
  openstack:cloud: sandbox
  ecs-stacks:networks:
    lan: {cidr: 10.30.0.0/24}
  ecs-stacks:servers:
    one: &server
      flavor_ref: s3.medium
      availability_zone: az1-dc1
      boot: {image_ref: 6b344c54-d606-4e1a-a99e-a7d0250c3d14}
      networks: [{network: lan}]
      key_name: test
"""
    cloud = connect(ours, monkeypatch)
    ours.state(text)
    assert ours.pulumi("up", "--yes").code == 0
    first = {one.name: one.id for one in cloud.compute.servers()}
    ours.state(text + "    two: *server\n")
    added = ours.pulumi("up", "--yes")
    assert added.code == 0, added.text
    second = {one.name: one.id for one in cloud.compute.servers()}
    assert set(second) == {"one", "two"}
    assert second["one"] == first["one"]
