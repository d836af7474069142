"""Neutron's quotas, its extensions and its availability zones."""

from sandbox import lenient
from sandbox.faults import Fault
from sandbox.neutron.lists import used
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
    "agent", "allowed-address-pairs", "availability_zone", "binding", "dns-integration", "external-net", "extraroute",
    "net-mtu", "network-ip-availability", "network_availability_zone", "port-security", "project-id", "provider",
    "quota_details", "quotas", "router", "router_availability_zone", "security-group", "segment",
    "standard-attr-description", "standard-attr-tag", "standard-attr-timestamp",
)  # fmt: skip


def show(call: Call) -> Answer:
    """GET /quotas/{project}, and its `default`."""
    return Answer(200, {"quota": _limits(call)})


def details(call: Call) -> Answer:
    """GET /quotas/{project}/details.json."""
    counted = {
        name: {"limit": limit, "used": used(call, _KINDS[name]) if name in _KINDS else 0, "reserved": 0}
        for name, limit in _limits(call).items()
    }
    return Answer(200, {"quota": counted})


def update(call: Call) -> Answer:
    """PUT /quotas/{project}: the user of a sandbox is its administrator as far as quotas go."""
    limits = _limits(call)
    wanted = {key: lenient.integer(value) for key, value in call.part("quota").items() if key in limits}
    call.world.store.save("quota", {"id": "network", "limits": limits | wanted})
    return Answer(200, {"quota": limits | wanted})


def extensions(_: Call) -> Answer:
    """GET /extensions."""
    return Answer(200, {"extensions": [_extension(alias) for alias in _EXTENSIONS]})


def extension(call: Call) -> Answer:
    """GET /extensions/{alias}."""
    if call.params["alias"] not in _EXTENSIONS:
        raise Fault(404, f"Extension with alias {call.params['alias']} does not exist", "HTTPNotFound")
    return Answer(200, {"extension": _extension(call.params["alias"])})


def _extension(alias: str) -> dict[str, object]:
    # A client looks for some of them by name.
    name = alias.replace("_", " ").replace("-", " ").title()
    return {"alias": alias, "name": name, "description": f"{name} extension.", "links": [], "updated": "2013-07-23T10:00:00-00:00"}


def _limits(call: Call) -> dict[str, int]:
    record = call.world.store.get("quota", "network")
    limits: dict[str, int] = record["limits"] if record else {}
    return limits


ROUTES = (
    Route("GET", "/quotas/{quota_project}", show),
    Route("PUT", "/quotas/{quota_project}", update),
    Route("GET", "/quotas/{quota_project}/default", show),
    Route("GET", "/quotas/{quota_project}/details", details),
    Route("GET", "/quotas/{quota_project}/details.json", details),
    Route("GET", "/extensions", extensions),
    Route("GET", "/extensions/{alias}", extension),
)
