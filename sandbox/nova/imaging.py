"""Images made of a server: `createImage` and `createBackup`."""

from typing import Any

from sandbox.faults import Json
from sandbox.glance.model import image_record, remove
from sandbox.routing import Answer, Call


def create_image(call: Call, server: Json, given: Any) -> Answer:
    """Begin an image of a server; it is `active` when the build time is over."""
    wanted = given if isinstance(given, dict) else {}
    about = {"image_type": "snapshot", **(wanted.get("metadata") or {})}
    return _answer(call, _image(call, server, wanted.get("name"), about))


def create_backup(call: Call, server: Json, given: Any) -> Answer:
    """Begin an image that is one of a row of backups; the oldest ones beyond `rotation` go away."""
    wanted = given if isinstance(given, dict) else {}
    kind, keep = str(wanted["backup_type"]), int(wanted["rotation"])
    about = {"image_type": "backup", "backup_type": kind, **(wanted.get("metadata") or {})}
    image = _image(call, server, wanted.get("name"), about)
    same = {"image_type": "backup", "backup_type": kind, "instance_uuid": server["id"]}
    row = [one for one in call.world.store.all("image") if same.items() <= one["properties"].items()]
    for old in row[: len(row) - keep] if keep else row:
        remove(call.world, old)
    return _answer(call, image)


def _image(call: Call, server: Json, name: Any, about: dict[str, str]) -> Json:
    world = call.world
    size = _size(call, server)
    source = world.store.get("image", server["image_id"] or "") or {"properties": {}}
    properties = {
        **source["properties"],
        **about,
        "base_image_ref": server["image_id"] or "",
        "instance_uuid": server["id"],
        "owner_project_name": world.settings.user,
        "owner_user_name": world.settings.user,
        "user_id": world.store.note("user_id") or "",
    }
    record = image_record(world, name, properties=properties, visibility="private", min_disk=size)
    ready = {
        "status": "active",
        "size": size * 2**30,
        "disk_format": "qcow2",
        "container_format": "bare",
        "updated_at": world.ready_at(),
    }
    return world.store.add("image", record | {"later": [{"at": world.ready_at(), "set": ready}]})


def _size(call: Call, server: Json) -> int:
    """Return the size in GB of a server's system disk, on the host or on a volume."""
    for attachment in call.world.store.all("attachment", server_id=server["id"]):
        volume = call.world.store.get("volume", attachment["volume_id"])
        if attachment["boot_index"] == 0 and volume:
            return int(volume["size"])
    return int(server["flavor"]["disk"])


def _answer(call: Call, image: Json) -> Answer:
    headers = {"Location": f"{call.base}/image/images/{image['id']}"}
    return Answer(202, {"image_id": image["id"]} if call.version >= (2, 45) else None, headers)
