"""The disks of a create call: which mappings are taken, which refused, and in which words."""

from __future__ import annotations

from typing import Any

from tests.contract.cloud import Cloud
from tests.contract.observe import Watch
from tests.contract.test_create_types import note

UNKNOWN = "00000000-0000-4000-8000-00000000dead"


def boot(cloud: Cloud, **more: Any) -> dict[str, Any]:
    """A mapping that boots from a new disk of the image; a keyword of `None` takes its key away."""
    made = {
        "source_type": "image",
        "destination_type": "volume",
        "uuid": cloud.image.id,
        "boot_index": 0,
        "volume_size": cloud.names.size,
        "delete_on_termination": True,
    }
    return {key: value for key, value in (made | more).items() if value is not None}


def post(cloud: Cloud, *disks: Any, version: str = "2.1", image: bool = False, **more: Any) -> Any:
    body = cloud.server(block_device_mapping_v2=list(disks), **({} if image else {"imageRef": None}), **more)
    return cloud.post(body, version)


def test_one_mapping(cloud: Cloud, see: Watch) -> None:
    for what, change in (
        ("quoted", {"boot_index": "0", "volume_size": str(cloud.names.size), "delete_on_termination": "true"}),
        ("boot_index absent", {"boot_index": None}),
        ("boot_index -1", {"boot_index": -1}),
        ("boot_index 1", {"boot_index": 1}),
        ("boot_index x", {"boot_index": "x"}),
        ("boot_index empty", {"boot_index": ""}),
        ("source absent", {"source_type": None}),
        ("source other", {"source_type": "tape"}),
        ("destination absent", {"destination_type": None}),
        ("destination other", {"destination_type": "cloud"}),
        ("destination local", {"destination_type": "local"}),
        ("uuid absent", {"uuid": None}),
        ("uuid no uuid", {"uuid": "image"}),
        ("uuid unknown", {"uuid": UNKNOWN}),
        ("size absent", {"volume_size": None}),
        ("size 0", {"volume_size": 0}),
        ("size -1", {"volume_size": -1}),
        ("size text", {"volume_size": "big"}),
        ("size 2.5", {"volume_size": 2.5}),
        ("delete text", {"delete_on_termination": "maybe"}),
        ("device_name", {"device_name": "/dev/vdz"}),
        ("device_name odd", {"device_name": "a b"}),
        ("guest_format", {"guest_format": "ext4"}),
        ("unknown key", {"colour": "red"}),
        ("tag", {"tag": "root"}),
        ("volume_type", {"volume_type": cloud.names.volume_type}),
    ):
        note(see, what, post(cloud, boot(cloud, **change)))
    note(see, "boot_index null", post(cloud, {**boot(cloud), "boot_index": None}))
    note(see, "size null", post(cloud, {**boot(cloud), "volume_size": None}))
    note(see, "volume_type at 2.67", post(cloud, boot(cloud, volume_type=cloud.names.volume_type), version="2.67"))
    note(see, "volume_type unknown at 2.67", post(cloud, boot(cloud, volume_type="no-such-type"), version="2.67"))
    note(see, "no list", cloud.post(cloud.server(block_device_mapping_v2={}, imageRef=None)))
    note(see, "null", cloud.post({**cloud.server(), "block_device_mapping_v2": None}))
    note(see, "empty list with image", post(cloud, image=True))
    note(see, "empty list without image", post(cloud))


def test_several_mappings(cloud: Cloud, see: Watch) -> None:
    data = {"source_type": "blank", "destination_type": "volume", "volume_size": 1, "delete_on_termination": True}
    size = cloud.names.size
    note(see, "boot and data", post(cloud, boot(cloud), {**data, "boot_index": -1}))
    note(see, "boot and data without boot_index", post(cloud, boot(cloud), data))
    note(see, "two boot disks", post(cloud, boot(cloud), boot(cloud)))
    note(see, "boot_index 0 and 2", post(cloud, boot(cloud), boot(cloud, boot_index=2)))
    note(see, "imageRef and data", post(cloud, {**data, "boot_index": -1}, image=True))
    note(see, "imageRef and boot", post(cloud, boot(cloud), image=True))
    note(see, "blank boot", post(cloud, {**data, "boot_index": 0, "volume_size": size}))
    note(see, "blank without size", post(cloud, boot(cloud), {key: data[key] for key in data if key != "volume_size"}))
    note(see, "blank with a uuid", post(cloud, boot(cloud), {**data, "uuid": cloud.image.id}))
    note(see, "batch of image disks", post(cloud, boot(cloud), min_count=2))


def test_existing_disks(cloud: Cloud, see: Watch) -> None:
    storage = cloud.connection.block_storage
    made = []
    for name, image in (("boot", cloud.image.id), ("data", None)):
        volume = storage.create_volume(name=f"{cloud.prefix}-{name}", size=cloud.names.size, image_id=image,
                                       availability_zone=cloud.names.zone)  # fmt: skip
        cloud.known[volume.id] = f"<{name}-volume>"
        cloud.later(lambda volume=volume: storage.delete_volume(volume))
        made.append(volume)
    for volume in made:
        storage.wait_for_status(volume, "available", interval=0.2, wait=60)
    bootable, data = made
    of = {"source_type": "volume", "destination_type": "volume", "boot_index": 0}
    note(see, "unknown", post(cloud, {**of, "uuid": UNKNOWN}))
    note(see, "no uuid", post(cloud, of))
    note(see, "not bootable", post(cloud, {**of, "uuid": data.id}))
    note(see, "in a batch", post(cloud, {**of, "uuid": bootable.id}, min_count=2))
    note(
        see,
        "without boot_index",
        post(cloud, {"source_type": "volume", "destination_type": "volume", "uuid": bootable.id}),
    )
    note(see, "snapshot unknown", post(cloud, {**of, "source_type": "snapshot", "uuid": UNKNOWN}))
    answer = post(cloud, {**of, "uuid": bootable.id, "delete_on_termination": False})
    note(see, "create", answer)
    server_id = answer.json()["server"]["id"]
    see("ends", cloud.settled(server_id))
    note(see, "in use", post(cloud, {**of, "uuid": bootable.id}))
    shown = cloud.show(server_id, "2.3")
    see("image", shown["image"])
    see("volumes", shown["os-extended-volumes:volumes_attached"])
    see("volume status", storage.get_volume(bootable.id).status)
    see("device", storage.get_volume(bootable.id).attachments[0]["device"])
    cloud.connection.compute.delete_server(server_id)
    cloud.until(lambda: storage.get_volume(bootable.id).status == "available", lambda: "the disk is not free")
