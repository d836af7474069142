"""Servers, after they were created: list, show, rename, delete."""

import re
from collections.abc import Callable
from datetime import datetime

from sandbox.cinder.model import detach
from sandbox.faults import Fault, Json
from sandbox.nova.build import unbind
from sandbox.nova.view import VM_STATES, Views
from sandbox.nova.wanted import LONGEST
from sandbox.routing import Answer, Call, Route, page
from sandbox.shape import COMPUTE

_EDITABLE = {"name", "description", "accessIPv4", "accessIPv6", "OS-DCF:diskConfig", "hostname"}


def not_found(server_id: str) -> Fault:
    """Return Nova's 404 for a server."""
    return Fault(404, f"Instance {server_id} could not be found.")


def find(call: Call) -> Json:
    """Return the server that the path names; raises a `Fault` (404)."""
    wanted = call.params["server_id"]
    return call.world.need("server", wanted, not_found(wanted))


def index(call: Call) -> Answer:
    """GET /servers."""
    views = Views(call)
    return Answer(200, page(call, "servers", [views.brief(one) for one in _filtered(call)]))


def details(call: Call) -> Answer:
    """GET /servers/detail."""
    views = Views(call)
    # Only the page is printed in full: printing is what costs.
    body = page(call, "servers", _filtered(call))
    body["servers"] = [views.full(one, single=False) for one in body["servers"]]
    return Answer(200, body)


def show(call: Call) -> Answer:
    """GET /servers/{id}."""
    return Answer(200, {"server": Views(call).full(find(call))})


def update(call: Call) -> Answer:
    """PUT /servers/{id}: name and, from 2.19, description."""
    server = find(call)
    wanted = call.part("server", COMPUTE)
    unknown = set(wanted) - _EDITABLE
    if unknown or ("description" in wanted and call.version < (2, 19)):
        names = ", ".join(repr(key) for key in sorted(unknown or {"description"}))
        why = f"Additional properties are not allowed ({names} was unexpected)"
        raise Fault(400, f"Invalid input for field/attribute server. {why}")
    name = wanted.get("name", server["name"])
    if not isinstance(name, str) or not 1 <= len(name.strip()) <= LONGEST:
        raise Fault(400, f"Invalid input for field/attribute name. Value: {name}. It has 1 to 255 characters.")
    server |= {"name": name, "updated_at": call.world.now()}
    if "description" in wanted:
        server["description"] = wanted["description"]
    server["access_ips"] = [
        wanted.get("accessIPv4", server["access_ips"][0]),
        wanted.get("accessIPv6", server["access_ips"][1]),
    ]
    return Answer(200, {"server": Views(call).full(call.world.store.save("server", server))})


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


def _filtered(call: Call) -> list[Json]:
    store = call.world.store
    if (reservation_id := call.ask("reservation_id")) is not None:
        found = store.all("server", reservation_id=reservation_id)
    else:
        found = store.all("server")
    for key, value in call.query:
        fits = _FILTERS.get(key)
        if fits is not None:
            found = [one for one in found if fits(call, one, value)]
    # The youngest first, as Nova does.
    return found[::-1]


def _named(call: Call, server: Json, value: str) -> bool:
    del call
    try:
        return re.search(value, server["name"]) is not None
    except re.error:
        return value in server["name"]


def _from_image(call: Call, server: Json, value: str) -> bool:
    # The document: ECSs created from an image cannot be found by the image filter.
    return False if call.world.ecs else server["image_id"] == value


def _changed_since(call: Call, server: Json, value: str) -> bool:
    del call
    try:
        return float(server["updated_at"]) >= datetime.fromisoformat(value).timestamp()
    except ValueError:
        raise Fault(400, f"Invalid input for query parameters changes-since. Value: {value}.") from None


def _has_address(call: Call, server: Json, value: str) -> bool:
    places = Views(call).addresses(server).values()
    return any(re.search(value, one["addr"]) for entries in places for one in entries)


def _placed(key: str) -> Callable[[Call, Json, str], bool]:
    # Only the document's API can be asked for the hints; plain Nova ignores the words.
    return lambda call, server, value: not call.world.ecs or server[key] == value


_FILTERS: dict[str, Callable[[Call, Json, str], bool]] = {
    "name": _named,
    "status": lambda _, server, value: server["status"] == value.upper(),
    "vm_state": lambda _, server, value: VM_STATES[server["status"]] == value,
    "flavor": lambda _, server, value: server["flavor"]["id"] == value,
    "image": _from_image,
    "uuid": lambda _, server, value: server["id"] == value,
    "key_name": lambda _, server, value: server["key_name"] == value,
    "availability_zone": lambda _, server, value: server["zone"] == value,
    "tags": lambda _, server, value: set(value.split(",")) <= set(server["tags"]),
    "tags-any": lambda _, server, value: bool(set(value.split(",")) & set(server["tags"])),
    "changes-since": _changed_since,
    "ip": _has_address,
    "tenancy": _placed("tenancy"),
    "dedicated_host_id": _placed("dedicated_host_id"),
}

ROUTES = (
    Route("GET", "/servers", index),
    Route("GET", "/servers/detail", details),
    Route("GET", "/servers/{server_id}", show),
    Route("PUT", "/servers/{server_id}", update),
    Route("DELETE", "/servers/{server_id}", delete),
)
