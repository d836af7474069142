"""Routers and their interfaces: records only, nothing is routed."""

import ipaddress

from sandbox.faults import Fault, Json
from sandbox.neutron.lists import LISTED, check_known, check_plain, check_quota, listing, shown, touch
from sandbox.neutron.model import base_record, close_port, not_found, open_port
from sandbox.routing import Answer, Call, Part, Route
from sandbox.shape import NETWORK, check

_INTERFACE = Part("", NETWORK)
_BODY = Part("router", NETWORK)
_EDITABLE = frozenset({"name", "description", "admin_state_up", "routes", "distributed", "ha"})


def create(call: Call) -> Answer:
    """POST /routers."""
    wanted = call.part(*_BODY)
    check_plain("create_router", wanted)
    check_quota(call, "router", "router")
    record = base_record(call.world, wanted.get("name") or "", wanted.get("description") or "") | {
        "status": "ACTIVE",
        "admin_state_up": True,
        "external_gateway_info": None,
        "routes": [],
        "distributed": False,
        "ha": False,
        "availability_zone_hints": wanted.get("availability_zone_hints") or [],
        "availability_zones": [],
        "flavor_id": None,
    }
    check_known(wanted, record)
    record |= {key: value for key, value in wanted.items() if key in _EDITABLE and value is not None}
    if wanted.get("external_gateway_info"):
        record["external_gateway_info"] = _gateway(call, record["id"], wanted["external_gateway_info"])
    return Answer(201, {"router": shown(call.world.store.add("router", record))})


def _gateway(call: Call, router_id: str, wanted: Json) -> Json:
    network_id = str(wanted.get("network_id"))
    network = call.world.need("network", network_id, not_found("Network", network_id))
    if not network["router:external"]:
        message = f"Bad router request: Network {network_id} is not an external network."
        raise Fault(400, message, "BadRequest")
    asked = [one for one in wanted.get("external_fixed_ips") or [] if one.get("subnet_id") or one.get("ip_address")]
    port = open_port(
        call.world,
        network,
        fixed_ips=asked or None,
        security_groups=[],
        device_id=router_id,
        device_owner="network:router_gateway",
        project_id="",
        tenant_id="",
    )
    snat = wanted.get("enable_snat", True)
    return {"network_id": network_id, "enable_snat": snat, "external_fixed_ips": port["fixed_ips"]}


def index(call: Call) -> Answer:
    """GET /routers."""
    return listing(call, "routers", call.world.store.all("router"))


def show(call: Call) -> Answer:
    """GET /routers/{id}."""
    return Answer(200, {"router": shown(_find(call))})


def update(call: Call) -> Answer:
    """PUT /routers/{id}; an empty `external_gateway_info` takes the gateway away."""
    router = _find(call)
    wanted = call.part(*_BODY)
    check_known(wanted, router)
    check_plain("update_router", wanted)
    router |= {key: value for key, value in wanted.items() if key in _EDITABLE}
    if "external_gateway_info" in wanted:
        _check_gateway_free(call, router, wanted["external_gateway_info"])
        for port in _ports(call, router["id"], "network:router_gateway"):
            close_port(call.world, port)
        info = wanted["external_gateway_info"]
        router["external_gateway_info"] = _gateway(call, router["id"], info) if info else None
    return Answer(200, {"router": shown(call.world.store.save("router", touch(call, router)))})


def delete(call: Call) -> Answer:
    """DELETE /routers/{id}; 409 while it has interfaces."""
    router = _find(call)
    if ports := _ports(call, router["id"], "network:router_interface"):
        attached = ",".join(port["id"] for port in ports)
        raise Fault(409, f"Router {router['id']} has ports still attached: {attached}", "RouterInUse")
    for port in _ports(call, router["id"], "network:router_gateway"):
        close_port(call.world, port)
    call.world.store.remove("router", router["id"])
    return Answer(204)


def add_interface(call: Call) -> Answer:
    """PUT /routers/{id}/add_router_interface, by subnet (its gateway address) or by port."""
    router = _find(call)
    wanted = check(call.body if isinstance(call.body, dict) else {}, _INTERFACE.types)
    owner = {"device_id": router["id"], "device_owner": "network:router_interface"}
    if not (wanted.get("port_id") or wanted.get("subnet_id")):
        raise Fault(400, "Bad router request: Either subnet_id or port_id must be specified.", "BadRequest")
    if port_id := wanted.get("port_id"):
        port = call.world.need("port", port_id, not_found("Port", port_id))
        if port["device_id"]:
            raise Fault(
                409,
                f"Unable to complete operation on port {port_id}. Port already has an attached device.",
                "PortInUse",
            )
        port = call.world.store.save("port", port | owner | {"status": "ACTIVE"})
    else:
        subnet_id = str(wanted.get("subnet_id"))
        subnet = call.world.need("subnet", subnet_id, not_found("Subnet", subnet_id))
        network = call.world.need("network", subnet["network_id"], not_found("Network", subnet["network_id"]))
        _check_subnet(call, router, subnet)
        if not subnet["gateway_ip"]:
            raise Fault(400, "Bad router request: Subnet for router interface must have a gateway IP.", "BadRequest")
        address = [{"subnet_id": subnet_id, "ip_address": subnet["gateway_ip"]}]
        port = open_port(call.world, network, fixed_ips=address, security_groups=[], status="ACTIVE", **owner)
    return Answer(200, _interface(router, port))


