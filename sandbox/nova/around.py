"""What clients ask Nova for besides servers: usage, consoles, and what a plain user may not see."""

from datetime import UTC, datetime

from sandbox.clock import micros
from sandbox.faults import Fault, Json
from sandbox.nova.servers import find
from sandbox.routing import Answer, Call, Handler, Part, Route
from sandbox.shape import mapping

_CONSOLE = Part("remote_console", {"options": mapping})
_HOUR = 3600
_FOR_ADMINS = {
    "/os-aggregates": "os-aggregates:index",
    "/os-availability-zone/detail": "os-availability-zone:detail",
    "/os-hosts": "os-hosts:list",
    "/os-hypervisors": "os-hypervisors:list",
    "/os-hypervisors/detail": "os-hypervisors:list-detail",
    "/os-hypervisors/statistics": "os-hypervisors:statistics",
    "/os-migrations": "os-migrations:index",
    "/os-services": "os-services:list",
    "/os-simple-tenant-usage": "os-simple-tenant-usage:list",
    "/servers/{server_id}/diagnostics": "os-server-diagnostics",
    "/servers/{server_id}/migrations": "servers:migrations:index",
}


def forbidden(policy: str) -> Fault:
    """Return Nova's 403 for a policy, `os-hosts:list`."""
    return Fault(403, f"Policy doesn't allow os_compute_api:{policy} to be performed.")


def _refuse(policy: str) -> Handler:
    def refuse(_: Call) -> Answer:
        """Refuse a plain user."""
        raise forbidden(policy)

    return refuse


def usage(call: Call) -> Answer:
    """GET /os-simple-tenant-usage/{project}: what the servers that exist have taken between `start` and `end`."""
    if call.params["usage_project"] != call.project_id:
        raise forbidden("os-simple-tenant-usage:show")
    now = call.world.now()
    start, end = _moment(call, "start", now), min(_moment(call, "end", now), now)
    usages = [_usage(call, one, start, end) for one in call.world.store.all("server") if one["created_at"] <= end]
    if not usages:
        return Answer(200, {"tenant_usage": {}})
    hours = sum(one["hours"] for one in usages)
    totals = {
        "tenant_id": call.project_id,
        "server_usages": usages,
        "start": micros(start),
        "stop": micros(end),
        "total_hours": hours,
        "total_vcpus_usage": sum(one["hours"] * one["vcpus"] for one in usages),
        "total_memory_mb_usage": sum(one["hours"] * one["memory_mb"] for one in usages),
        "total_local_gb_usage": sum(one["hours"] * one["local_gb"] for one in usages),
    }
    return Answer(200, {"tenant_usage": totals})


def _moment(call: Call, key: str, default: float) -> float:
    given = call.ask(key)
    if given is None:
        return default
    try:
        return datetime.fromisoformat(given).replace(tzinfo=UTC).timestamp()
    except (ValueError, OverflowError):
        raise Fault(400, f"Bad request: Datetime is in invalid format: {given}") from None


def _usage(call: Call, server: Json, start: float, end: float) -> Json:
    began, flavor = server["created_at"], server["flavor"]
    return {
        "instance_id": server["id"],
        "name": server["name"],
        "tenant_id": call.project_id,
        "flavor": flavor["name"],
        "vcpus": flavor["vcpus"],
        "memory_mb": flavor["ram"],
        "local_gb": flavor["disk"],
        "started_at": micros(began),
        "ended_at": None,
        "hours": max(0.0, end - max(start, began)) / _HOUR,
        "state": server["status"].lower(),
        "uptime": int(max(0.0, call.world.now() - began)),
    }


def remote_console(call: Call) -> Answer:
    """POST /servers/{id}/remote-consoles, from 2.6: there is no screen to look at."""
    find(call)
    wanted = call.part(*_CONSOLE)
    raise Fault(400, f"Unavailable console type {wanted.get('type')}.")


def no_password(call: Call) -> Answer:
    """GET /servers/{id}/os-server-password: nobody has left one."""
    find(call)
    return Answer(200, {"password": ""})


def forget_password(call: Call) -> Answer:
    """DELETE /servers/{id}/os-server-password."""
    find(call)
    return Answer(204)


def topology(call: Call) -> Answer:
    """GET /servers/{id}/topology, from 2.78."""
    find(call)
    if call.version < (2, 78):
        raise Fault(404, "The resource could not be found.")
    return Answer(200, {"nodes": [], "pagesize_kb": None})


ROUTES = (
    *(Route("GET", path, _refuse(policy), status=()) for path, policy in _FOR_ADMINS.items()),
    Route("GET", "/os-simple-tenant-usage/{usage_project}", usage, query=("start", "end")),
    Route("POST", "/servers/{server_id}/remote-consoles", remote_console, body=(_CONSOLE,), status=()),
    Route("GET", "/servers/{server_id}/os-server-password", no_password),
    Route("DELETE", "/servers/{server_id}/os-server-password", forget_password),
    Route("GET", "/servers/{server_id}/topology", topology),
)
