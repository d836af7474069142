"""Subnets."""

import ipaddress

from sandbox.faults import Fault, Json
from sandbox.neutron.lists import check_quota, listing, shown, touch
from sandbox.neutron.model import not_found, subnet_record
from sandbox.routing import Answer, Call, Route
from sandbox.shape import NETWORK

_EDITABLE = frozenset(
    {"name", "description", "gateway_ip", "enable_dhcp", "dns_nameservers", "host_routes", "allocation_pools",
     "service_types", "dns_publish_fixed_ip"}
)  # fmt: skip
_AT_BIRTH = _EDITABLE | {"ipv6_address_mode", "ipv6_ra_mode", "segment_id"}


def create(call: Call) -> Answer:
    """POST /subnets; 400 for a range that overlaps another one of the network."""
    wanted = call.part("subnet", NETWORK)
    network_id = str(wanted.get("network_id"))
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
    _check(call, record, wanted.get("ip_version"))
    return Answer(201, {"subnet": shown(call.world.store.add("subnet", record))})


def _check(call: Call, record: Json, version: int | None) -> None:
    if version is not None and int(version) != record["ip_version"]:
        message = f"An IPv{record['ip_version']} cidr does not fit ip_version {version}"
        raise Fault(400, f"Invalid input for operation: {message}.", "InvalidInput")
    block = ipaddress.ip_network(record["cidr"])
    for other in call.world.store.all("subnet", network_id=record["network_id"]):
        if block.overlaps(ipaddress.ip_network(other["cidr"])):
            message = f"Requested subnet with cidr: {block} for network: {record['network_id']} overlaps with another"
            raise Fault(400, f"Invalid input for operation: {message} subnet.", "InvalidInput")
    _check_pools(record)


def _check_pools(record: Json) -> None:
    block = ipaddress.ip_network(record["cidr"])
    for pool in record["allocation_pools"]:
        if any(ipaddress.ip_address(pool[end]) not in block for end in ("start", "end")):
            message = f"The allocation pool {pool['start']}-{pool['end']} spans beyond the subnet cidr {block}."
            raise Fault(400, message, "OutOfBoundsAllocationPool")


def index(call: Call) -> Answer:
    """GET /subnets."""
    return listing(call, "subnets", call.world.store.all("subnet"))


def show(call: Call) -> Answer:
    """GET /subnets/{id}."""
    return Answer(200, {"subnet": shown(_find(call))})


def update(call: Call) -> Answer:
    """PUT /subnets/{id}."""
    wanted = {key: value for key, value in call.part("subnet", NETWORK).items() if key in _EDITABLE}
    record = _find(call) | {key: value for key, value in wanted.items() if value is not None or key == "gateway_ip"}
    _check_pools(record)
    return Answer(200, {"subnet": shown(call.world.store.save("subnet", touch(call, record)))})


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
    Route("POST", "/subnets", create),
    Route("GET", "/subnets", index),
    Route("GET", "/subnets/{subnet_id}", show),
    Route("PUT", "/subnets/{subnet_id}", update),
    Route("DELETE", "/subnets/{subnet_id}", delete),
)
