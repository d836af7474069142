"""Ports."""

from typing import Any

from sandbox.faults import Fault, Json
from sandbox.neutron.lists import (
    LISTED,
    check_addresses,
    check_given,
    check_known,
    check_plain,
    check_quota,
    listing,
    shown,
    touch,
)
from sandbox.neutron.model import close_port, fixed_ips, not_found, open_port
from sandbox.routing import Answer, Call, Part, Route
from sandbox.shape import NETWORK

_BODY = Part("port", NETWORK)
_FIXED = ("network_id", "tenant_id", "project_id", "tags")
_SETTABLE = dict.fromkeys(
    (
        "network_id", "security_groups", "fixed_ips", "tenant_id", "project_id", "tags", "propagate_uplink_status",
        "numa_affinity_policy", "device_profile", "hints", "trusted", "hardware_offload_type",
    )
)  # fmt: skip
_EDITABLE = frozenset(
    {
        "name", "description", "admin_state_up", "device_id", "device_owner", "allowed_address_pairs",
        "extra_dhcp_opts", "port_security_enabled", "binding:vnic_type", "binding:host_id", "binding:profile",
        "mac_address",
    }
)  # fmt: skip


def create(call: Call) -> Answer:
    """POST /ports."""
    wanted = call.part(*_BODY)
    check_given(wanted, "network_id")
    check_known(wanted, _SETTABLE | dict.fromkeys(_EDITABLE))
    check_plain("create_port", wanted)
    check_addresses(wanted)
    network_id = str(wanted.get("network_id"))
    network = call.world.need("network", network_id, not_found("Network", network_id))
    check_quota(call, "port", "port")
    given: dict[str, Any] = {key: wanted[key] for key in _EDITABLE if wanted.get(key) is not None}
    given["security_groups"] = _groups(call, wanted.get("security_groups"))
    given["fixed_ips"] = wanted.get("fixed_ips")
    given["allowed_address_pairs"] = wanted.get("allowed_address_pairs") or []
    return Answer(201, {"port": shown(open_port(call.world, network, **given))})


def index(call: Call) -> Answer:
    """GET /ports."""
    store = call.world.store
    device, network = call.ask("device_id"), call.ask("network_id")
    if (one := call.ask("id")) is not None and len([key for key, _ in call.query if key == "id"]) == 1:
        one_port = store.get("port", one)
        found = [one_port] if one_port else []
    elif device:
        found = store.all("port", device_id=device)
    else:
        found = store.all("port", network_id=network) if network else store.all("port")
    # The ports of floating IPs and gateways belong to no project: a plain user does not see them.
    return listing(call, "ports", [port for port in found if port["project_id"]])


def show(call: Call) -> Answer:
    """GET /ports/{id}."""
    return Answer(200, {"port": shown(_find(call))})


def update(call: Call) -> Answer:
    """PUT /ports/{id}; new fixed IPs replace the old ones."""
    port = _find(call)
    wanted = call.part(*_BODY)
    check_known(wanted, _SETTABLE | dict.fromkeys(_EDITABLE), *_FIXED)
    check_plain("update_port", wanted, "mac_address")
    check_addresses(wanted)
    changes = {key: value for key, value in wanted.items() if key in _EDITABLE and value is not None}
    if wanted.get("security_groups") is not None:
        changes["security_groups"] = _groups(call, wanted["security_groups"])
    if wanted.get("allowed_address_pairs") is not None:
        own = {"mac_address": port["mac_address"]}
        changes["allowed_address_pairs"] = [own | one for one in wanted["allowed_address_pairs"]]
    if wanted.get("fixed_ips") is not None:
        changes["fixed_ips"] = _readdress(call, port, wanted["fixed_ips"])
    return Answer(200, {"port": shown(call.world.store.save("port", touch(call, port | changes)))})


def delete(call: Call) -> Answer:
    """DELETE /ports/{id}; 409 for one that a router owns."""
    port = _find(call)
    if port["device_owner"].startswith("network:router"):
        message = f"Port {port['id']} cannot be deleted directly via the port API: has device owner"
        raise Fault(409, f"{message} {port['device_owner']}.", "ServicePortInUse")
    close_port(call.world, port)
    return Answer(204)


def _readdress(call: Call, port: Json, wanted: list[Json]) -> list[Json]:
    network = call.world.need("network", port["network_id"], not_found("Network", port["network_id"]))
    # An address that stays must not be lost to somebody else: all are given back, then taken, in one transaction.
    kept = {one["subnet_id"]: one["ip_address"] for one in port["fixed_ips"]}
    call.world.store.release(port["id"])
    asked = [
        one
        if one.get("ip_address") or one.get("subnet_id") not in kept
        else one | {"ip_address": kept[one["subnet_id"]]}
        for one in wanted
    ]
    return fixed_ips(call.world, network, asked, port["id"])


def _groups(call: Call, wanted: list[str] | None) -> list[str] | None:
    for group in wanted or []:
        call.world.need("security_group", group, not_found("Security group", group))
    return wanted


def _find(call: Call) -> Json:
    wanted = call.params["port_id"]
    return call.world.need("port", wanted, not_found("Port", wanted))


ROUTES = (
    Route("POST", "/ports", create, body=(_BODY,)),
    Route("GET", "/ports", index, query=LISTED),
    Route("GET", "/ports/{port_id}", show),
    Route("PUT", "/ports/{port_id}", update, body=(_BODY,)),
    Route("DELETE", "/ports/{port_id}", delete),
)
