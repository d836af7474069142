"""Volumes."""

from typing import Any

from sandbox import lenient
from sandbox.cinder.metadata import checked
from sandbox.cinder.model import check_quota, check_type_zone, default_type, find_type, volume_record
from sandbox.cinder.view import volume_json
from sandbox.faults import Fault, Json
from sandbox.routing import PAGE, Answer, Call, Part, Route, page
from sandbox.shape import VOLUME

_BODY = Part("volume", VOLUME)
_LONGEST = 255
_FILTERS = ("name", "status", "bootable", "availability_zone", "id")


def not_found(volume_id: str) -> Fault:
    """Return Cinder's 404 for a volume."""
    return Fault(404, f"Volume {volume_id} could not be found.")


def create(call: Call) -> Answer:
    """POST /volumes: blank, from an image, from a snapshot or from another volume."""
    wanted = call.part(*_BODY)
    check_name(wanted)
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
        raise Fault(400, f"Invalid input received: Availability zone '{zone}' is invalid.")
    check_type_zone(world, known, zone)
    check_quota(world, volumes=1, gigabytes=size)
    record = volume_record(
        world,
        size,
        name=wanted.get("name"),
        zone=zone,
        kind=known["name"],
        description=wanted.get("description"),
        metadata=checked(wanted.get("metadata") or {}),
        bootable=source.get("bootable", False),
        image_id=source.get("image_id"),
        snapshot_id=wanted.get("snapshot_id") or None,
        source_volid=wanted.get("source_volid") or None,
        backup_id=wanted.get("backup_id") or None,
    )
    if wanted.get("imageRef"):
        # That it boots is known only when the image is on it.
        record["bootable"] = False
        record["later"][0]["set"]["bootable"] = True
    world.store.add("volume", record)
    return Answer(202, {"volume": volume_json(call, record, single=False)})


def check_name(wanted: Json) -> None:
    """Raise Cinder's 400 for a name or a description that is too long."""
    for key in ("name", "description"):
        if (length := len(wanted.get(key) or "")) > _LONGEST:
            raise Fault(400, f"Invalid input received: {key} has {length} characters, more than {_LONGEST}.")


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
    if backup_id := wanted.get("backup_id"):
        found = world.need("backup", backup_id, Fault(404, f"Backup {backup_id} could not be found."))
        return {**found, "least": found["size"]}
    if volume_id := wanted.get("source_volid"):
        found = world.need("volume", volume_id, not_found(volume_id))
        return {**found, "least": found["size"]}
    return {}


def _size(wanted: Json, source: Json) -> int:
    given: Any = wanted.get("size")
    if given is None:
        if "size" in source:
            return int(source["size"])
        raise Fault(
            400, "The server could not comply with the request since it is either malformed or otherwise incorrect."
        )
    size = lenient.integer(given)
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
    found = [volume_json(call, one) for one in call.world.store.all("volume")]
    for key in _FILTERS:
        if (value := call.ask(key)) is not None:
            found = [one for one in found if str(one[key]) == value]
    return found[::-1]


def show(call: Call) -> Answer:
    """GET /volumes/{id}."""
    return Answer(200, {"volume": volume_json(call, find(call))})


def update(call: Call) -> Answer:
    """PUT /volumes/{id}: name, description, metadata."""
    wanted = {key: value for key, value in call.part(*_BODY).items() if key in ("name", "description", "metadata")}
    if wanted.get("metadata", {}) is None:
        del wanted["metadata"]
    checked(wanted.get("metadata") or {})
    record = find(call) | wanted | {"updated_at": call.world.now()}
    return Answer(200, {"volume": volume_json(call, call.world.store.save("volume", record), single=False)})


def delete(call: Call) -> Answer:
    """DELETE /volumes/{id}; 400 while it is attached or has snapshots."""
    volume = find(call)
    snapshots = call.world.store.all("snapshot", volume_id=volume["id"])
    cascade = (call.ask("cascade") or "").lower() == "true"
    if volume["status"] not in ("available", "error") or (snapshots and not cascade):
        message = "Volume status must be available or error or error_restoring or error_extending or error_managing"
        if call.world.ecs and any(one.get("backup_id") for one in snapshots):
            backed = "the disk was backed up: it can be deleted only after all its snapshots are deleted. [ECS-215]"
            raise Fault(400, f"Invalid volume: {backed}")
        more = "and must not be migrating, attached, belong to a group, have snapshots, awaiting a transfer"
        raise Fault(400, f"Invalid volume: {message} {more}, or be disassociated from snapshots after volume transfer.")
    for snapshot in snapshots:
        call.world.store.remove("snapshot", snapshot["id"])
    call.world.store.remove("volume", volume["id"])
    return Answer(202)


def find(call: Call) -> Json:
    """Return the volume that the path names; raises a `Fault` (404)."""
    wanted = call.params["volume_id"]
    return call.world.need("volume", wanted, not_found(wanted))


def _fields(item: Json, *names: str) -> Json:
    return {name: item[name] for name in names}


ROUTES = (
    Route("POST", "/volumes", create, body=(_BODY,), status=(202,)),
    Route("GET", "/volumes", index, query=(*PAGE, *_FILTERS)),
    Route("GET", "/volumes/detail", details, query=(*PAGE, *_FILTERS)),
    Route("GET", "/volumes/{volume_id}", show),
    Route("PUT", "/volumes/{volume_id}", update, body=(_BODY,)),
    Route("DELETE", "/volumes/{volume_id}", delete, status=(202,)),
)
