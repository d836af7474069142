"""Floating IPs: addresses of an external network, bound to a port's fixed address."""

from sandbox.faults import Fault, Json
from sandbox.neutron.lists import check_quota, listing, shown, touch
from sandbox.neutron.model import base_record, close_port, not_found, open_port
from sandbox.routing import Answer, Call, Route
from sandbox.shape import NETWORK


def create(call: Call) -> Answer:
    """POST /floatingips."""
    wanted = call.part("floatingip", NETWORK)
    network_id = str(wanted.get("floating_network_id"))
    network = call.world.need("network", network_id, not_found("Network", network_id))
    if not network["router:external"]:
        message = f"Bad floatingip request: Network {network_id} is not a valid external network."
        raise Fault(400, message, "BadRequest")
    check_quota(call, "floatingip", "floatingip")
    record = base_record(call.world, "", wanted.get("description") or "")
    del record["name"]
    address = {"subnet_id": wanted.get("subnet_id"), "ip_address": wanted.get("floating_ip_address")}
    port = open_port(
        call.world,
        network,
        fixed_ips=[address] if any(address.values()) else None,
        security_groups=[],
        device_id=record["id"],
        device_owner="network:floatingip",
    )
    record |= {
        "floating_network_id": network_id,
        "floating_ip_address": port["fixed_ips"][0]["ip_address"],
        "own_port_id": port["id"],
        "port_id": None,
        "fixed_ip_address": None,
        "router_id": None,
        "status": "DOWN",
        "port_details": None,
        "dns_name": wanted.get("dns_name") or "",
        "dns_domain": wanted.get("dns_domain") or "",
        "qos_policy_id": None,
        "port_forwardings": [],
    }
    if wanted.get("port_id"):
        record |= _binding(call, wanted)
    return Answer(201, {"floatingip": _as_json(call.world.store.add("floatingip", record))})


def index(call: Call) -> Answer:
    """GET /floatingips."""
    return listing(call, "floatingips", [_as_json(one) for one in call.world.store.all("floatingip")])


def show(call: Call) -> Answer:
    """GET /floatingips/{id}."""
    return Answer(200, {"floatingip": _as_json(_find(call))})


def update(call: Call) -> Answer:
    """PUT /floatingips/{id}: bind it to a port, or (null) to none."""
    record = _find(call)
    wanted = call.part("floatingip", NETWORK)
    if "description" in wanted:
        record["description"] = wanted["description"]
    if "port_id" in wanted:
        record |= _binding(call, wanted)
    return Answer(200, {"floatingip": _as_json(call.world.store.save("floatingip", touch(call, record)))})


def delete(call: Call) -> Answer:
    """DELETE /floatingips/{id}."""
    record = _find(call)
    if port := call.world.store.get("port", record["own_port_id"]):
        close_port(call.world, port)
    call.world.store.remove("floatingip", record["id"])
    return Answer(204)


def _binding(call: Call, wanted: Json) -> Json:
    if not wanted.get("port_id"):
        return {"port_id": None, "fixed_ip_address": None, "router_id": None, "status": "DOWN"}
    port = call.world.need("port", wanted["port_id"], not_found("Port", wanted["port_id"]))
    addresses = [one["ip_address"] for one in port["fixed_ips"]]
    fixed = wanted.get("fixed_ip_address") or (addresses[0] if addresses else None)
    if fixed not in addresses:
        raise Fault(400, f"Bad floatingip request: port {port['id']} does not have the fixed IP {fixed}.", "BadRequest")
    return {"port_id": port["id"], "fixed_ip_address": fixed, "status": "ACTIVE"}


def _as_json(record: Json) -> Json:
    return {key: value for key, value in shown(record).items() if key != "own_port_id"}


def _find(call: Call) -> Json:
    wanted = call.params["floatingip_id"]
    return call.world.need("floatingip", wanted, not_found("Floating IP", wanted))


ROUTES = (
    Route("POST", "/floatingips", create),
    Route("GET", "/floatingips", index),
    Route("GET", "/floatingips/{floatingip_id}", show),
    Route("PUT", "/floatingips/{floatingip_id}", update),
    Route("DELETE", "/floatingips/{floatingip_id}", delete),
)
