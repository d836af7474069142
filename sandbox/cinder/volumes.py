"""Volumes."""

from typing import Any

from sandbox import lenient
from sandbox.cinder.model import check_quota, default_type, find_type, volume_record
from sandbox.clock import micros
from sandbox.faults import Fault, Json
from sandbox.routing import Answer, Call, Route, page
from sandbox.shape import VOLUME


def not_found(volume_id: str) -> Fault:
    """Return Cinder's 404 for a volume."""
    return Fault(404, f"Volume {volume_id} could not be found.")


def create(call: Call) -> Answer:
    """POST /volumes: blank, from an image, from a snapshot or from another volume."""
    wanted = call.part("volume", VOLUME)
    world = call.world
    source = _source(call, wanted)
    size = _size(wanted, source)
    kind = wanted.get("volume_type") or source.get("volume_type") or default_type(world)
    known = find_type(world, kind)
    if known is None:
        raise Fault(404, f"Volume type with name {kind} could not be found.")
    zones = [zone["id"] for zone in world.store.all("zone")]
    zone = wanted.get("availability_zone") or source.get("availability_zone") or zones[0]
    if zone not in zones:
        raise Fault(400, f"Availability zone '{zone}' is invalid.")
    check_quota(world, volumes=1, gigabytes=size)
    record = volume_record(
        world,
        size,
        name=wanted.get("name") or "",
        zone=zone,
        kind=known["name"],
        description=wanted.get("description"),
        metadata=wanted.get("metadata") or {},
        bootable=source.get("bootable", False),
        image_id=source.get("image_id"),
        snapshot_id=wanted.get("snapshot_id") or None,
        source_volid=wanted.get("source_volid") or None,
    )
    world.store.add("volume", record)
    return Answer(202, {"volume": as_json(call, record)})


def _source(call: Call, wanted: Json) -> Json:
    """What the new volume takes from its source: size, type, zone, and whether it boots."""
    world = call.world
    if image_id := wanted.get("imageRef"):
        image = world.need(
            "image", image_id, Fault(400, "Invalid image identifier or unable to access requested image.")
        )
        return {"least": image["min_disk"], "bootable": True, "image_id": image_id}
    if snapshot_id := wanted.get("snapshot_id"):
        found = world.need("snapshot", snapshot_id, Fault(404, f"Snapshot {snapshot_id} could not be found."))
        volume = world.store.get("volume", found["volume_id"]) or {}
        return {**found, "least": found["size"], "availability_zone": volume.get("availability_zone")}
    if volume_id := wanted.get("source_volid"):
        found = world.need("volume", volume_id, not_found(volume_id))
        return {**found, "least": found["size"]}
    return {}


def _size(wanted: Json, source: Json) -> int:
    given: Any = wanted.get("size")
    if given is None and "size" in source:
        return int(source["size"])
    try:
        size = lenient.integer(given)
    except ValueError:
        size = 0
    if size <= 0:
        raise Fault(400, f"Invalid input received: Invalid volume size provided for create request: {given} "
                         "(size argument must be an integer (or string representation of an integer) and greater than "
                         "zero).")  # fmt: skip
    if size < source.get("least", 0):
        message = f"Size specified in volume ({size}GB) must be at least {source['least']}GB, the size of its source."
        raise Fault(400, f"Invalid input received: {message}")
    return size


def index(call: Call) -> Answer:
    """GET /volumes: ids and names only."""
    found = [_fields(one, "id", "name", "links") for one in _filtered(call)]
    return Answer(200, page(call, "volumes", found))


def details(call: Call) -> Answer:
    """GET /volumes/detail."""
    return Answer(200, page(call, "volumes", _filtered(call)))


def _filtered(call: Call) -> list[Json]:
    found = [as_json(call, one) for one in call.world.store.all("volume")]
    for key in ("name", "status", "bootable", "availability_zone", "id"):
        if (value := call.ask(key)) is not None:
            found = [one for one in found if str(one[key]) == value]
    return found[::-1]


def show(call: Call) -> Answer:
    """GET /volumes/{id}."""
    return Answer(200, {"volume": as_json(call, _find(call))})


