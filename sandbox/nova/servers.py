"""Servers, after they were created: list, show, rename, delete."""

from sandbox.checked import body_of
from sandbox.cinder.model import detach
from sandbox.faults import Fault, Json
from sandbox.nova.build import unbind
from sandbox.nova.found import QUERY, found
from sandbox.nova.view import VM_STATES, Views
from sandbox.routing import Answer, Call, Route, page


def not_found(server_id: str) -> Fault:
    """Return Nova's 404 for a server."""
    return Fault(404, f"Instance {server_id} could not be found.")


def find(call: Call) -> Json:
    """Return the server that the path names; raises a `Fault` (404)."""
    wanted = call.params["server_id"]
    return call.world.need("server", wanted, not_found(wanted))


def check_state(server: Json, what: str, states: tuple[str, ...] = (), during: tuple[str, ...] = ()) -> None:
    """Raise Nova's 409 for something (`detach_volume`) that a server cannot have done to it now.

    `states` are the statuses that allow it, all if none is named; a server in the middle of a task allows nothing, but
    for the tasks named in `during`.
    """
    vm_state, task = VM_STATES[server["status"]], server["task_state"]
    if states and vm_state not in {VM_STATES[status] for status in states}:
        raise Fault(409, f"Cannot '{what}' instance {server['id']} while it is in vm_state {vm_state}")
    if task is not None and task not in during:
        raise Fault(409, f"Cannot '{what}' instance {server['id']} while it is in task_state {task}")


def index(call: Call) -> Answer:
    """GET /servers."""
    views = Views(call)
    return Answer(200, page(call, "servers", [views.brief(one) for one in found(call)]))


def details(call: Call) -> Answer:
    """GET /servers/detail."""
    views = Views(call)
    # Only the page is printed in full: printing is what costs.
    body = page(call, "servers", found(call))
    body["servers"] = [views.full(one, single=False) for one in body["servers"]]
    return Answer(200, body)


def show(call: Call) -> Answer:
    """GET /servers/{id}."""
    return Answer(200, {"server": Views(call).full(find(call))})


def update(call: Call) -> Answer:
    """PUT /servers/{id}: name, the addresses to show, from 2.19 the description, from 2.90 the host name."""
    server = find(call)
    wanted = body_of(call, "server")
    server |= {key: wanted[key] for key in ("name", "description", "hostname") if key in wanted}
    server["updated_at"] = call.world.now()
    server["access_ips"] = [
        wanted.get("accessIPv4", server["access_ips"][0]),
        wanted.get("accessIPv6", server["access_ips"][1]),
    ]
    return Answer(200, {"server": Views(call).changed(call.world.store.save("server", server))})


def delete(call: Call) -> Answer:
    """DELETE /servers/{id}: its ports, and the disks that go with it, at once."""
    remove(call, find(call))
    return Answer(204)


def remove(call: Call, server: Json) -> None:
    """Delete a server and what belongs to it alone."""
    if server["locked"]:
        raise Fault(409, f"Instance {server['id']} is locked")
    store = call.world.store
    for port in store.all("port", device_id=server["id"]):
        unbind(call.world, port)
    for attachment in store.all("attachment", server_id=server["id"]):
        detach(call.world, attachment)
        if attachment["delete_on_termination"] and not store.all("snapshot", volume_id=attachment["volume_id"]):
            store.remove("volume", attachment["volume_id"])
    store.remove("server", server["id"])


ROUTES = (
    Route("GET", "/servers", index, query=QUERY),
    Route("GET", "/servers/detail", details, query=QUERY),
    Route("GET", "/servers/{server_id}", show),
    Route("PUT", "/servers/{server_id}", update),
    Route("DELETE", "/servers/{server_id}", delete),
)
