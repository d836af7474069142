"""Backups of volumes: records only, with the data's size counted."""

from sandbox import lenient
from sandbox.cinder.metadata import checked
from sandbox.cinder.model import check_backup_quota, check_quota, default_type, snapshot_record, volume_record
from sandbox.cinder.view import links
from sandbox.cinder.volumes import not_found
from sandbox.clock import micros
from sandbox.faults import Fault, Json
from sandbox.routing import PAGE, Answer, Call, Part, Route, page
from sandbox.shape import VOLUME
from sandbox.world import new_id

_BODY = Part("backup", VOLUME)
_FILTERS = ("name", "status", "volume_id")
_RESTORED = Part("restore", VOLUME)


def create(call: Call) -> Answer:
    """POST /backups; one of an attached volume needs `force`, an incremental one needs a full one before it.

    In the profile `ecs` a backup leaves a snapshot of its disk behind, which keeps the disk from being deleted.
    """
    wanted, world = call.part(*_BODY), call.world
    volume_id = str(wanted.get("volume_id"))
    volume = world.need("volume", volume_id, not_found(volume_id))
    snapshot = _snapshot(call, wanted, volume_id)
    if snapshot is None and volume["status"] != "available":
        if volume["status"] != "in-use":
            raise Fault(400, f"Invalid volume: The volume to be backed up must be available or in-use, "
                             f"but the current status is \"{volume['status']}\".")  # fmt: skip
        if not lenient.boolean(wanted.get("force")):
            raise Fault(400, "Invalid volume: Backing up an in-use volume must use the force flag.")
    incremental = lenient.boolean(wanted.get("incremental"))
    parents = [
        one for one in world.store.all("backup") if one["volume_id"] == volume_id and one["status"] == "available"
    ]
    if incremental and not parents:
        raise Fault(400, "Invalid backup: No backups available to do an incremental backup.")
    check_backup_quota(world, volume["size"])
    record = {
        "id": new_id(),
        "name": wanted.get("name"),
        "description": wanted.get("description"),
        "volume_id": volume_id,
        "snapshot_id": wanted.get("snapshot_id") or None,
        "size": volume["size"],
        "container": wanted.get("container") or "volumebackups",
        "availability_zone": volume["availability_zone"],
        "volume_type": volume["volume_type"],
        "bootable": volume["bootable"],
        "image_id": volume["image_id"],
        "parent_id": parents[-1]["id"] if incremental else None,
        "metadata": checked(wanted.get("metadata") or {}),
        "created_at": world.now(),
        "status": "creating",
        "later": [{"at": world.ready_at(), "set": {"status": "available"}}],
    }
    if world.ecs:
        name = f"autobk_snapshot_{record['id']}"
        world.store.add("snapshot", snapshot_record(world, volume, name, backup_id=record["id"]))
    return Answer(202, {"backup": _brief(call, world.store.add("backup", record))})


def _snapshot(call: Call, wanted: Json, volume_id: str) -> Json | None:
    snapshot_id = wanted.get("snapshot_id")
    if not snapshot_id:
        return None
    found = call.world.need("snapshot", snapshot_id, Fault(404, f"Snapshot {snapshot_id} could not be found."))
    if found["volume_id"] != volume_id:
        raise Fault(400, f"Invalid snapshot: Snapshot {snapshot_id} is not one of volume {volume_id}.")
    return found


def index(call: Call) -> Answer:
    """GET /backups: ids and names only."""
    return Answer(200, page(call, "backups", [_brief(call, one) for one in _filtered(call)]))


def details(call: Call) -> Answer:
    """GET /backups/detail."""
    return Answer(200, page(call, "backups", [_as_json(call, one) for one in _filtered(call)]))


def _filtered(call: Call) -> list[Json]:
    found = call.world.store.all("backup")
    for key in _FILTERS:
        if (value := call.ask(key)) is not None:
            found = [one for one in found if one[key] == value]
    return found[::-1]


def show(call: Call) -> Answer:
    """GET /backups/{id}."""
    return Answer(200, {"backup": _as_json(call, _find(call))})


