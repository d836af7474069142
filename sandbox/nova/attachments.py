"""Disks of a server, after it was created."""

from sandbox import lenient
from sandbox.cinder import model
from sandbox.faults import Fault, Json
from sandbox.nova.build import device_name
from sandbox.nova.history import note
from sandbox.nova.servers import check_state, find
from sandbox.routing import Answer, Call, Part, Route
from sandbox.shape import COMPUTE

_BODY = Part("volumeAttachment", COMPUTE)
_STEADY = ("ACTIVE", "SHUTOFF", "PAUSED", "SUSPENDED", "SHELVED", "SHELVED_OFFLOADED", "VERIFY_RESIZE")


def index(call: Call) -> Answer:
    """GET /servers/{id}/os-volume_attachments."""
    found = call.world.store.all("attachment", server_id=find(call)["id"])
    return Answer(200, {"volumeAttachments": [_as_json(call, one) for one in found]})


def show(call: Call) -> Answer:
    """GET /servers/{id}/os-volume_attachments/{volume}."""
    return Answer(200, {"volumeAttachment": _as_json(call, _find(call, find(call)))})


def attach(call: Call) -> Answer:
    """POST /servers/{id}/os-volume_attachments; the system names the device."""
    server, wanted, world = find(call), call.part(*_BODY), call.world
    check_state(server, "attach_volume", _STEADY)
    volume_id = str(wanted.get("volumeId"))
    volume = world.need("volume", volume_id, Fault(404, f"Volume {volume_id} could not be found."))
    if holder := next(iter(world.store.all("attachment", volume_id=volume_id)), None):
        raise Fault(400, f"Invalid volume: volume {volume_id} is already attached to instances: {holder['server_id']}")
    if volume["status"] != "available":
        message = f"volume '{volume_id}' status must be 'available'. Currently in '{volume['status']}'"
        raise Fault(400, f"Invalid volume: {message}")
    if world.ecs and volume["availability_zone"] != server["zone"]:
        where = f"{volume['availability_zone']}, the ECS in {server['zone']}"
        raise Fault(400, f"The disk is in AZ {where}; both must be in the same AZ. [ECS-212]")
    taken = {one["device"] for one in world.store.all("attachment", server_id=server["id"])}
    # With a local system disk /dev/vda is taken although no volume is there.
    first = 0 if taken else 1
    device = next(name for place in range(first, 702) if (name := device_name(place)) not in taken)
    world.store.save("server", note(call, server, "attach_volume"))
    made = model.attach(
        world,
        volume,
        server["id"],
        device,
        ready_at=world.ready_at(),
        delete_on_termination=lenient.boolean(wanted.get("delete_on_termination")),
        tag=wanted.get("tag"),
    )
    return Answer(200, {"volumeAttachment": _as_json(call, made)})


def update(call: Call) -> Answer:
    """PUT /servers/{id}/os-volume_attachments/{volume}: delete_on_termination, from 2.85."""
    one = _find(call, find(call))
    wanted = call.part(*_BODY)
    if call.version < (2, 85) or wanted.get("volumeId", one["volume_id"]) != one["volume_id"]:
        raise Fault(403, "Policy doesn't allow os_compute_api:os-volumes-attachments:swap to be performed.")
    keep = lenient.boolean(wanted.get("delete_on_termination"))
    call.world.store.save("attachment", one | {"delete_on_termination": keep})
    return Answer(202)


def detach(call: Call) -> Answer:
    """DELETE /servers/{id}/os-volume_attachments/{volume}; 400 for the boot disk, as Nova refuses."""
    server = find(call)
    one = _find(call, server)
    if one["boot_index"] == 0 and server["status"] != "SHELVED_OFFLOADED":
        raise Fault(403, "Cannot detach a root device volume")
    check_state(server, "detach_volume", _STEADY)
    call.world.store.save("server", note(call, server, "detach_volume"))
    model.detach(call.world, one)
    return Answer(202)


def _find(call: Call, server: Json) -> Json:
    wanted = call.params["volume_id"]
    for one in call.world.store.all("attachment", server_id=server["id"]):
        if wanted in (one["volume_id"], one["id"]):
            return one
    raise Fault(404, f"Instance {server['id']} is not attached to volume {wanted}")


def _as_json(call: Call, one: Json) -> Json:
    shown = {"volumeId": one["volume_id"], "serverId": one["server_id"], "device": one["device"]}
    newer = [
        ((2, 70), "tag", one["tag"]),
        ((2, 79), "delete_on_termination", one["delete_on_termination"]),
        ((2, 89), "attachment_id", one["id"]),
        ((2, 89), "bdm_uuid", one["id"]),
    ]
    if call.version < (2, 89):
        shown["id"] = one["volume_id"]
    return shown | {key: value for since, key, value in newer if call.version >= since}


_PATH = "/servers/{server_id}/os-volume_attachments"
ROUTES = (
    Route("GET", _PATH, index),
    Route("POST", _PATH, attach, body=(_BODY,), status=(200,)),
    Route("GET", _PATH + "/{volume_id}", show),
    Route("PUT", _PATH + "/{volume_id}", update, body=(_BODY,), status=(202,)),
    Route("DELETE", _PATH + "/{volume_id}", detach, status=(202,)),
)
