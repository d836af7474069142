"""NICs of a server, after it was created, and its addresses."""

from sandbox.faults import Fault, Json
from sandbox.neutron.model import open_port
from sandbox.nova.build import binding, unbind
from sandbox.nova.history import note
from sandbox.nova.servers import check_state, find
from sandbox.nova.view import Views
from sandbox.routing import Answer, Call, Part, Route
from sandbox.shape import COMPUTE

_BODY = Part("interfaceAttachment", COMPUTE)
_STEADY = ("ACTIVE", "SHUTOFF", "PAUSED")


def index(call: Call) -> Answer:
    """GET /servers/{id}/os-interface."""
    server = find(call)
    ports = [call.world.store.get("port", port_id) for port_id in server["nics"]]
    return Answer(200, {"interfaceAttachments": [_as_json(port) for port in ports if port]})


def show(call: Call) -> Answer:
    """GET /servers/{id}/os-interface/{port}."""
    return Answer(200, {"interfaceAttachment": _as_json(_port(call, find(call)))})


def attach(call: Call) -> Answer:
    """POST /servers/{id}/os-interface: an existing port, or a new one on a network."""
    server, wanted, world = find(call), call.part(*_BODY), call.world
    check_state(server, "attach_interface", _STEADY)
    if port_id := wanted.get("port_id"):
        if wanted.get("net_id"):
            raise Fault(400, "Must not input both network_id and port_id")
        port = world.need("port", port_id, Fault(404, f"Port id {port_id} could not be found."))
        if port["device_id"]:
            raise Fault(400, f"Port {port_id} is still in use.")
        port = world.store.save("port", port | binding(server) | {"status": "ACTIVE"})
    else:
        network_id = str(wanted.get("net_id"))
        network = world.need("network", network_id, Fault(404, f"Network {network_id} could not be found."))
        fixed = wanted.get("fixed_ips") or None
        port = open_port(world, network, fixed_ips=fixed, by_nova=True, status="ACTIVE", **binding(server))
    server = note(call, server, "attach_interface")
    world.store.save("server", server | {"nics": [*server["nics"], port["id"]]})
    return Answer(200, {"interfaceAttachment": _as_json(port)})


def detach(call: Call) -> Answer:
    """DELETE /servers/{id}/os-interface/{port}; 202 even where the port is not there, as Nova does."""
    server = find(call)
    check_state(server, "detach_interface", _STEADY)
    port = call.world.store.get("port", call.params["port_id"])
    if port is not None and port["device_id"] == server["id"]:
        unbind(call.world, port)
        rest = [one for one in server["nics"] if one != port["id"]]
        call.world.store.save("server", note(call, server, "detach_interface") | {"nics": rest})
    return Answer(202)


def addresses(call: Call) -> Answer:
    """GET /servers/{id}/ips."""
    found = Views(call).addresses(find(call))
    # Less than what the server itself shows: the version and the address only.
    plain = {name: [{key: one[key] for key in ("version", "addr")} for one in places] for name, places in found.items()}
    return Answer(200, {"addresses": plain})


def security_groups(call: Call) -> Answer:
    """GET /servers/{id}/os-security-groups."""
    server = find(call)
    ids: dict[str, None] = {}
    for port_id in server["nics"]:
        ids |= dict.fromkeys((call.world.store.get("port", port_id) or {"security_groups": []})["security_groups"])
    found = [group for one in ids if (group := call.world.store.get("security_group", one))]
    shown = [{key: group[key] for key in ("id", "name", "description", "tenant_id")} | {"rules": []} for group in found]
    return Answer(200, {"security_groups": shown})


def _port(call: Call, server: Json) -> Json:
    wanted = call.params["port_id"]
    port = call.world.store.get("port", wanted)
    if port is None or port["device_id"] != server["id"]:
        raise Fault(404, f"Instance {server['id']} does not have a port with id {wanted}")
    return port


def _as_json(port: Json) -> Json:
    return {
        "port_id": port["id"],
        "net_id": port["network_id"],
        "mac_addr": port["mac_address"],
        "port_state": port["status"],
        "fixed_ips": port["fixed_ips"],
    }


ROUTES = (
    Route("GET", "/servers/{server_id}/os-interface", index),
    Route("POST", "/servers/{server_id}/os-interface", attach, body=(_BODY,), status=(200,)),
    Route("GET", "/servers/{server_id}/os-interface/{port_id}", show),
    Route("DELETE", "/servers/{server_id}/os-interface/{port_id}", detach, status=(202,)),
    Route("GET", "/servers/{server_id}/ips", addresses),
    Route("GET", "/servers/{server_id}/os-security-groups", security_groups),
)