def update(call: Call) -> Answer:
    """PUT /backups/{id}, from 3.9: name, description and, from 3.43, metadata."""
    if call.version < (3, 9):
        raise Fault(404, "The resource could not be found.")
    wanted = {key: value for key, value in call.part(*_BODY).items() if key in ("name", "description", "metadata")}
    if not wanted:
        raise Fault(400, "Missing updates in request body.")
    if wanted.get("metadata") is not None:
        checked(wanted["metadata"])
    return Answer(200, {"backup": _brief(call, call.world.store.save("backup", _find(call) | wanted))})


def delete(call: Call) -> Answer:
    """DELETE /backups/{id}; 400 while an incremental one builds on it."""
    backup, store = _find(call), call.world.store
    if backup["status"] not in ("available", "error"):
        raise Fault(400, "Invalid backup: Backup status must be available or error")
    if _dependents(call, backup):
        raise Fault(400, "Invalid backup: Incremental backups exist for this backup.")
    store.remove("backup", backup["id"])
    return Answer(202)


def restore(call: Call) -> Answer:
    """POST /backups/{id}/restore, onto a volume that is large enough, or onto a new one."""
    backup, wanted, world = _find(call), call.part(*_RESTORED), call.world
    if backup["status"] != "available":
        raise Fault(400, "Invalid backup: Backup status must be available")
    if volume_id := wanted.get("volume_id"):
        volume = world.need("volume", volume_id, not_found(volume_id))
        if volume["size"] < backup["size"]:
            message = f"volume size {volume['size']} is too small to restore backup of size {backup['size']}."
            raise Fault(400, f"Invalid volume: {message}")
        if volume["status"] != "available":
            raise Fault(400, "Invalid volume: Volume to be restored to must be available")
    else:
        check_quota(world, volumes=1, gigabytes=backup["size"])
        source = world.store.get("volume", backup["volume_id"]) or {}
        volume = volume_record(
            world,
            backup["size"],
            name=wanted.get("name") or f"restore_backup_{backup['id']}",
            zone=backup["availability_zone"],
            kind=source.get("volume_type") or backup["volume_type"] or default_type(world),
            description=f"auto-created_from_restore_from_backup_{backup['id']}",
            backup_id=backup["id"],
        )
        world.store.add("volume", volume)
    ready = {"status": "available", "bootable": backup["bootable"], "image_id": backup["image_id"]}
    later = [{"at": world.ready_at(), "set": ready}]
    world.store.save("volume", volume | {"status": "restoring-backup", "later": later})
    back = [{"at": world.ready_at(), "set": {"status": "available"}}]
    world.store.save("backup", backup | {"status": "restoring", "later": back})
    told = {"backup_id": backup["id"], "volume_id": volume["id"], "volume_name": volume["name"]}
    return Answer(202, {"restore": told})


def _dependents(call: Call, backup: Json) -> bool:
    return any(one["parent_id"] == backup["id"] for one in call.world.store.all("backup"))


def _find(call: Call) -> Json:
    wanted = call.params["backup_id"]
    return call.world.need("backup", wanted, Fault(404, f"Backup {wanted} could not be found."))


def _brief(call: Call, backup: Json) -> Json:
    return {"id": backup["id"], "name": backup["name"], "links": links(call, "backups", backup["id"])}


def _as_json(call: Call, backup: Json) -> Json:
    stamp, ready = micros(backup["created_at"]), backup["status"] != "creating"
    keys = ("status", "size", "container", "availability_zone", "description", "volume_id", "snapshot_id")
    shown = {key: backup[key] for key in keys} | {
        "object_count": 22 if ready else 0,
        "fail_reason": None,
        "is_incremental": backup["parent_id"] is not None,
        "has_dependent_backups": _dependents(call, backup),
        "created_at": stamp,
        "updated_at": stamp,
        "data_timestamp": stamp,
    }
    if call.version >= (3, 43):
        shown["metadata"] = backup["metadata"]
    return _brief(call, backup) | shown


ROUTES = (
    Route("POST", "/backups", create, body=(_BODY,), status=(202,)),
    Route("GET", "/backups", index, query=(*PAGE, *_FILTERS)),
    Route("GET", "/backups/detail", details, query=(*PAGE, *_FILTERS)),
    Route("GET", "/backups/{backup_id}", show),
    Route("PUT", "/backups/{backup_id}", update, body=(_BODY,)),
    Route("DELETE", "/backups/{backup_id}", delete, status=(202,)),
    Route("POST", "/backups/{backup_id}/restore", restore, body=(_RESTORED,), status=(202,)),
)
