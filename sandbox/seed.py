"""The world that a new sandbox begins with, from `seed.toml`."""

import hashlib
import tomllib
from pathlib import Path
from typing import Any

from sandbox.cinder.model import snapshot_record, volume_record
from sandbox.deh.hosts import host_record
from sandbox.faults import Json
from sandbox.glance.model import image_record
from sandbox.neutron.model import network_record, open_port, rule_record, security_group_record, subnet_record
from sandbox.nova.keypairs import keypair_record
from sandbox.world import World

SHAPE = "3"
"""Counts the changes of what a record holds."""
_FILE = Path(__file__).with_name("seed.toml")


def load() -> dict[str, Any]:
    """Return the seed world as data."""
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


def fill(world: World) -> None:
    """Put the seed world into an empty store; does nothing where there is one already."""
    if world.store.note("shape") != SHAPE:
        # What an older sandbox wrote cannot be read: its records lack what this one looks for.
        world.store.wipe(keep="")
        _plant(world, load())


def reset(world: World) -> None:
    """Replace everything by the seed world; tokens stay good, so that clients need not log in again."""
    world.store.wipe(keep="token")
    _plant(world, load())


def _plant(world: World, data: dict[str, Any]) -> None:
    store = world.store
    store.remember("shape", SHAPE)
    store.remember("project_id", data["project_id"])
    store.remember("user_id", data["user_id"])
    for place, zone in enumerate(data["availability_zones"]):
        store.add("zone", {"id": zone, "place": place})
    for service, limits in data["quota"].items():
        store.add("quota", {"id": service, "limits": limits})
    for flavor in data["flavor"]:
        store.add("flavor", flavor)
    for image in data["image"]:
        store.add("image", _image(world, image))
    _plant_networks(world, data)
    for pair in data["keypair"]:
        store.add("keypair", keypair_record(world, pair["name"], pair["public_key"]))
    _plant_disks(world, data)
    for host in data["dedicated_host"]:
        store.add("dedicated_host", host_record(world, host))


def _image(world: World, image: Json) -> Json:
    record = image_record(world, image["name"], id=image["id"], min_disk=image["min_disk"], ours=False)
    return record | {
        "status": "active",
        "visibility": "public",
        "container_format": "bare",
        "disk_format": "qcow2",
        "size": 2_361_393_152,
        "checksum": hashlib.md5(image["id"].encode(), usedforsecurity=False).hexdigest(),
        "os_hash_value": hashlib.sha512(image["id"].encode()).hexdigest(),
        "properties": {"os_type": "linux", "architecture": "x86_64", **image.get("properties", {})},
    }


def _plant_networks(world: World, data: dict[str, Any]) -> None:
    for group in data["security_group"]:
        record = security_group_record(world, group["name"], group["description"])
        world.store.add("security_group", record | {"id": group["id"]})
        for ethertype in ("IPv4", "IPv6"):
            of_default = {"belongs_to_default_sg": group["name"] == "default"}
            world.store.add("rule", rule_record(world, group["id"], "egress", ethertype, **of_default))
            if group["name"] == "default":
                given = of_default | {"remote_group_id": group["id"]}
                world.store.add("rule", rule_record(world, group["id"], "ingress", ethertype, **given))
    for network in data["network"]:
        record = network_record(world, network["name"], network_type=network.get("type", "vxlan"))
        more = {"id": network["id"], "router:external": network.get("external", False), "shared": False}
        world.store.add("network", record | more)
        subnet = subnet_record(world, network["id"], network["cidr"], name=network["name"])
        world.store.add("subnet", subnet | {"id": network["subnet_id"]})
    for port in data["port"]:
        network = world.store.get("network", port["network_id"]) or {}
        open_port(world, network, port_id=port["id"], name=port["name"])


def _plant_disks(world: World, data: dict[str, Any]) -> None:
    for kind in data["volume_type"]:
        default = kind["name"] == data["default_volume_type"]
        world.store.add("volume_type", {"extra_specs": {}, **kind, "default": default})
    for volume in data["volume"]:
        record = volume_record(world, volume["size"], name=volume["name"], zone=volume["zone"], kind=volume["type"])
        del record["later"]
        more = {"id": volume["id"], "status": "available", "bootable": volume["bootable"]}
        world.store.add("volume", record | more | {"image_id": volume.get("image_id")})
    for snapshot in data["snapshot"]:
        volume = world.store.get("volume", snapshot["volume_id"]) or {}
        record = snapshot_record(world, volume, snapshot["name"], id=snapshot["id"], status="available")
        del record["later"]
        world.store.add("snapshot", record)
