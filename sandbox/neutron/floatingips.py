"""Floating IPs: addresses of an external network, bound to a port's fixed address."""

from sandbox.faults import Fault, Json
from sandbox.neutron.lists import LISTED, check_given, check_plain, check_quota, listing, shown, touch
from sandbox.neutron.model import base_record, close_port, not_found, open_port
from sandbox.routing import Answer, Call, Part, Route
from sandbox.shape import NETWORK

_BODY = Part("floatingip", NETWORK)


def create(call: Call) -> Answer:
    """POST /floatingips."""
    wanted = call.part(*_BODY)
    check_given(wanted, "floating_network_id")
    if not call.world.ecs:
        check_plain("create_floatingip", wanted, "floating_ip_address")
    network_id = str(wanted.get("floating_network_id"))
    network = call.world.need("network", network_id, not_found("Network", network_id))
    if not network["router:external"]:
        message = f"Bad floatingip request: Network {network_id} is not a valid external network."
        raise Fault(400, message, "BadRequest")
    check_quota(call, "floatingip", "floatingip")
    record = base_record(call.world, "", wanted.get("description") or "", revision=0)
    del record["name"]
    address = {"subnet_id": wanted.get("subnet_id"), "ip_address": wanted.get("floating_ip_address")}
    port = open_port(
        call.world,
        network,
        fixed_ips=[address] if any(address.values()) else None,
        security_groups=[],
        device_id=record["id"],
        device_owner="network:floatingip",
        project_id="",
        tenant_id="",
    )
    record |= {
        "floating_network_id": network_id,
        "floating_ip_address": port["fixed_ips"][0]["ip_address"],
        "own_port_id": port["id"],
        "port_id": None,
        "fixed_ip_address": None,
        "router_id": None,
        "status": "DOWN",
        "qos_policy_id": None,
    }
    if wanted.get("port_id"):
        record |= _binding(call, record, wanted)
    return Answer(201, {"floatingip": _as_json(call, call.world.store.add("floatingip", record))})


def index(call: Call) -> Answer:
    """GET /floatingips."""
    return listing(call, "floatingips", [_as_json(call, one) for one in call.world.store.all("floatingip")])


def show(call: Call) -> Answer:
    """GET /floatingips/{id}."""
    return Answer(200, {"floatingip": _as_json(call, _find(call))})


def update(call: Call) -> Answer:
    """PUT /floatingips/{id}: bind it to a port, or (null) to none."""
    record = _find(call)
    wanted = call.part(*_BODY)
    if "description" in wanted:
        record["description"] = wanted["description"]
    if "port_id" in wanted:
        record |= _binding(call, record, wanted)
    return Answer(200, {"floatingip": _as_json(call, call.world.store.save("floatingip", touch(call, record)))})


def delete(call: Call) -> Answer:
    """DELETE /floatingips/{id}."""
    record = _find(call)
    if port := call.world.store.get("port", record["own_port_id"]):
        close_port(call.world, port)
    call.world.store.remove("floatingip", record["id"])
    return Answer(204)


def _binding(call: Call, record: Json, wanted: Json) -> Json:
    if not wanted.get("port_id"):
        return {"port_id": None, "fixed_ip_address": None, "router_id": None, "status": "DOWN"}
    port = call.world.need("port", wanted["port_id"], not_found("Port", wanted["port_id"]))
    addresses = {one["ip_address"]: one["subnet_id"] for one in port["fixed_ips"] if ":" not in one["ip_address"]}
    fixed = wanted.get("fixed_ip_address") or next(iter(addresses), None)
    if fixed not in addresses:
        message = f"Port {port['id']} does not have fixed ip {fixed}."
        raise Fault(400, f"Bad floatingip request: {message}", "BadRequest")
    external = record["floating_network_id"]
    for other in call.world.store.all("floatingip", port_id=port["id"]):
        same = other["fixed_ip_address"] == fixed and other["floating_network_id"] == external
        if same and other["id"] != record["id"]:
            message = f"Cannot associate floating IP {record['floating_ip_address']} ({record['id']}) with port"
            why = f"{port['id']} using fixed IP {fixed}, as that fixed IP already has a floating IP on external network"
            raise Fault(409, f"{message} {why} {external}.", "FloatingIPPortAlreadyAssociated")
    router_id = _router(call, addresses[fixed], external)
    if router_id is None and not call.world.ecs:
        # The document's cloud binds a floating IP without a router of the user's; plain Neutron needs one.
        message = f"External network {external} is not reachable from subnet {addresses[fixed]}.  Therefore, cannot"
        why = f"{message} associate Port {port['id']} with a Floating IP."
        raise Fault(404, why, "ExternalGatewayForFloatingIPNotFound")
    return {"port_id": port["id"], "fixed_ip_address": fixed, "router_id": router_id, "status": "ACTIVE"}


def _router(call: Call, subnet_id: str, external: str) -> str | None:
    """Return the router between a subnet and an external network."""
    for router in call.world.store.all("router"):
        if (router["external_gateway_info"] or {}).get("network_id") != external:
            continue
        for port in call.world.store.all("port", device_id=router["id"]):
            if any(fixed["subnet_id"] == subnet_id for fixed in port["fixed_ips"]):
                return str(router["id"])
    return None


def _as_json(call: Call, record: Json) -> Json:
    visible = {key: value for key, value in shown(record).items() if key != "own_port_id"}
    port = call.world.store.get("port", record["port_id"] or "")
    keys = ("name", "network_id", "mac_address", "admin_state_up", "status", "device_id", "device_owner")
    return visible | {"port_details": {key: port[key] for key in keys} if port else None}


def _find(call: Call) -> Json:
    wanted = call.params["floatingip_id"]
    return call.world.need("floatingip", wanted, not_found("Floating IP", wanted))


ROUTES = (
    Route("POST", "/floatingips", create, body=(_BODY,)),
    Route("GET", "/floatingips", index, query=LISTED),
    Route("GET", "/floatingips/{floatingip_id}", show),
    Route("PUT", "/floatingips/{floatingip_id}", update, body=(_BODY,)),
    Route("DELETE", "/floatingips/{floatingip_id}", delete),
)
