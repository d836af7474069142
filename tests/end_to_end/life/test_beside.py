"""What others give to a server stays: a disk, a NIC and an address of plain plugin resources, and a network that is renamed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.end_to_end.life.stage import NETWORK, Stage, server

pytestmark = pytest.mark.engine


def test_what_plain_resources_attach_is_neither_taken_away_nor_drift(stage: Stage) -> None:
    web = {"name": "web", "type": "ecs:compute:Server", "inputs": server()}
    beside = [
        {
            "name": "more",
            "type": "openstack:blockstorage/volume:Volume",
            "inputs": {"size": 1, "availabilityZone": "az1-dc1"},
        },
        {
            "name": "more",
            "type": "openstack:compute/volumeAttach:VolumeAttach",
            "inputs": {"instanceId": {"$ref": "web.id"}, "volumeId": {"$ref": "more.id"}},
        },
        {
            "name": "nic",
            "type": "openstack:compute/interfaceAttach:InterfaceAttach",
            "inputs": {"instanceId": {"$ref": "web.id"}, "networkId": NETWORK},
        },
    ]
    assert stage.project.pulumi("config", "set", "openstack:cloud", "sandbox").code == 0
    file = stage.project.folder / "resources.json"
    entries: list[dict[str, Any]] = [web, *beside]
    file.write_text(json.dumps(entries), encoding="utf-8")
    ran = stage.up()
    assert ran.code == 0, ran.text
    (there,) = stage.now()["servers"]
    assert len(there["attached_volumes"]) == 3
    assert len(stage.now()["ports"]) == 2
    assert stage.project.pulumi("preview", "--refresh", "--expect-no-changes").code == 0
    web["inputs"] = server(metadata={"role": "db"}, disks=None)
    file.write_text(json.dumps(entries), encoding="utf-8")
    ran = stage.up()
    assert ran.code == 0, ran.text
    (now,) = stage.now()["servers"]
    assert (now["id"], len(now["attached_volumes"]), len(stage.now()["ports"])) == (there["id"], 2, 2)
    assert stage.project.pulumi("preview", "--refresh", "--expect-no-changes").code == 0


def test_a_network_that_is_renamed_is_the_same_network(stage: Stage) -> None:
    stage.state(server())
    stage.healed()
    name = stage.cloud.network.get_network(NETWORK).name
    stage.cloud.network.update_network(NETWORK, name="renamed")
    try:
        assert stage.project.pulumi("preview", "--refresh", "--expect-no-changes").code == 0
    finally:
        stage.cloud.network.update_network(NETWORK, name=name)
