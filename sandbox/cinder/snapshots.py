"""Snapshots of volumes."""

from sandbox import lenient
from sandbox.cinder.metadata import checked
from sandbox.cinder.model import check_quota, snapshot_record
from sandbox.cinder.volumes import not_found
from sandbox.clock import micros
from sandbox.faults import Fault, Json
from sandbox.routing import PAGE, Answer, Call, Part, Route, page
from sandbox.shape import VOLUME

_BODY = Part("snapshot", VOLUME)
_FILTERS = ("name", "status", "volume_id")


def create(call: Call) -> Answer:
    """POST /snapshots; one of an attached volume needs `force` (or microversion 3.66)."""
    wanted = call.part(*_BODY)
    volume_id = str(wanted.get("volume_id"))
    volume = call.world.need("volume", volume_id, not_found(volume_id))
    force = lenient.boolean(wanted.get("force")) or call.version >= (3, 66)
    if volume["status"] != "available" and not (force and volume["status"] == "in-use"):
        raise Fault(
            400,
            f"Invalid volume: Volume {volume_id} status must be available, but current status is: {volume['status']}.",
        )
    check_quota(call.world, snapshots=1, gigabytes=volume["size"])
    about = {"description": wanted.get("description"), "metadata": checked(wanted.get("metadata") or {})}
    record = snapshot_record(call.world, volume, wanted.get("name"), **about)
    made = _as_json(call, call.world.store.add("snapshot", record))
    # The answer to a creation says less than what is shown later.
    brief = {key: value for key, value in made.items() if not key.startswith("os-extended")}
    return Answer(202, {"snapshot": brief | {"updated_at": None}})


def index(call: Call) -> Answer:
    """GET /snapshots and /snapshots/detail."""
    found = [_as_json(call, one) for one in call.world.store.all("snapshot")]
    for key in _FILTERS:
        if (value := call.ask(key)) is not None:
            found = [one for one in found if one[key] == value]
    return Answer(200, page(call, "snapshots", found[::-1]))


def show(call: Call) -> Answer:
    """GET /snapshots/{id}."""
    return Answer(200, {"snapshot": _as_json(call, _find(call))})


def update(call: Call) -> Answer:
    """PUT /snapshots/{id}."""
    wanted = {key: value for key, value in call.part(*_BODY).items() if key in ("name", "description")}
    return Answer(200, {"snapshot": _as_json(call, call.world.store.save("snapshot", _find(call) | wanted))})


def delete(call: Call) -> Answer:
    """DELETE /snapshots/{id}."""
    call.world.store.remove("snapshot", _find(call)["id"])
    return Answer(202)


def _find(call: Call) -> Json:
    wanted = call.params["snapshot_id"]
    return call.world.need("snapshot", wanted, Fault(404, f"Snapshot {wanted} could not be found."))


def _as_json(call: Call, snapshot: Json) -> Json:
    shown = {key: snapshot[key] for key in ("id", "name", "description", "volume_id", "size", "metadata", "status")}
    stamp = micros(snapshot["created_at"])
    progress = {"os-extended-snapshot-attributes:progress": "100%" if snapshot["status"] == "available" else "0%"}
    owner = {"os-extended-snapshot-attributes:project_id": call.project_id}
    return shown | progress | owner | {"created_at": stamp, "updated_at": stamp}


ROUTES = (
    Route("POST", "/snapshots", create, body=(_BODY,), status=(202,)),
    Route("GET", "/snapshots", index, query=(*PAGE, *_FILTERS)),
    Route("GET", "/snapshots/detail", index, query=(*PAGE, *_FILTERS)),
    Route("GET", "/snapshots/{snapshot_id}", show),
    Route("PUT", "/snapshots/{snapshot_id}", update, body=(_BODY,)),
    Route("DELETE", "/snapshots/{snapshot_id}", delete, status=(202,)),
)
