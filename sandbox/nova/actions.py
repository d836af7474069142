"""What can be done to a server: `POST /servers/{id}/action`."""

import secrets
from collections.abc import Callable
from typing import Any, NamedTuple

from sandbox.faults import Fault, Json
from sandbox.nova.resolve import find_flavor, find_security_group
from sandbox.nova.servers import find, remove
from sandbox.nova.view import VM_STATES, Views
from sandbox.routing import Answer, Call, Route


class Action(NamedTuple):
    """One action: what it does, and in which states of the server it may be asked for (all, if none is named)."""

    run: Callable[[Call, Json, Any], Answer]
    states: tuple[str, ...] = ()


def act(call: Call) -> Answer:
    """Run the one action that the body names; 409 in a state that does not allow it."""
    server = find(call)
    body = call.body if isinstance(call.body, dict) else {}
    names = [name for name in body if name in ACTIONS]
    if len(names) != 1 or len(body) != 1:
        raise Fault(400, f"There is no such action: {', '.join(body) or 'none given'}")
    name = names[0]
    action = ACTIONS[name]
    if body[name] is not None and not isinstance(body[name], dict):
        raise Fault(400, f"Invalid input for field/attribute {name}. It is not of type 'object'")
    if server["locked"] and name not in ("unlock", "lock"):
        raise Fault(409, f"Instance {server['id']} is locked")
    if action.states and server["status"] not in action.states:
        state = f"vm_state {VM_STATES[server['status']]}"
        raise Fault(409, f"Cannot '{name}' instance {server['id']} while it is in {state}")
    return action.run(call, server, body[name])


def _move(call: Call, server: Json, during: str, after: str, task: str = "", **then: Any) -> Json:
    """Put a server into a passing state that ends by the clock."""
    at = call.world.ready_at()
    server |= {"status": during, "task_state": task or None, "updated_at": call.world.now()}
    change = {"status": after, "task_state": None, "updated_at": at} | then
    server["later"] = [{"at": at, "set": change}]
    return call.world.store.save("server", server)


def _becomes(status: str, task: str) -> Callable[[Call, Json, Any], Answer]:
    def run(call: Call, server: Json, given: Any) -> Answer:
        del given
        _move(call, server, server["status"], status, task)
        return Answer(202)

    return run


def _reboot(call: Call, server: Json, given: Any) -> Answer:
    kind = str((given or {}).get("type", "")).upper()
    if kind not in ("SOFT", "HARD"):
        raise Fault(400, f"Invalid input for field/attribute type. Value: {kind}. It is not one of ['HARD', 'SOFT']")
    _move(call, server, "HARD_REBOOT" if kind == "HARD" else "REBOOT", "ACTIVE", "rebooting")
    return Answer(202)


def _resize(call: Call, server: Json, given: Any) -> Answer:
    wanted = str((given or {}).get("flavorRef", "")).rstrip("/").rsplit("/", 1)[-1]
    flavor = find_flavor(call.world, wanted)
    if flavor is None:
        raise Fault(400, f"Flavor {wanted} could not be found.")
    old = server["flavor"]
    if flavor["id"] == old["id"]:
        raise Fault(400, "When resizing, instances must change flavor!")
    kinds = [one["extra_specs"].get("resource_type") for one in (old, flavor)]
    if call.world.ecs and kinds[0] != kinds[1]:
        message = f"The flavors have different resource types ({kinds[0]} and {kinds[1]})"
        raise Fault(400, f"{message}: an ECS created from an image cannot be resized to another one. [ECS-601]")
    grown = {"vcpus": max(0, flavor["vcpus"] - old["vcpus"]), "ram": max(0, flavor["ram"] - old["ram"])}
    _check_growth(call, grown)
    new = {"flavor": flavor, "cores": flavor["vcpus"], "ram": flavor["ram"], "old_flavor": old}
    new["before_resize"] = server["status"]
    _move(call, server, "RESIZE", "VERIFY_RESIZE", "resize_migrating", **new)
    return Answer(202)


def _check_growth(call: Call, grown: Json) -> None:
    record = call.world.store.get("quota", "compute") or {"limits": {}}
    _, cores, ram = call.world.store.total("server", "cores", "ram")
    for name, more, have in (("cores", grown["vcpus"], cores), ("ram", grown["ram"], ram)):
        limit = record["limits"].get(name, -1)
        if more and 0 <= limit < have + more:
            message = f"Requested {more}, but already used {have} of {limit} {name}"
            raise Fault(403, f"Quota exceeded for {name}: {message}")


