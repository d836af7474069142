"""What clients ask Neutron for besides networks: things that a plain user has none of, and the zones."""

from sandbox.faults import Json
from sandbox.neutron.lists import listing
from sandbox.neutron.model import not_found
from sandbox.routing import Answer, Call, Handler, Route

_NONE_OF = {
    "/address-groups": "address_groups",
    "/address-scopes": "address_scopes",
    "/agents": "agents",
    "/flavors": "flavors",
    "/network-ip-availabilities": "network_ip_availabilities",
    "/rbac-policies": "rbac_policies",
    "/segments": "segments",
    "/service-providers": "service_providers",
    "/subnetpools": "subnetpools",
}
_NAMES = {
    "/address-groups": "Address group",
    "/address-scopes": "AddressScope",
    "/agents": "Agent",
    "/flavors": "Flavor",
    "/network-ip-availabilities": "Network",
    "/rbac-policies": "RBAC policy of type",
    "/segments": "Segment",
    "/subnetpools": "SubnetPool",
}


def _none(key: str) -> Handler:
    return lambda _: Answer(200, {key: []})


def _missing(name: str) -> Handler:
    def missing(call: Call) -> Answer:
        """There is none, so there is not this one."""
        raise not_found(name, call.params["thing_id"])

    return missing


def zones(call: Call) -> Answer:
    """GET /availability_zones: one for all networks and routers."""
    found: list[Json] = [
        {"name": "nova", "resource": kind, "state": "available", "tags": []} for kind in ("network", "router")
    ]
    return listing(call, "availability_zones", found)


ROUTES = (
    *(Route("GET", path, _none(key)) for path, key in _NONE_OF.items()),
    *(Route("GET", path + "/{thing_id}", _missing(name), status=()) for path, name in _NAMES.items()),
    Route("GET", "/availability_zones", zones),
)
