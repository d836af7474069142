"""How volumes look to a client, by microversion."""

from typing import Any

from sandbox.clock import micros
from sandbox.faults import Json
from sandbox.routing import Call

SERVICE_ID = "0c1de500-0000-4000-8000-000000000001"
"""The id of the one service that keeps all volumes."""


def volume_json(call: Call, volume: Json, *, single: bool = True) -> Json:
    """Return a volume as Cinder shows it; not `single` is how the answer to a change shows it: without its owner."""
    made, changed = volume["created_at"], volume.get("updated_at")
    shown = {
        "id": volume["id"],
        "name": volume["name"],
        "description": volume["description"],
        "status": volume["status"],
        "size": volume["size"],
        "availability_zone": volume["availability_zone"],
        "volume_type": volume["volume_type"],
        "bootable": "true" if volume["bootable"] else "false",
        "snapshot_id": volume["snapshot_id"],
        "source_volid": volume["source_volid"],
        "metadata": volume["metadata"],
        "attachments": [_attachment(one) for one in call.world.store.all("attachment", volume_id=volume["id"])],
        "encrypted": False,
        "multiattach": False,
        "consistencygroup_id": None,
        "replication_status": None,
        "user_id": call.world.store.note("user_id"),
        "created_at": micros(made),
        "updated_at": None if changed is None else micros(changed),
        "links": links(call, "volumes", volume["id"]),
    }
    if single:
        shown["os-vol-tenant-attr:tenant_id"] = call.project_id
        if about := image_metadata(call, volume):
            shown["volume_image_metadata"] = about
    return shown | _newer(call, volume, single=single)


def _newer(call: Call, volume: Json, *, single: bool) -> Json:
    kind = next(
        (one["id"] for one in call.world.store.all("volume_type") if one["name"] == volume["volume_type"]), None
    )
    newer: list[tuple[int, str, Any]] = [
        (13, "group_id", None),
        (48, "shared_targets", not single),
        (48, "service_uuid", SERVICE_ID if single else None),
        (61, "cluster_name", None),
        (63, "volume_type_id", kind),
        (65, "consumes_quota", True),
    ]
    shown = {key: value for since, key, value in newer if call.version >= (3, since)}
    # Plain users do not see which cluster holds their volume.
    shown.pop("cluster_name", None)
    if call.version >= (3, 47):
        shown["backup_id"] = volume.get("backup_id")
    return shown


def image_metadata(call: Call, volume: Json) -> dict[str, str]:
    """Return what a volume remembers of its image, all of it text, and what was set on it later."""
    about: dict[str, str] = {}
    if volume["image_id"]:
        image = call.world.store.get("image", volume["image_id"]) or {"name": "", "properties": {}}
        about = {key: str(value) for key, value in image["properties"].items()}
        about |= {"image_id": volume["image_id"], "image_name": image["name"]}
        for key in ("checksum", "container_format", "disk_format", "min_disk", "min_ram", "size"):
            if image.get(key) is not None:
                about[key] = str(image[key])
    about |= volume.get("image_metadata", {})
    return about


def _attachment(one: Json) -> Json:
    # The id is the volume's: clients hand it to Nova's os-volume_attachments, which knows attachments by volume.
    return {
        "id": one["volume_id"],
        "attachment_id": one["id"],
        "volume_id": one["volume_id"],
        "server_id": one["server_id"],
        "device": one["device"],
        "host_name": None,
        "attached_at": micros(one["attached_at"]),
    }


def links(call: Call, things: str, thing_id: str) -> list[Json]:
    """Return the two links of a volume, a backup, ...: `self` with the API version, `bookmark` without."""
    return [
        {"rel": "self", "href": f"{call.base}/volume/v3/{call.project_id}/{things}/{thing_id}"},
        {"rel": "bookmark", "href": f"{call.base}/volume/{call.project_id}/{things}/{thing_id}"},
    ]