def _confirm(call: Call, server: Json, given: Any) -> Answer:
    del given
    after = server.pop("before_resize", "ACTIVE")
    server.pop("old_flavor", None)
    call.world.store.save("server", server | {"status": after, "updated_at": call.world.now()})
    return Answer(204)


def _revert(call: Call, server: Json, given: Any) -> Answer:
    del given
    old = server.pop("old_flavor", server["flavor"])
    after = server.pop("before_resize", "ACTIVE")
    then = {"flavor": old, "cores": old["vcpus"], "ram": old["ram"]}
    _move(call, server, "REVERT_RESIZE", after, "resize_reverting", **then)
    return Answer(202)


def _rebuild(call: Call, server: Json, given: Any) -> Answer:
    wanted = given if isinstance(given, dict) else {}
    image_id = str(wanted.get("imageRef", "")).rstrip("/").rsplit("/", 1)[-1]
    call.world.need("image", image_id, Fault(400, "Cannot find image for rebuild"))
    if server["image_id"] is None and call.version < (2, 93):
        raise Fault(400, "Rebuilding an instance that boots from a volume with another image is not supported.")
    if wanted.get("name"):
        server["name"] = wanted["name"]
    admin_pass = wanted.get("adminPass") or secrets.token_urlsafe(9)
    server["admin_pass_mask"] = call.world.masks.text(admin_pass)
    after = server["status"] if server["status"] == "SHUTOFF" else "ACTIVE"
    server["image_id"] = image_id
    server = _move(call, server, "REBUILD", after, "rebuilding", fault=None)
    return Answer(202, {"server": Views(call).full(server) | {"adminPass": admin_pass}})


def _password(call: Call, server: Json, given: Any) -> Answer:
    password = (given or {}).get("adminPass")
    if not isinstance(password, str):
        raise Fault(400, "Invalid input for field/attribute adminPass. It is not of type 'string'")
    call.world.store.save("server", server | {"admin_pass_mask": call.world.masks.text(password)})
    return Answer(202)


def _add_group(call: Call, server: Json, given: Any) -> Answer:
    group = find_security_group(call, str((given or {}).get("name")))
    for port_id in server["nics"]:
        port = call.world.store.get("port", port_id)
        if port and group["id"] not in port["security_groups"]:
            call.world.store.save("port", port | {"security_groups": [*port["security_groups"], group["id"]]})
    return Answer(202)


def _remove_group(call: Call, server: Json, given: Any) -> Answer:
    group = find_security_group(call, str((given or {}).get("name")))
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
    return Answer(204)


def _console(call: Call, server: Json, given: Any) -> Answer:
    del call, given
    return Answer(200, {"output": f"{server['name']} login: "})


_SHELVED = ("SHELVED", "SHELVED_OFFLOADED")
ACTIONS: dict[str, Action] = {
    "addSecurityGroup": Action(_add_group),
    "changePassword": Action(_password, ("ACTIVE",)),
    "confirmResize": Action(_confirm, ("VERIFY_RESIZE",)),
    "forceDelete": Action(_force_delete),
    "lock": Action(_lock(locked=True)),
    "os-getConsoleOutput": Action(_console),
    "os-start": Action(_becomes("ACTIVE", "powering-on"), ("SHUTOFF",)),
    "os-stop": Action(_becomes("SHUTOFF", "powering-off"), ("ACTIVE", "ERROR")),
    "pause": Action(_becomes("PAUSED", "pausing"), ("ACTIVE",)),
    "reboot": Action(_reboot, ("ACTIVE", "SHUTOFF", "PAUSED", "SUSPENDED", "ERROR")),
    "rebuild": Action(_rebuild, ("ACTIVE", "SHUTOFF", "ERROR")),
    "removeSecurityGroup": Action(_remove_group),
    "resize": Action(_resize, ("ACTIVE", "SHUTOFF")),
    "resume": Action(_becomes("ACTIVE", "resuming"), ("SUSPENDED",)),
    "revertResize": Action(_revert, ("VERIFY_RESIZE",)),
    "shelve": Action(_becomes("SHELVED_OFFLOADED", "shelving"), ("ACTIVE", "SHUTOFF", "PAUSED", "SUSPENDED")),
    "suspend": Action(_becomes("SUSPENDED", "suspending"), ("ACTIVE",)),
    "unlock": Action(_lock(locked=False)),
    "unpause": Action(_becomes("ACTIVE", "unpausing"), ("PAUSED",)),
    "unshelve": Action(_becomes("ACTIVE", "spawning"), _SHELVED),
}
"""Every action that the sandbox knows."""

ROUTES = (Route("POST", "/servers/{server_id}/action", act),)
