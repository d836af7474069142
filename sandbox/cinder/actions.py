"""What can be done to a volume: `POST /volumes/{id}/action`."""

from collections.abc import Callable

from sandbox import lenient
from sandbox.checked import check_action
from sandbox.cinder.model import check_quota, check_type_zone, find_type
from sandbox.cinder.view import image_metadata
from sandbox.cinder.volumes import find
from sandbox.clock import micros
from sandbox.faults import Fault, Json
from sandbox.glance.model import image_record
from sandbox.routing import Answer, Call, Part, Route
from sandbox.shape import VOLUME

_LONGEST = 255
_FOR_ADMINS = {
    "os-reset_status": "volume_extension:volume_admin_actions:reset_status",
    "os-force_delete": "volume_extension:volume_admin_actions:force_delete",
    "os-force_detach": "volume_extension:volume_admin_actions:force_detach",
    "os-migrate_volume": "volume_extension:volume_admin_actions:migrate_volume",
}


def act(call: Call) -> Answer:
    """Run the one action that the body names; 403 for one that only administrators may run."""
    volume = find(call)
    body = call.body if isinstance(call.body, dict) else {}
    for name, policy in _FOR_ADMINS.items():
        if name in body:
            raise Fault(403, f"Policy doesn't allow {policy} to be performed.")
    for name, action in _ACTIONS.items():
        if name in body:
            check_action(call, "volumes/{volume_id}", name)
            return action(call, volume, call.part(*_BODIES[name]))
    why = "Verify the request body and Content-Type header and try again."
    raise Fault(400, f"There is no such action: {', '.join(body) or 'none given'}. {why}")


def _saved(call: Call, volume: Json, status: int = 202) -> Answer:
    call.world.store.save("volume", volume | {"updated_at": call.world.now()})
    return Answer(status)


def _extend(call: Call, volume: Json, given: Json) -> Answer:
    size = lenient.integer(given.get("new_size"))
    if size <= volume["size"]:
        message = (
            f"New size for extend must be greater than current size. (current: {volume['size']}, extended: {size})."
        )
        raise Fault(400, f"Invalid input received: {message}")
    allowed = ("available", "in-use") if call.version >= (3, 42) else ("available",)
    if volume["status"] not in allowed:
        message = f"Volume {volume['id']} status must be '{allowed[0]}' to extend, currently {volume['status']}."
        raise Fault(400, f"Invalid volume: {message}")
    check_quota(call.world, gigabytes=size - volume["size"])
    # What is promised counts at once: two growths at the same time must not both fit into the last gigabytes.
    back = {"at": call.world.ready_at(), "set": {"status": volume["status"]}}
    return _saved(call, volume | {"status": "extending", "size": size, "later": [back]})


def _retype(call: Call, volume: Json, given: Json) -> Answer:
    kind = find_type(call.world, str(given.get("new_type")))
    if kind is None:
        raise Fault(404, f"Volume type {given.get('new_type')} could not be found.")
    check_type_zone(call.world, kind, volume["availability_zone"])
    return _saved(call, volume | {"volume_type": kind["name"]})


def _set_bootable(call: Call, volume: Json, given: Json) -> Answer:
    return _saved(call, volume | {"bootable": lenient.boolean(given.get("bootable"))}, 200)


def _read_only(call: Call, volume: Json, given: Json) -> Answer:
    if volume["status"] != "available":
        message = f"Volume {volume['id']} status must be available to update readonly flag, but current status is: "
        raise Fault(400, f"Invalid volume: {message}{volume['status']}.")
    flag = str(lenient.boolean(given.get("readonly")))
    return _saved(call, volume | {"metadata": volume["metadata"] | {"readonly": flag}})


def _set_image_metadata(call: Call, volume: Json, given: Json) -> Answer:
    wanted = given.get("metadata") or {}
    if any(not isinstance(value, str) or len(value) > _LONGEST or len(key) > _LONGEST for key, value in wanted.items()):
        raise Fault(
            400, "Invalid input for field/attribute metadata. Keys and values are texts of up to 255 characters."
        )
    volume["image_metadata"] = volume.get("image_metadata", {}) | wanted
    call.world.store.save("volume", volume)
    return Answer(200, {"metadata": image_metadata(call, volume)})


def _unset_image_metadata(call: Call, volume: Json, given: Json) -> Answer:
    key = str(given.get("key"))
    if key not in volume.get("image_metadata", {}):
        raise Fault(404, "Metadata does not exist.")
    del volume["image_metadata"][key]
    return _saved(call, volume, 200)


def _show_image_metadata(call: Call, volume: Json, given: Json) -> Answer:
    del given
    return Answer(200, {"metadata": image_metadata(call, volume)})


def _upload_image(call: Call, volume: Json, given: Json) -> Answer:
    name = given.get("image_name")
    if not isinstance(name, str) or not 1 <= len(name) <= _LONGEST:
        raise Fault(400, "Invalid input for field/attribute image_name. It has 1 to 255 characters.")
    force = lenient.boolean(given.get("force"))
    if volume["status"] != "available" and not (force and volume["status"] == "in-use"):
        message = f"Volume {volume['id']} status must be available or in-use, but current status is: {volume['status']}"
        raise Fault(400, f"Invalid volume: {message}.")
    kind = given.get("disk_format") or "raw"
    image = image_record(call.world, name, disk_format=kind, container_format=given.get("container_format") or "bare")
    ready = {"status": "active", "size": volume["size"] * 2**30, "min_disk": volume["size"]}
    call.world.store.add("image", image | {"status": "queued", "later": [{"at": call.world.ready_at(), "set": ready}]})
    told = {
        "id": volume["id"],
        "updated_at": micros(call.world.now()),
        "status": "uploading",
        "display_description": volume["description"],
        "size": volume["size"],
        "volume_type": {"name": volume["volume_type"]},
        "image_id": image["id"],
        "container_format": image["container_format"],
        "disk_format": image["disk_format"],
        "image_name": name,
    }
    return Answer(202, {"os-volume_upload_image": told})


_ACTIONS: dict[str, Callable[[Call, Json, Json], Answer]] = {
    "os-extend": _extend,
    "os-retype": _retype,
    "os-set_bootable": _set_bootable,
    "os-set_image_metadata": _set_image_metadata,
    "os-show_image_metadata": _show_image_metadata,
    "os-unset_image_metadata": _unset_image_metadata,
    "os-update_readonly_flag": _read_only,
    "os-volume_upload_image": _upload_image,
}

_BODIES = {name: Part(name, VOLUME) for name in _ACTIONS}
ROUTES = (Route("POST", "/volumes/{volume_id}/action", act, body=tuple(_BODIES.values()), status=(200, 202)),)
