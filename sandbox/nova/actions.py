"""What can be done to a server: `POST /servers/{id}/action`."""

from collections.abc import Callable
from typing import Any, NamedTuple

from sandbox.checked import check_action
from sandbox.faults import Fault, Json
from sandbox.nova import imaging, resizing
from sandbox.nova.around import forbidden
from sandbox.nova.build import new_password
from sandbox.nova.history import note
from sandbox.nova.moving import move
from sandbox.nova.resolve import find_security_group
from sandbox.nova.servers import check_state, find, remove
from sandbox.nova.view import Views
from sandbox.routing import Answer, Call, Part, Route


class Action(NamedTuple):
    """One action: what it does, and in which states of the server it may be asked for (all, if none is named)."""

    run: Callable[[Call, Json, Any], Answer]
    states: tuple[str, ...] = ()
    during: tuple[str, ...] = ()
    """The tasks in the middle of which it may be asked for as well."""


def act(call: Call) -> Answer:
    """Run the one action that the body names; 409 in a state that does not allow it."""
    server = find(call)
    body = call.body if isinstance(call.body, dict) else {}
    if len(body) != 1:
        raise Fault(400, "Malformed request body")
    name = next(iter(body))
    if name in FOR_ADMINS:
        raise forbidden(FOR_ADMINS[name])
    if name not in ACTIONS:
        raise Fault(400, f"There is no such action: {name}")
    action = ACTIONS[name]
    check_action(call, "servers/{server_id}", name)
    if body[name] is not None and not isinstance(body[name], dict):
        raise Fault(400, f"Invalid input for field/attribute {name}. It is not of type 'object'")
    if server["locked"] and name not in ("unlock", "lock"):
        raise Fault(409, f"Instance {server['id']} is locked")
    if action.states:
        check_state(server, name.removeprefix("os-"), action.states, action.during)
    return action.run(call, note(call, server, name), body[name])


def _becomes(status: str, task: str) -> Callable[[Call, Json, Any], Answer]:
    def run(call: Call, server: Json, given: Any) -> Answer:
        del given
        move(call, server, server["status"], status, task)
        return Answer(202)

    return run


def _reboot(call: Call, server: Json, given: Any) -> Answer:
    kind = str(given["type"])
    if kind.upper() == "SOFT":
        check_state(server, "reboot", ("ACTIVE",))
    move(call, server, "HARD_REBOOT" if kind.upper() == "HARD" else "REBOOT", "ACTIVE", "rebooting")
    return Answer(202)


def _rebuild(call: Call, server: Json, given: Any) -> Answer:
    wanted = given if isinstance(given, dict) else {}
    image_id = str(wanted.get("imageRef", "")).rstrip("/").rsplit("/", 1)[-1]
    call.world.need("image", image_id, Fault(400, "Cannot find image for rebuild"))
    if server["image_id"] is None and call.version < (2, 93) and image_id != _image_on_disk(call, server):
        raise Fault(400, "Unable to rebuild with a different image for a volume-backed server.")
    if wanted.get("name"):
        server["name"] = wanted["name"]
    admin_pass = wanted.get("adminPass") or new_password()
    server["admin_pass_mask"] = call.world.masks.text(admin_pass)
    after = server["status"] if server["status"] == "SHUTOFF" else "ACTIVE"
    if server["image_id"] is not None:
        server["image_id"] = image_id
    server = move(call, server, "REBUILD", after, "rebuilding", fault=None)
    return Answer(202, {"server": Views(call).changed(server) | {"adminPass": admin_pass}})


def _image_on_disk(call: Call, server: Json) -> str | None:
    for one in call.world.store.all("attachment", server_id=server["id"]):
        if one["boot_index"] == 0:
            volume = call.world.store.get("volume", one["volume_id"]) or {}
            return volume.get("image_id")
    return None


def _keeps_its_disks(call: Call, server: Json, image_id: str | None) -> bool:
    """Whether an image rescues a server beside its own disks, without which it must boot from an image."""
    image = call.world.store.get("image", image_id or _image_on_disk(call, server) or "") or {"properties": {}}
    return call.version >= (2, 87) and image["properties"].keys() >= _BESIDE_DISKS


def _rescue(call: Call, server: Json, given: Any) -> Answer:
    wanted = given or {}
    if server["image_id"] is None and not _keeps_its_disks(call, server, wanted.get("rescue_image_ref")):
        why = "Cannot rescue a volume-backed instance"
        raise Fault(400, f"Instance {server['id']} cannot be rescued: {why}")
    if image_id := wanted.get("rescue_image_ref"):
        call.world.need("image", image_id, Fault(404, f"Image {image_id} could not be found."))
    admin_pass = wanted.get("adminPass") or new_password()
    server["admin_pass_mask"] = call.world.masks.text(admin_pass)
    move(call, server, server["status"], "RESCUE", "rescuing")
    return Answer(200, {"adminPass": admin_pass})


def _password(call: Call, server: Json, given: Any) -> Answer:
    call.world.store.save("server", server | {"admin_pass_mask": call.world.masks.text(given["adminPass"])})
    return Answer(202)


