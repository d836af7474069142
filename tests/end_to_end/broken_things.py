"""Broken resources whose requests are valid: what they name is wrong, which only the rest of the stack or the cloud tells."""

from __future__ import annotations

from tests.end_to_end.broken_resources import (
    BOOT,
    DEH,
    IMAGE,
    PORT,
    RAW_BOOT,
    VOLUME,
    Resource,
    disk,
    disks,
    documented,
    raw,
    raw_disk,
)

NOTHING = "00000000-0000-4000-8000-00000000dead"
FULL_IMAGE = "f0110000-0000-4000-8000-000000000002"
SYSTEM_DISK = "bd7e4f86-b004-4745-bea2-a55b1085f107"
DATA_DISK = "da7a0000-0002-4000-8000-000000000002"
DATA_SNAPSHOT = "da7a0000-5a00-4000-8000-000000000003"
GENEVE = "9e1ee7e0-0004-4000-8000-000000000004"
TAKEN_PORT = "e730a11c-1a19-49cc-8797-cee2ad67af6f"
BMS = "physical.s3.large"

TENANT = {
    "name": "tenant",
    "flavorRef": "s3.medium",
    "availability_zone": "az1-dc1",
    "networks": [{"port": TAKEN_PORT}],
    "block_device_mapping_v2": [disk(source_type="volume", volume_size=None, uuid=SYSTEM_DISK, boot_index=0)],
}
"""A server that is in the cloud already, and has the port and the disk."""

FIRST: dict[str, Resource] = {
    "disk-here": {
        "type": VOLUME,
        "inputs": {"name": "here", "size": 40, "imageId": IMAGE, "availabilityZone": "az1-dc1"},
    },
    "disk-there": {
        "type": VOLUME,
        "inputs": {"name": "there", "size": 40, "imageId": IMAGE, "availabilityZone": "az2-dc1"},
    },
    "lan": {"type": "openstack:networking/network:Network", "inputs": {"name": "lan"}},
    "nic-free": {"type": PORT, "inputs": {"name": "free", "networkId": {"$ref": "lan.id"}}},
    "nic-geneve": {"type": PORT, "inputs": {"name": "geneve", "networkId": GENEVE}},
    "apart": {
        "type": "openstack:compute/serverGroup:ServerGroup",
        "inputs": {"name": "apart", "policies": ["anti-affinity"]},
    },
}
"""What others refer to."""


def booted(uuid: object, **changes: object) -> Resource:
    """A raw instance that boots from an existing disk."""
    existing = raw_disk(sourceType="volume", volumeSize=None, volumeType=None, uuid=uuid, bootIndex=0)
    return raw(imageId=None, blockDevices=[existing], **changes)


VALID: dict[str, Resource] = {
    "valid-port": raw(networks=[{"port": {"$ref": "nic-free.id"}}]),
    "valid-disk": booted({"$ref": "disk-here.id"}),
    "valid-elsewhere": raw(flavorId="c3.xlarge", availabilityZone="az2-dc1"),
    "valid-host": documented(hints={"tenancy": "dedicated", "dedicated_host_id": DEH}),
}
"""What stands beside the broken ones, and of which nothing may be said."""

BROKEN: dict[str, tuple[Resource, ...]] = {
    "ECS-115": (documented(imageRef=FULL_IMAGE), raw(imageId=FULL_IMAGE)),
    "ECS-120": (documented(flavorRef="s9.nothing"), raw(keyPair="nobody")),
    "ECS-121": (documented(flavorRef="s1.medium"), raw(flavorId="c3.xlarge")),
    "ECS-207": (
        documented(
            imageRef=None,
            block_device_mapping_v2=[disk(source_type="snapshot", uuid=DATA_SNAPSHOT, boot_index=0)],
        ),
        raw(imageId=None, blockDevices=[raw_disk(sourceType="snapshot", uuid=DATA_SNAPSHOT, bootIndex=0)]),
    ),
    "ECS-212": (
        disks(disk(source_type="volume", volume_size=None, uuid=DATA_DISK), availability_zone="az2-dc1"),
        booted({"$ref": "disk-there.id"}),
    ),
    "ECS-216": (
        documented(flavorRef=BMS, imageRef=None, block_device_mapping_v2=[BOOT]),
        raw(flavorId=BMS, imageId=None, blockDevices=[RAW_BOOT]),
    ),
    "ECS-217": (disks(disk(source_type="volume", volume_size=None, uuid=SYSTEM_DISK)), booted(SYSTEM_DISK)),
    "ECS-305": (documented(networks=[{"uuid": GENEVE}]), raw(networks=[{"port": {"$ref": "nic-geneve.id"}}])),
    "ECS-306": (documented(networks=[{"port": TAKEN_PORT}]), raw(networks=[{"port": TAKEN_PORT}])),
    "ECS-506": (
        documented(flavorRef=BMS, hints={"tenancy": "shared"}),
        raw(flavorId=BMS, schedulerHints=[{"group": {"$ref": "apart.id"}}]),
    ),
}