def update(call: Call) -> Answer:
    """PUT /volumes/{id}: name, description, metadata."""
    wanted = {
        key: value for key, value in call.part("volume", VOLUME).items() if key in ("name", "description", "metadata")
    }
    return Answer(200, {"volume": as_json(call, call.world.store.save("volume", _find(call) | wanted))})


def delete(call: Call) -> Answer:
    """DELETE /volumes/{id}; 400 while it is attached or has snapshots."""
    volume = _find(call)
    snapshots = call.world.store.all("snapshot", volume_id=volume["id"])
    cascade = (call.ask("cascade") or "").lower() == "true"
    if volume["status"] not in ("available", "error") or (snapshots and not cascade):
        message = "Volume status must be available or error or error_restoring or error_extending or error_managing"
        more = "and must not be migrating, attached, belong to a group, have snapshots, awaiting a transfer"
        raise Fault(400, f"Invalid volume: {message} {more}, or be disassociated from snapshots after volume transfer.")
    for snapshot in snapshots:
        call.world.store.remove("snapshot", snapshot["id"])
    call.world.store.remove("volume", volume["id"])
    return Answer(202)


def act(call: Call) -> Answer:
    """POST /volumes/{id}/action."""
    volume = _find(call)
    body = call.body if isinstance(call.body, dict) else {}
    for name, action in _ACTIONS.items():
        if name in body:
            call.world.store.save("volume", action(call, volume, call.part(name)))
            return Answer(202)
    raise Fault(400, f"There is no such action: {', '.join(body) or 'none given'}")


def _extend(call: Call, volume: Json, given: Json) -> Json:
    size = lenient.integer(given.get("new_size"))
    if size <= volume["size"]:
        message = (
            f"New size for extend must be greater than current size. (current: {volume['size']}, extended: {size})."
        )
        raise Fault(400, f"Invalid input received: {message}")
    if volume["status"] != "available" and call.version < (3, 42):
        raise Fault(400, f"Invalid volume: Volume {volume['id']} status must be 'available' to extend.")
    check_quota(call.world, gigabytes=size - volume["size"])
    back = {"at": call.world.ready_at(), "set": {"status": volume["status"], "size": size}}
    return volume | {"status": "extending", "later": [back]}


def _retype(call: Call, volume: Json, given: Json) -> Json:
    kind = find_type(call.world, str(given.get("new_type")))
    if kind is None:
        raise Fault(404, f"Volume type {given.get('new_type')} could not be found.")
    return volume | {"volume_type": kind["name"]}


def _set_bootable(_: Call, volume: Json, given: Json) -> Json:
    return volume | {"bootable": lenient.boolean(given.get("bootable"))}


_ACTIONS = {"os-extend": _extend, "os-retype": _retype, "os-set_bootable": _set_bootable}


def _find(call: Call) -> Json:
    wanted = call.params["volume_id"]
    return call.world.need("volume", wanted, not_found(wanted))


def as_json(call: Call, volume: Json) -> Json:
    """Return a volume as Cinder shows it."""
    stamp = micros(volume["created_at"])
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
        "migration_status": None,
        "user_id": call.world.store.note("user_id"),
        "os-vol-tenant-attr:tenant_id": call.project_id,
        "created_at": stamp,
        "updated_at": stamp,
        "links": _links(call, volume["id"]),
    }
    if volume["image_id"]:
        image = call.world.store.get("image", volume["image_id"]) or {"name": ""}
        shown["volume_image_metadata"] = {"image_id": volume["image_id"], "image_name": image["name"]}
    return shown


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


def _links(call: Call, volume_id: str) -> list[Json]:
    return [
        {"rel": "self", "href": f"{call.base}/volume/v3/{call.project_id}/volumes/{volume_id}"},
        {"rel": "bookmark", "href": f"{call.base}/volume/{call.project_id}/volumes/{volume_id}"},
    ]


def _fields(item: Json, *names: str) -> Json:
    return {name: item[name] for name in names}


ROUTES = (
    Route("POST", "/volumes", create),
    Route("GET", "/volumes", index),
    Route("GET", "/volumes/detail", details),
    Route("GET", "/volumes/{volume_id}", show),
    Route("PUT", "/volumes/{volume_id}", update),
    Route("DELETE", "/volumes/{volume_id}", delete),
    Route("POST", "/volumes/{volume_id}/action", act),
)