def _group(call: Call, given: Any) -> Json:
    wanted = str(given["name"])
    try:
        return find_security_group(call, wanted)
    except Fault as fault:
        if fault.status != 400:  # noqa: PLR2004 - one that is not there: a create says 400, an action 404
            raise
        raise Fault(404, f"Security group {wanted} is not found for project {call.project_id}") from None


def _add_group(call: Call, server: Json, given: Any) -> Answer:
    group = _group(call, given)
    ports = [port for port_id in server["nics"] if (port := call.world.store.get("port", port_id))]
    if any(group["id"] in port["security_groups"] for port in ports):
        why = f"Duplicate items in the list: '{group['id']}'."
        raise Fault(400, f"Invalid input for security_groups. Reason: {why}")
    for port in ports:
        call.world.store.save("port", port | {"security_groups": [*port["security_groups"], group["id"]]})
    return Answer(202)


def _remove_group(call: Call, server: Json, given: Any) -> Answer:
    group = _group(call, given)
    had = False
    for port_id in server["nics"]:
        port = call.world.store.get("port", port_id)
        if port and group["id"] in port["security_groups"]:
            had = True
            rest = [one for one in port["security_groups"] if one != group["id"]]
            call.world.store.save("port", port | {"security_groups": rest})
    if not had:
        message = f"Security group {group['name']} not associated with the instance {server['id']}"
        raise Fault(404, message)
    return Answer(202)


def _lock(locked: bool) -> Callable[[Call, Json, Any], Answer]:
    def run(call: Call, server: Json, given: Any) -> Answer:
        del given
        call.world.store.save("server", server | {"locked": locked})
        return Answer(202)

    return run


def _force_delete(call: Call, server: Json, given: Any) -> Answer:
    del given
    remove(call, server)
    return Answer(202)


def _console(call: Call, server: Json, given: Any) -> Answer:
    del call, given
    return Answer(200, {"output": f"{server['name']} login: "})


_BESIDE_DISKS = {"hw_rescue_bus", "hw_rescue_device"}
_MAY_REBOOT = ("rebooting", "rebooting_hard", "resuming", "unpausing", "pausing", "suspending")
_SHELVED = ("SHELVED", "SHELVED_OFFLOADED")
_IMAGED = ("ACTIVE", "SHUTOFF", "PAUSED", "SUSPENDED")
FOR_ADMINS = {
    "evacuate": "os-evacuate",
    "injectNetworkInfo": "os-admin-actions:inject_network_info",
    "migrate": "os-migrate-server:migrate",
    "os-migrateLive": "os-migrate-server:migrate_live",
    "os-resetState": "os-admin-actions:reset_state",
}
"""The actions that a plain user may not ask for, each with the policy that says so."""

ACTIONS: dict[str, Action] = {
    "addSecurityGroup": Action(_add_group),
    "changePassword": Action(_password, ("ACTIVE",)),
    "confirmResize": Action(resizing.confirm, ("VERIFY_RESIZE",)),
    "createBackup": Action(imaging.create_backup, _IMAGED),
    "createImage": Action(imaging.create_image, _IMAGED),
    "forceDelete": Action(_force_delete),
    "lock": Action(_lock(locked=True)),
    "os-getConsoleOutput": Action(_console),
    "os-start": Action(_becomes("ACTIVE", "powering-on"), ("SHUTOFF",)),
    "os-stop": Action(_becomes("SHUTOFF", "powering-off"), ("ACTIVE", "ERROR")),
    "pause": Action(_becomes("PAUSED", "pausing"), ("ACTIVE",)),
    "reboot": Action(_reboot, ("ACTIVE", "SHUTOFF", "PAUSED", "SUSPENDED", "ERROR"), _MAY_REBOOT),
    "rebuild": Action(_rebuild, ("ACTIVE", "SHUTOFF", "ERROR")),
    "removeSecurityGroup": Action(_remove_group),
    "rescue": Action(_rescue, ("ACTIVE", "SHUTOFF", "ERROR")),
    "resize": Action(resizing.resize, ("ACTIVE", "SHUTOFF")),
    "resume": Action(_becomes("ACTIVE", "resuming"), ("SUSPENDED",)),
    "revertResize": Action(resizing.revert, ("VERIFY_RESIZE",)),
    "shelve": Action(_becomes("SHELVED_OFFLOADED", "shelving"), ("ACTIVE", "SHUTOFF", "PAUSED", "SUSPENDED")),
    "suspend": Action(_becomes("SUSPENDED", "suspending"), ("ACTIVE",)),
    "unlock": Action(_lock(locked=False)),
    "unrescue": Action(_becomes("ACTIVE", "unrescuing"), ("RESCUE",)),
    "unpause": Action(_becomes("ACTIVE", "unpausing"), ("PAUSED",)),
    "unshelve": Action(_becomes("ACTIVE", "spawning"), _SHELVED),
}
"""Every action that the sandbox knows."""

_BODIES = tuple(Part(name) for name in ACTIONS)
ROUTES = (Route("POST", "/servers/{server_id}/action", act, body=_BODIES, status=(200, 202)),)
