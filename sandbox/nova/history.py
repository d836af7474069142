"""What was done to a server: `os-instance-actions`.

The last ones are kept with the server; that it was created follows from the server itself.
"""

from typing import Any

from sandbox.clock import micros
from sandbox.faults import Fault, Json
from sandbox.nova.build import host_id
from sandbox.nova.servers import find
from sandbox.routing import Answer, Call, Route

KEPT = 50
"""How many actions a server remembers."""

_NAMES = {"os-start": "start", "os-stop": "stop", "forceDelete": "delete"}
_STEPS = {
    "create": "_do_build_and_run_instance",
    "changePassword": "set_admin_password",
    "confirmResize": "confirm_resize",
    "resize": "prep_resize",
    "revertResize": "revert_resize",
    "createImage": "snapshot_instance",
    "createBackup": "backup_instance",
}
"""The name of an action's first step on the host, where it is not the action's own."""
_OF_INSTANCE = frozenset(
    {
        "pause",
        "reboot",
        "rebuild",
        "rescue",
        "resume",
        "shelve",
        "start",
        "stop",
        "suspend",
        "unpause",
        "unrescue",
        "unshelve",
    }
)
_SILENT = frozenset({"os-getConsoleOutput", "addSecurityGroup", "removeSecurityGroup"})


def note(call: Call, server: Json, action: str) -> Json:
    """Return the server with one more action in its history; some actions leave no trace, as in Nova."""
    if action in _SILENT:
        return server
    event = {"action": _NAMES.get(action, action), "id": call.request_id, "at": call.world.now()}
    return server | {"events": [*server.get("events", []), event][-KEPT:]}


def _events(server: Json) -> list[Json]:
    failed = "Error" if server["fault"] else None
    first = {"action": "create", "id": server["request_id"], "at": server["created_at"], "message": failed}
    return [first, *server.get("events", [])][::-1]


def index(call: Call) -> Answer:
    """GET /servers/{id}/os-instance-actions, the youngest first."""
    server = find(call)
    return Answer(200, {"instanceActions": [_as_json(call, server, one) for one in _events(server)]})


def show(call: Call) -> Answer:
    """GET /servers/{id}/os-instance-actions/{request}."""
    server, wanted = find(call), call.params["request_id"]
    for one in _events(server):
        if one["id"] == wanted:
            return Answer(200, {"instanceAction": _as_json(call, server, one) | _steps(call, server, one)})
    raise Fault(404, f"Action {wanted} not found")


def _as_json(call: Call, server: Json, event: Json) -> Json:
    shown: dict[str, Any] = {
        "action": event["action"],
        "instance_uuid": server["id"],
        "request_id": event["id"],
        "user_id": call.world.store.note("user_id"),
        "project_id": call.project_id,
        "start_time": micros(event["at"]),
        "message": event.get("message"),
    }
    if call.version >= (2, 58):
        shown["updated_at"] = micros(event["at"])
    return shown


def _steps(call: Call, server: Json, event: Json) -> Json:
    # Up to 2.50 only administrators see the steps.
    if call.version < (2, 51):
        return {}
    name = event["action"]
    step = {
        "event": "compute_" + _STEPS.get(name, f"{name}_instance" if name in _OF_INSTANCE else name),
        "start_time": micros(event["at"]),
        "finish_time": micros(event["at"]),
        "result": event.get("message") or "Success",
    }
    if call.version >= (2, 62):
        step["hostId"] = host_id(call.world, server["host"])
    return {"events": [step]}


_PATH = "/servers/{server_id}/os-instance-actions"
ROUTES = (Route("GET", _PATH, index), Route("GET", _PATH + "/{request_id}", show))
