"""How Neutron's things are made: records, addresses out of a subnet, ports on a network."""

import ipaddress
import secrets
from typing import Any

from sandbox.clock import zulu
from sandbox.faults import Fault, Json
from sandbox.world import World, new_id

_IPV4 = 4

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def not_found(kind: str, record_id: str) -> Fault:
    """Return Neutron's 404 for a `Network`, `Subnet`, `Port`, ..."""
    word = kind.title().replace(" ", "")
    # Security groups and their rules have a sentence of their own.
    lost = "does not exist" if kind.startswith("Security") else "could not be found"
    # Nor do routers end theirs with a full stop.
    lost += "" if kind.startswith(("Security", "Router")) else "."
    return Fault(404, f"{kind} {record_id} {lost}", f"{word}NotFound")


def base_record(world: World, name: str, description: str = "", revision: int = 1) -> Json:
    """Return what every thing of Neutron has; `revision` is where its count of changes begins."""
    stamp = zulu(world.now())
    return {
        "id": new_id(),
        "name": name,
        "description": description,
        "project_id": world.project_id,
        "tenant_id": world.project_id,
        "tags": [],
        "created_at": stamp,
        "updated_at": stamp,
        "revision_number": revision,
    }


def network_record(world: World, name: str, description: str = "", network_type: str = "vxlan") -> Json:
    """Return a new network, not yet filed."""
    return base_record(world, name, description) | {
        "status": "ACTIVE",
        "admin_state_up": True,
        "shared": False,
        "router:external": False,
        "port_security_enabled": True,
        "mtu": 1450,
        "availability_zone_hints": [],
        "availability_zones": [],
        "ipv4_address_scope": None,
        "ipv6_address_scope": None,
        "l2_adjacency": True,
        "vlan_transparent": False,
        "qinq": False,
        "provider:network_type": network_type,
        "provider:physical_network": None,
        "provider:segmentation_id": 1000 + secrets.randbelow(9000),
    }


def subnet_record(world: World, network_id: str, cidr: str, name: str = "", **given: Any) -> Json:
    """Return a new subnet, not yet filed; raises a 400 for a range that is none.

    `given` may hold `gateway_ip` (None for no gateway), `allocation_pools` and whatever else a subnet shows.
    """
    try:
        block = ipaddress.ip_network(cidr, strict=False)
    except ValueError:
        raise Fault(400, f"Invalid input for operation: {cidr} is not in a CIDR format.", "InvalidInput") from None
    # In IPv6 the first address of a subnet is its routers' anycast address, so that is the gateway.
    first = block[0] if block.version != _IPV4 else block[1] if block.num_addresses > 1 else None
    gateway = given.pop("gateway_ip", None if first is None else str(first))
    pools = given.pop("allocation_pools", None) or _pools(block, gateway)
    record = base_record(world, name, revision=0) | {
        "network_id": network_id,
        "cidr": str(block),
        "ip_version": block.version,
        "gateway_ip": gateway,
        "allocation_pools": pools,
        "enable_dhcp": True,
        "dns_nameservers": [],
        "host_routes": [],
        "ipv6_address_mode": None,
        "ipv6_ra_mode": None,
        "service_types": [],
        "subnetpool_id": None,
        "router:external": False,
    }
    return record | given


def _pools(block: ipaddress.IPv4Network | ipaddress.IPv6Network, gateway: str | None) -> list[Json]:
    # The first address names the network, the last one of IPv4 is for broadcasts, the gateway's is taken.
    first, last = int(block[0]) + 1, int(block[-1]) - (block.version == _IPV4)
    stop = int(ipaddress.ip_address(gateway)) if gateway is not None else -1
    spans = [(first, stop - 1), (stop + 1, last)] if first <= stop <= last else [(first, last)]
    address = type(block[0])
    return [{"start": str(address(low)), "end": str(address(high))} for low, high in spans if low <= high]


def security_group_record(world: World, name: str, description: str = "") -> Json:
    """Return a new security group, not yet filed."""
    return base_record(world, name, description) | {"stateful": True, "shared": False}


def rule_record(world: World, group_id: str, direction: str, ethertype: str, **given: Any) -> Json:
    """Return a new rule of a security group, not yet filed."""
    record = base_record(world, "", revision=0) | {
        "security_group_id": group_id,
        "direction": direction,
        "ethertype": ethertype,
        "protocol": None,
        "port_range_min": None,
        "port_range_max": None,
        "remote_ip_prefix": None,
        "remote_group_id": None,
        "remote_address_group_id": None,
        "normalized_cidr": None,
        "belongs_to_default_sg": False,
        "description": None,
    }
    del record["name"]
    return record | given


def as_key(address: Address) -> str:
    """Write an address so that the order of the texts is the order of the addresses."""
    return f"{int(address):032x}"


def allocate(world: World, subnet: Json, port_id: str) -> str:
    """Take the next free address of a subnet for a port; raises a 409 when none is left."""
    for pool in subnet["allocation_pools"]:
        low, high = ipaddress.ip_address(pool["start"]), ipaddress.ip_address(pool["end"])
        top = world.store.highest(subnet["id"], as_key(low), as_key(high))
        # Past the highest one is nearly always free; only a full pool needs the search for a gap.
        following = int(low) if top is None else int(top, 16) + 1
        if following <= int(high):
            address = type(low)(following)
        elif (gap := _gap(world, subnet["id"], low, high)) is not None:
            address = gap
        else:
            continue
        if world.store.claim(subnet["id"], as_key(address), port_id):
            return str(address)
    message = f"No more IP addresses available on network {subnet['network_id']}."
    raise Fault(409, message, "IpAddressGenerationFailure")