def remove_interface(call: Call) -> Answer:
    """PUT /routers/{id}/remove_router_interface, by subnet or by port."""
    router = _find(call)
    wanted = check(call.body if isinstance(call.body, dict) else {}, _INTERFACE.types)
    for port in _ports(call, router["id"], "network:router_interface"):
        subnets = [one["subnet_id"] for one in port["fixed_ips"]]
        if wanted.get("port_id") == port["id"] or wanted.get("subnet_id") in subnets:
            _check_interface_free(call, router, subnets)
            close_port(call.world, port)
            return Answer(200, _interface(router, port))
    if port_id := wanted.get("port_id"):
        message = f"Router {router['id']} does not have an interface with id {port_id}"
        raise Fault(404, message, "RouterInterfaceNotFound")
    message = f"Router {router['id']} has no interface on subnet {wanted.get('subnet_id')}"
    raise Fault(404, message, "RouterInterfaceNotFoundForSubnet")


def _check_subnet(call: Call, router: Json, subnet: Json) -> None:
    block = ipaddress.ip_network(subnet["cidr"])
    for port in _ports(call, router["id"], "network:router_interface"):
        for fixed in port["fixed_ips"]:
            if fixed["subnet_id"] == subnet["id"]:
                message = f"Router already has a port on subnet {subnet['id']}."
                raise Fault(400, f"Bad router request: {message}", "BadRequest")
            other = call.world.store.get("subnet", fixed["subnet_id"])
            if other and block.overlaps(ipaddress.ip_network(other["cidr"])):
                message = f"Cidr {subnet['cidr']} of subnet {subnet['id']} overlaps with cidr {other['cidr']}"
                raise Fault(400, f"Bad router request: {message} of subnet {other['id']}.", "BadRequest")


def _check_interface_free(call: Call, router: Json, subnets: list[str]) -> None:
    for public in call.world.store.all("floatingip"):
        port = call.world.store.get("port", public["port_id"] or "")
        if public["router_id"] == router["id"] and port and port["fixed_ips"][0]["subnet_id"] in subnets:
            message = f"Router interface for subnet {subnets[0]} on router {router['id']} cannot be deleted"
            raise Fault(
                409, f"{message}, as it is required by one or more floating IPs.", "RouterInterfaceInUseByFloatingIP"
            )


def _check_gateway_free(call: Call, router: Json, wanted: Json | None) -> None:
    now = router["external_gateway_info"]
    if now is None or (wanted or {}).get("network_id") == now["network_id"]:
        return
    if any(public["router_id"] == router["id"] for public in call.world.store.all("floatingip")):
        message = f"Gateway cannot be updated for router {router['id']}, since a gateway to external network"
        why = f"{now['network_id']} is required by one or more floating IPs."
        raise Fault(409, f"{message} {why}", "RouterExternalGatewayInUseByFloatingIp")


def _interface(router: Json, port: Json) -> Json:
    subnets = [one["subnet_id"] for one in port["fixed_ips"]]
    return {
        "id": router["id"],
        "project_id": router["project_id"],
        "port_id": port["id"],
        "network_id": port["network_id"],
        "subnet_id": subnets[0] if subnets else None,
        "subnet_ids": subnets,
    }


def _ports(call: Call, router_id: str, owner: str) -> list[Json]:
    return [port for port in call.world.store.all("port", device_id=router_id) if port["device_owner"] == owner]


def _find(call: Call) -> Json:
    wanted = call.params["router_id"]
    return call.world.need("router", wanted, not_found("Router", wanted))


ROUTES = (
    Route("POST", "/routers", create, body=(_BODY,)),
    Route("GET", "/routers", index, query=LISTED),
    Route("GET", "/routers/{router_id}", show),
    Route("PUT", "/routers/{router_id}", update, body=(_BODY,)),
    Route("DELETE", "/routers/{router_id}", delete),
    Route("PUT", "/routers/{router_id}/add_router_interface", add_interface, body=(_INTERFACE,)),
    Route("PUT", "/routers/{router_id}/remove_router_interface", remove_interface, body=(_INTERFACE,)),
)
