"""Neutron's quotas, its extensions and its availability zones."""

from sandbox.faults import Fault
from sandbox.routing import Answer, Call, Route

_KINDS = {
    "network": "network",
    "subnet": "subnet",
    "port": "port",
    "router": "router",
    "floatingip": "floatingip",
    "security_group": "security_group",
    "security_group_rule": "rule",
}
_EXTENSIONS = (
    "binding", "external-net", "net-mtu", "port-security", "project-id", "provider", "quotas", "router",
    "security-group", "standard-attr-description", "standard-attr-tag", "standard-attr-timestamp",
)  # fmt: skip


def show(call: Call) -> Answer:
    """GET /quotas/{project}, and its `default`."""
    return Answer(200, {"quota": _limits(call)})


def details(call: Call) -> Answer:
    """GET /quotas/{project}/details.json."""
    counted = {
        name: {"limit": limit, "used": call.world.store.total(_KINDS[name])[0] if name in _KINDS else 0, "reserved": 0}
        for name, limit in _limits(call).items()
    }
    return Answer(200, {"quota": counted})


def extensions(_: Call) -> Answer:
    """GET /extensions."""
    return Answer(200, {"extensions": [_extension(alias) for alias in _EXTENSIONS]})


def extension(call: Call) -> Answer:
    """GET /extensions/{alias}."""
    if call.params["alias"] not in _EXTENSIONS:
        raise Fault(404, f"Extension with alias {call.params['alias']} does not exist", "HTTPNotFound")
    return Answer(200, {"extension": _extension(call.params["alias"])})


def _extension(alias: str) -> dict[str, object]:
    return {"alias": alias, "name": alias, "description": alias, "links": [], "updated": "2013-07-23T10:00:00-00:00"}


def _limits(call: Call) -> dict[str, int]:
    record = call.world.store.get("quota", "network")
    limits: dict[str, int] = record["limits"] if record else {}
    return limits


ROUTES = (
    Route("GET", "/quotas/{quota_project}", show),
    Route("GET", "/quotas/{quota_project}/default", show),
    Route("GET", "/quotas/{quota_project}/details", details),
    Route("GET", "/quotas/{quota_project}/details.json", details),
    Route("GET", "/extensions", extensions),
    Route("GET", "/extensions/{alias}", extension),
)
