"""Networks, and the tags of everything in Neutron."""

from sandbox.faults import Fault, Json
from sandbox.neutron.lists import LISTED, check_known, check_plain, check_quota, listing, shown, touch
from sandbox.neutron.model import close_port, network_record, not_found
from sandbox.routing import Answer, Call, Part, Route
from sandbox.shape import NETWORK, texts

_TAGS = Part("", {"tags": texts})
_MOST_TAGS = 50
_LONGEST_TAG = 255
_BODY = Part("network", NETWORK)
_EDITABLE = frozenset(
    {
        "name", "description", "admin_state_up", "shared", "router:external", "port_security_enabled", "mtu",
        "is_default",
    }
)  # fmt: skip
_AT_BIRTH = _EDITABLE | {
    "availability_zone_hints", "provider:network_type", "provider:physical_network", "provider:segmentation_id",
}  # fmt: skip
_FOR_ADMINS = (
    "shared", "router:external", "provider:network_type", "provider:physical_network", "provider:segmentation_id",
)  # fmt: skip
_EXTRA = dict.fromkeys(("is_default", "availability_zone_hints", "segments", "vlan_transparent"))
_TAGGED = {
    "networks": "network",
    "subnets": "subnet",
    "ports": "port",
    "security-groups": "security_group",
    "security_groups": "security_group",
    "routers": "router",
    "floatingips": "floatingip",
}


def create(call: Call) -> Answer:
    """POST /networks."""
    wanted = call.part(*_BODY)
    record = network_record(call.world, wanted.get("name") or "", wanted.get("description") or "")
    check_known(wanted, record | _EXTRA)
    if not call.world.ecs:
        # The document's cloud tells and takes the type of a network; plain Neutron keeps it to administrators.
        check_plain("create_network", {key: value for key, value in wanted.items() if value}, *_FOR_ADMINS)
    check_quota(call, "network", "network")
    record |= {key: value for key, value in wanted.items() if key in _AT_BIRTH and value is not None}
    shown_once = {"is_default": bool(record.pop("is_default", False))}
    return Answer(201, {"network": _as_json(call, call.world.store.add("network", record)) | shown_once})


def index(call: Call) -> Answer:
    """GET /networks."""
    return listing(call, "networks", [_as_json(call, one) for one in call.world.store.all("network")])


def show(call: Call) -> Answer:
    """GET /networks/{id}."""
    return Answer(200, {"network": _as_json(call, _find(call))})


def update(call: Call) -> Answer:
    """PUT /networks/{id}."""
    asked, network = call.part(*_BODY), _find(call)
    check_known(asked, network | _EXTRA)
    if not call.world.ecs:
        check_plain(
            "update_network", {key: asked[key] for key in asked if asked[key] != network.get(key)}, *_FOR_ADMINS
        )
    wanted = {key: value for key, value in asked.items() if key in _EDITABLE}
    record = call.world.store.save("network", touch(call, network | wanted))
    return Answer(200, {"network": _as_json(call, record)})


def delete(call: Call) -> Answer:
    """DELETE /networks/{id}, with its subnets; 409 while somebody has a port on it."""
    network = _find(call)
    ports = call.world.store.all("port", network_id=network["id"])
    if busy := [port["id"] for port in ports if not port["device_owner"].startswith("network:dhcp")]:
        message = f"Unable to complete operation on network {network['id']}. There are one or more ports still in use"
        raise Fault(409, f"{message} on the network, id for these ports is: {','.join(busy)}.", "NetworkInUse")
    for port in ports:
        close_port(call.world, port)
    for subnet in call.world.store.all("subnet", network_id=network["id"]):
        call.world.store.remove("subnet", subnet["id"])
    call.world.store.remove("network", network["id"])
    return Answer(204)


def _find(call: Call) -> Json:
    wanted = call.params["network_id"]
    return call.world.need("network", wanted, not_found("Network", wanted))


def _as_json(call: Call, record: Json) -> Json:
    subnets = [subnet["id"] for subnet in call.world.store.all("subnet", network_id=record["id"])]
    visible = shown(record) | {"subnets": subnets}
    if call.world.ecs:
        return visible
    return {key: value for key, value in visible.items() if not key.startswith("provider:")}


def _tagged(call: Call) -> tuple[str, Json]:
    kind = _TAGGED.get(call.params["things"])
    if kind is None:
        raise Fault(404, "The resource could not be found.", "HTTPNotFound")
    wanted = call.params["thing_id"]
    return kind, call.world.need(kind, wanted, not_found(kind.replace("_", " ").title(), wanted))


def list_tags(call: Call) -> Answer:
    """GET /{things}/{id}/tags."""
    return Answer(200, {"tags": _tagged(call)[1]["tags"]})


def replace_tags(call: Call) -> Answer:
    """PUT /{things}/{id}/tags."""
    kind, record = _tagged(call)
    tags = call.body.get("tags") if isinstance(call.body, dict) else None
    if not isinstance(tags, list) or not texts(tags) or any(len(tag) > _LONGEST_TAG for tag in tags):
        raise Fault(400, "Invalid tags body", "HTTPBadRequest")
    if len(tags) > _MOST_TAGS:
        raise Fault(400, f"The number of tags exceed the resource limit {_MOST_TAGS}.", "HTTPBadRequest")
    record = call.world.store.save(kind, record | {"tags": sorted(set(tags))})
    return Answer(200, {"tags": record["tags"]})


def delete_tags(call: Call) -> Answer:
    """DELETE /{things}/{id}/tags."""
    kind, record = _tagged(call)
    call.world.store.save(kind, record | {"tags": []})
    return Answer(204)


ROUTES = (
    Route("POST", "/networks", create, body=(_BODY,)),
    Route("GET", "/networks", index, query=LISTED),
    Route("GET", "/networks/{network_id}", show),
    Route("PUT", "/networks/{network_id}", update, body=(_BODY,)),
    Route("DELETE", "/networks/{network_id}", delete),
    Route("GET", "/{things}/{thing_id}/tags", list_tags),
    Route("PUT", "/{things}/{thing_id}/tags", replace_tags, body=(_TAGS,)),
    Route("DELETE", "/{things}/{thing_id}/tags", delete_tags),
)
