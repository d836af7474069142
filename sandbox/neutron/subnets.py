"""Subnets."""

import ipaddress

from sandbox.faults import Fault, Json
from sandbox.neutron.lists import LISTED, check_given, check_known, check_one_of, check_quota, listing, shown, touch
from sandbox.neutron.model import not_found, subnet_record
from sandbox.routing import Answer, Call, Part, Route
from sandbox.shape import NETWORK

_BODY = Part("subnet", NETWORK)
_WITH_DHCP = 4
"""The fewest addresses of a subnet that DHCP can serve."""
_EDITABLE = frozenset(
    {"name", "description", "gateway_ip", "enable_dhcp", "dns_nameservers", "host_routes", "allocation_pools",
     "service_types"}
)  # fmt: skip
_FIXED = ("cidr", "network_id", "ip_version", "subnetpool_id", "ipv6_address_mode", "ipv6_ra_mode")
_EXTRA = dict.fromkeys(("prefixlen", "use_default_subnetpool"))
_AT_BIRTH = _EDITABLE | {"ipv6_address_mode", "ipv6_ra_mode", "segment_id"}


def create(call: Call) -> Answer:
    """POST /subnets; 400 for a range that overlaps another one of the network."""
    wanted = call.part(*_BODY)
    check_given(wanted, "network_id", "ip_version")
    network_id = str(wanted.get("network_id"))
    check_one_of(wanted, "ip_version", (4, 6))
    _check_nameservers(wanted)
    call.world.need("network", network_id, not_found("Network", network_id))
    check_quota(call, "subnet", "subnet")
    if not wanted.get("cidr"):
        raise Fault(400, "Bad subnets request: a subnetpool must be specified in the absence of a cidr.", "BadRequest")
    # A gateway that is null means "none"; one that is not there means "the first address".
    given = {
        key: value
        for key, value in wanted.items()
        if key in _AT_BIRTH and key != "name" and (value is not None or key == "gateway_ip")
    }
    if wanted.get("gateway_ip") == "":
        del given["gateway_ip"]
    record = subnet_record(call.world, network_id, str(wanted["cidr"]), name=wanted.get("name") or "", **given)
    check_known(wanted, record | _EXTRA)
    _check(call, record, wanted["ip_version"])
    return Answer(201, {"subnet": shown(call.world.store.add("subnet", record))})


def _check(call: Call, record: Json, version: int) -> None:
    if int(version) != record["ip_version"]:
        message = f"cidr '{record['cidr']}' does not match the ip_version '{version}'"
        raise Fault(400, f"Invalid input for operation: {message}.", "InvalidInput")
    block = ipaddress.ip_network(record["cidr"])
    if block.num_addresses < _WITH_DHCP and record["enable_dhcp"]:
        message = "Subnet has a prefix length that is incompatible with DHCP service enabled"
        raise Fault(400, f"Invalid input for operation: {message}.", "InvalidInput")
    _check_pools(record)
    for other in call.world.store.all("subnet", network_id=record["network_id"]):
        if block.overlaps(ipaddress.ip_network(other["cidr"])):
            message = f"Requested subnet with cidr: {block} for network: {record['network_id']} overlaps with another"
            raise Fault(400, f"Invalid input for operation: {message} subnet.", "InvalidInput")


def _check_pools(record: Json) -> None:
    block = ipaddress.ip_network(record["cidr"])
    gateway = ipaddress.ip_address(record["gateway_ip"]) if record["gateway_ip"] else None
    spans: list[tuple[int, int, Json]] = []
    for pool in record["allocation_pools"]:
        low, high = (ipaddress.ip_address(pool[end]) for end in ("start", "end"))
        if low.version != high.version or int(low) > int(high):
            message = f"The allocation pool {{'start': '{low}', 'end': '{high}'}} is not valid."
            raise Fault(400, message, "InvalidAllocationPool")
        if any(ipaddress.ip_address(pool[end]) not in block for end in ("start", "end")):
            message = f"The allocation pool {pool['start']}-{pool['end']} spans beyond the subnet cidr {block}."
            raise Fault(400, message, "OutOfBoundsAllocationPool")
        if gateway is not None and int(low) <= int(gateway) <= int(high):
            message = f"Gateway ip {gateway} conflicts with allocation pool {low}-{high}."
            raise Fault(409, message, "GatewayConflictWithAllocationPools")
        for other_low, other_high, other in spans:
            if int(low) <= other_high and other_low <= int(high):
                message = f"Found overlapping allocation pools: {other['start']}-{other['end']} {low}-{high}"
                raise Fault(409, f"{message} for subnet {block}.", "OverlappingAllocationPools")
        spans.append((int(low), int(high), pool))


def _check_nameservers(wanted: Json) -> None:
    for one in wanted.get("dns_nameservers") or []:
        try:
            ipaddress.ip_address(one)
        except ValueError:
            why = f"'{one}' is not a valid nameserver. '{one}' is not a valid IP address."
            raise Fault(400, f"Invalid input for dns_nameservers. Reason: {why}", "HTTPBadRequest") from None


def index(call: Call) -> Answer:
    """GET /subnets."""
    return listing(call, "subnets", call.world.store.all("subnet"))


def show(call: Call) -> Answer:
    """GET /subnets/{id}."""
    return Answer(200, {"subnet": shown(_find(call))})


def update(call: Call) -> Answer:
    """PUT /subnets/{id}."""
    asked, subnet = call.part(*_BODY), _find(call)
    check_known(asked, subnet, *_FIXED)
    _check_nameservers(asked)
    wanted = {key: value for key, value in asked.items() if key in _EDITABLE}
    if "gateway_ip" in wanted and (wanted["gateway_ip"] or None) != subnet["gateway_ip"]:
        _check_gateway(call, subnet)
        wanted["gateway_ip"] = wanted["gateway_ip"] or None
    record = subnet | {key: value for key, value in wanted.items() if value is not None or key == "gateway_ip"}
    _check_pools(record)
    return Answer(200, {"subnet": shown(call.world.store.save("subnet", touch(call, record)))})


def _check_gateway(call: Call, subnet: Json) -> None:
    for port in call.world.store.all("port", network_id=subnet["network_id"]):
        held = {"subnet_id": subnet["id"], "ip_address": subnet["gateway_ip"]}
        if held in port["fixed_ips"] and port["device_owner"].startswith("network:router"):
            message = (
                f"Current gateway ip {subnet['gateway_ip']} already in use by port {port['id']}. Unable to update."
            )
            raise Fault(409, message, "GatewayIpInUse")


def delete(call: Call) -> Answer:
    """DELETE /subnets/{id}; 409 while a port has an address of it."""
    subnet = _find(call)
    if call.world.store.taken(subnet["id"]):
        message = f"Unable to complete operation on subnet {subnet['id']}: One or more ports have an IP allocation from"
        raise Fault(409, f"{message} this subnet.", "SubnetInUse")
    call.world.store.remove("subnet", subnet["id"])
    return Answer(204)


def _find(call: Call) -> Json:
    wanted = call.params["subnet_id"]
    return call.world.need("subnet", wanted, not_found("Subnet", wanted))


ROUTES = (
    Route("POST", "/subnets", create, body=(_BODY,)),
    Route("GET", "/subnets", index, query=LISTED),
    Route("GET", "/subnets/{subnet_id}", show),
    Route("PUT", "/subnets/{subnet_id}", update, body=(_BODY,)),
    Route("DELETE", "/subnets/{subnet_id}", delete),
)
