"""One broken resource for every restriction that must hold and that the request alone decides, in both forms where both can say it.

The names are those of the practice cloud, so that a broken resource has no second mistake that only the cloud knows of.
"""

from __future__ import annotations

from typing import Any

IMAGE = "b023fe17-11db-4efb-b800-78882a0e394b"
NETWORK = "fd40e6f8-942d-4b4e-a7ae-465287b02a2c"
DEH = "d0000001-de40-4000-8000-000000000001"
INSTANCE = "openstack:compute/instance:Instance"
SERVER = "ecs:index:Server"
BATCH = "ecs:index:ServerBatch"
VOLUME = "openstack:blockstorage/volume:Volume"
PORT = "openstack:networking/port:Port"

Resource = dict[str, Any]


def changed(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """A request with some keys changed, and without those that are None."""
    return {key: value for key, value in {**base, **changes}.items() if value is not None}


def documented(kind: str = SERVER, hints: Any = None, **changes: Any) -> Resource:
    """A resource with a body as the document writes it: valid but for the changes, of which None takes a key away."""
    server = {
        "name": "web",
        "flavorRef": "s3.medium",
        "imageRef": IMAGE,
        "availability_zone": "az1-dc1",
        "networks": [{"uuid": NETWORK}],
        "key_name": "test",
    }
    hinted = {} if hints is None else {"os:scheduler_hints": hints}
    return {"type": kind, "inputs": {"server": changed(server, changes), **hinted}}


def raw(**changes: Any) -> Resource:
    """A raw instance: valid but for the changes, of which None takes an input away."""
    server = {
        "name": "web",
        "flavorId": "s3.medium",
        "imageId": IMAGE,
        "availabilityZone": "az1-dc1",
        "networks": [{"uuid": NETWORK}],
        "keyPair": "test",
    }
    return {"type": INSTANCE, "inputs": changed(server, changes)}


def disk(**changes: Any) -> dict[str, Any]:
    """A blank data disk."""
    blank = {
        "source_type": "blank",
        "destination_type": "volume",
        "volume_size": 40,
        "boot_index": -1,
        "delete_on_termination": True,
    }
    return changed(blank, changes)


def raw_disk(**changes: Any) -> dict[str, Any]:
    """A blank data disk of a raw instance."""
    blank = {
        "sourceType": "blank",
        "destinationType": "volume",
        "volumeSize": 40,
        "bootIndex": -1,
        "deleteOnTermination": True,
    }
    return changed(blank, changes)


BOOT = disk(source_type="image", uuid=IMAGE, volume_type="SAS", boot_index=0)
RAW_BOOT = raw_disk(sourceType="image", uuid=IMAGE, volumeType="SAS", bootIndex=0)


def disks(*given: dict[str, Any], kind: str = SERVER, **changes: Any) -> Resource:
    """A body that boots from a disk beside the given ones."""
    return documented(kind, imageRef=None, block_device_mapping_v2=[BOOT, *given], **changes)


def raw_disks(*given: dict[str, Any]) -> Resource:
    """A raw instance that boots from a disk beside the given ones."""
    return raw(imageId=None, blockDevices=[RAW_BOOT, *given])


def hinted(**hints: Any) -> Resource:
    """A raw instance with hints that its inputs have no names for."""
    return raw(schedulerHints=[{"additionalProperties": hints}])


SNAPSHOT = disk(source_type="snapshot", uuid="df51997d-ee35-4fb3-a372-e2ac933a6565", boot_index=0)

FIRST: dict[str, Resource] = {
    "disk": {"type": VOLUME, "inputs": {"name": "data", "size": 10, "availabilityZone": "az1-dc1"}},
    "nic": {"type": PORT, "inputs": {"name": "nic", "networkId": NETWORK}},
    "nic-of-batch": {"type": PORT, "inputs": {"name": "nic-of-batch", "networkId": NETWORK}},
}
"""What others refer to."""

VALID: dict[str, Resource] = {
    "valid": documented(),
    "valid-raw": raw(),
    "valid-disks": disks(disk()),
    "valid-raw-disks": raw_disks(raw_disk()),
    "valid-batch": documented(BATCH, min_count=2, max_count=2),
}
"""What stands beside the broken ones, and of which nothing may be said."""

EXISTING = {"$ref": "disk.id"}
NIC = {"$ref": "nic.id"}

BROKEN: dict[str, tuple[Resource, ...]] = {
    "ECS-101": (documented(name="w" * 256), raw(name="w" * 256)),
    "ECS-102": (documented(flavorRef=None), raw(flavorId=None)),
    "ECS-103": (documented(availability_zone=None), raw(availabilityZone=None)),
    "ECS-104": (documented(block_device_mapping_v2=[BOOT]), raw(blockDevices=[RAW_BOOT])),
    "ECS-105": (documented(config_drive=True), raw(configDrive=True)),
    "ECS-106": (documented(**{"OS-DCF:diskConfig": "AUTO"}),),
    "ECS-107": (documented(auto_terminate_time="2030-09-25T12:05:00Z"),),
    "ECS-108": (documented(description="w" * 256),),
    "ECS-111": (documented(user_data="#!/bin/sh\n"), raw(userData="abcd")),
    "ECS-113": (documented(availability_zone="az1-dc1:host-7"), raw(availabilityZone="az1-dc1:host-7")),
    "ECS-114": (documented(publicip={"id": "eip"}),),
    "ECS-116": (documented(extendparam={"marketType": "spot"}),),
    "ECS-117": (documented(extendparam={"chargingMode": "prePaid"}),),
    "ECS-118": (documented(metadata={"tier": 1}), raw(metadata={"tier": "w" * 256})),
    "ECS-201": (disks(disk(source_type="backup")), raw_disks(raw_disk(sourceType="Blank"))),
    "ECS-202": (disks(disk(destination_type="local")), raw_disks(raw_disk(destinationType="local"))),
    "ECS-203": (disks(disk(guest_format="swap")), raw_disks(raw_disk(guestFormat="swap"))),
    "ECS-205": (disks(disk(boot_index=1)), raw_disks(raw_disk(bootIndex=None))),
    "ECS-206": (disks(BOOT), raw_disks(RAW_BOOT)),
    "ECS-208": (disks(disk(volume_size=None)), raw_disks(raw_disk(volumeSize=None))),
    "ECS-210": (disks(disk(uuid=IMAGE)), raw_disks(raw_disk(sourceType="snapshot"))),
    "ECS-301": (documented(networks=[]), raw(networks=[])),
    "ECS-302": (documented(networks=[{}]), raw(networks=[{"accessNetwork": True}])),
    "ECS-303": (
        documented(networks=[{"fixed_ip": "192.168.10.9"}]),
        raw(networks=[{"fixedIpV4": "192.168.10.9"}]),
    ),
    "ECS-401": (documented(BATCH, min_count=3, max_count=2),),
    "ECS-402": (documented(BATCH, imageRef=None, block_device_mapping_v2=[SNAPSHOT], max_count=2),),
    "ECS-403": (disks(kind=BATCH, max_count=2),),
    "ECS-404": (documented(BATCH, max_count=2, return_reservation_id="perhaps"),),
    "ECS-405": (documented(BATCH, max_count=2, networks=[{"port": {"$ref": "nic-of-batch.id"}}]),),
    "ECS-501": (documented(hints={"group": "web"}), raw(schedulerHints=[{"group": "web"}])),
    "ECS-503": (documented(hints={"cidr": "/24"}), raw(schedulerHints=[{"buildNearHostIp": "192.168.10.0"}])),
    "ECS-504": (documented(hints={"tenancy": "alone"}), hinted(tenancy="alone")),
    "ECS-505": (
        documented(hints={"tenancy": "shared", "dedicated_host_id": DEH}),
        hinted(tenancy="shared", dedicated_host_id=DEH),
    ),
}