def _gap(world: World, subnet_id: str, low: Address, high: Address) -> Address | None:
    taken = world.store.taken(subnet_id)
    for number in range(int(low), int(high) + 1):
        if as_key(address := type(low)(number)) not in taken:
            return address
    return None


def take(world: World, subnet: Json, ip: str, port_id: str) -> str:
    """Take one address of a subnet for a port; raises a 400 if it is outside and a 409 if somebody has it."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        raise Fault(400, f"Invalid input for ip_address. Reason: '{ip}' is not a valid IP address.") from None
    if address not in ipaddress.ip_network(subnet["cidr"]):
        message = f"IP address {ip} is not a valid IP for the specified subnet."
        raise Fault(400, message, "InvalidIpForSubnet")
    if not world.store.claim(subnet["id"], as_key(address), port_id):
        message = f"IP address {ip} already allocated in subnet {subnet['id']}"
        raise Fault(409, message, "IpAddressAlreadyAllocated")
    return str(address)


def fixed_ips(world: World, network: Json, wanted: list[Json] | None, port_id: str) -> list[Json]:
    """Give a port its addresses: those it asks for, or one of each IP version that the network has."""
    subnets = world.store.all("subnet", network_id=network["id"])
    if wanted is None:
        first = {subnet["ip_version"]: subnet for subnet in reversed(subnets)}
        wanted = [{"subnet_id": first[version]["id"]} for version in sorted(first)]
    return [_fixed_ip(world, subnets, network, one, port_id) for one in wanted]


def _fixed_ip(world: World, subnets: list[Json], network: Json, wanted: Json, port_id: str) -> Json:
    ip = wanted.get("ip_address") or None
    subnet_id = wanted.get("subnet_id") or None
    if subnet_id is not None:
        fitting = [subnet for subnet in subnets if subnet["id"] == subnet_id]
        if not fitting:
            if world.store.get("subnet", subnet_id) is None:
                raise not_found("Subnet", subnet_id)
            raise Fault(400, f"Failed to create port on network {network['id']}, because fixed_ips included "
                        f"invalid subnet {subnet_id}.", "InvalidInput")  # fmt: skip
    else:
        fitting = [subnet for subnet in subnets if ip and _holds(subnet, ip)]
        if not fitting:
            message = f"IP address {ip} is not a valid IP for any of the subnets on the specified network."
            raise Fault(400, message, "InvalidIpForNetwork")
    subnet = fitting[0]
    address = take(world, subnet, ip, port_id) if ip else allocate(world, subnet, port_id)
    return {"subnet_id": subnet["id"], "ip_address": address}


def _holds(subnet: Json, ip: str) -> bool:
    address, block = ipaddress.ip_address(ip), ipaddress.ip_network(subnet["cidr"])
    return address in block and address not in (block[0], block[-1] if block.version == _IPV4 else None)


def default_group(world: World) -> Json:
    """Return the project's security group `default`."""
    return world.store.all("security_group", name="default")[0]


def open_port(world: World, network: Json, *, port_id: str | None = None, **given: Any) -> Json:
    """Make a port on a network, with addresses, and file it.

    `given` may hold `name`, `fixed_ips`, `security_groups` (ids) and whatever else a port shows; raises as Neutron
    does for an address that cannot be had.
    """
    port_id = port_id or new_id()
    wanted = given.pop("fixed_ips", None)
    groups = given.pop("security_groups", None)
    record = base_record(world, given.pop("name", "")) | {
        "id": port_id,
        "network_id": network["id"],
        "status": "DOWN",
        "admin_state_up": True,
        "mac_address": "fa:16:3e:" + ":".join(f"{byte:02x}" for byte in secrets.token_bytes(3)),
        "fixed_ips": fixed_ips(world, network, wanted, port_id),
        "device_id": "",
        "device_owner": "",
        "security_groups": [default_group(world)["id"]] if groups is None else groups,
        "allowed_address_pairs": [],
        "extra_dhcp_opts": [],
        "port_security_enabled": network["port_security_enabled"],
        "binding:vnic_type": "normal",
        "binding:host_id": "",
        "binding:profile": {},
        "binding:vif_type": "unbound",
        "binding:vif_details": {},
        "ip_allocation": "immediate",
    }
    if not record["fixed_ips"]:
        record["ip_allocation"] = "none"
    record |= given
    # A pair without a MAC address means the port's own.
    record["allowed_address_pairs"] = [
        {"mac_address": record["mac_address"], **one} for one in record["allowed_address_pairs"]
    ]
    return world.store.add("port", record)


def close_port(world: World, port: Json) -> None:
    """Remove a port and give its addresses and floating IPs back."""
    world.store.release(port["id"])
    for public in world.store.all("floatingip", port_id=port["id"]):
        bare = {"port_id": None, "fixed_ip_address": None, "router_id": None, "status": "DOWN"}
        world.store.save("floatingip", public | bare)
    world.store.remove("port", port["id"])
