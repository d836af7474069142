"""Neutron's quotas, its extensions and its availability zones."""

from sandbox import shape
from sandbox.faults import Fault
from sandbox.neutron.lists import used
from sandbox.routing import Answer, Call, Part, Route

_BODY = Part("quota")
_KINDS = {
    "network": "network",
    "subnet": "subnet",
    "port": "port",
    "router": "router",
    "floatingip": "floatingip",
    "security_group": "security_group",
    "security_group_rule": "rule",
}
_EXTENSIONS = {
    "agent": ("agent", "The agent management extension."),
    "allowed-address-pairs": ("Allowed Address Pairs", "Provides allowed address pairs"),
    "availability_zone": ("Availability Zone", "The availability zone extension."),
    "binding": ("Port Binding", "Expose port bindings of a virtual port to external application"),
    "external-net": ("Neutron external network", "Adds external network attribute to network resource."),
    "extraroute": ("Neutron Extra Route", "Extra routes configuration for L3 router"),
    "net-mtu": ("Network MTU", "Provides MTU attribute for a network resource."),
    "network-ip-availability": (
        "Network IP Availability",
        "Provides IP availability data for each network and subnet.",
    ),
    "network_availability_zone": ("Network Availability Zone", "Availability zone support for network."),
    "port-security": ("Port Security", "Provides port security"),
    "project-id": ("project_id field enabled", "Extension that indicates that project_id field is enabled."),
    "provider": ("Provider Network", "Expose mapping of virtual networks to physical networks"),
    "quota_details": (
        "Quota details management support",
        "Expose functions for quotas usage statistics per project",
    ),
    "quotas": ("Quota management support", "Expose functions for quotas management per project"),
    "router": (
        "Neutron L3 Router",
        (
            "Router abstraction for basic L3 forwarding between L2 Neutron networks and access to external networks "
            "via a NAT gateway."
        ),
    ),
    "router_availability_zone": ("Router Availability Zone", "Availability zone support for router."),
    "security-group": ("security-group", "The security groups extension."),
    "segment": ("Segment", "Segments extension."),
    "standard-attr-description": (
        "standard-attr-description",
        "Extension to add descriptions to standard attributes",
    ),
    "standard-attr-tag": (
        (
            "Tag support for resources with standard attribute: port, subnet, subnetpool, network, security_group, "
            "router, floatingip, policy, trunk, network_segment_range"
        ),
        "Enables to set tag on resources with standard attribute.",
    ),
    "standard-attr-timestamp": (
        "Resource timestamps",
        "Adds created_at and updated_at fields to all Neutron resources that have Neutron standard attributes.",
    ),
}
"""Each alias with its name and description."""


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
    wanted = shape.limits(call.part(*_BODY), limits)
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
    name, description = _EXTENSIONS[alias]
    return {
        "alias": alias,
        "name": name,
        "description": description,
        "links": [],
        "updated": "2013-07-23T10:00:00-00:00",
    }


def _limits(call: Call) -> dict[str, int]:
    record = call.world.store.get("quota", "network")
    limits: dict[str, int] = record["limits"] if record else {}
    return limits


ROUTES = (
    Route("GET", "/quotas/{quota_project}", show),
    Route("PUT", "/quotas/{quota_project}", update, body=(_BODY,)),
    Route("GET", "/quotas/{quota_project}/default", show),
    Route("GET", "/quotas/{quota_project}/details", details),
    Route("GET", "/quotas/{quota_project}/details.json", details),
    Route("GET", "/extensions", extensions),
    Route("GET", "/extensions/{alias}", extension),
)
