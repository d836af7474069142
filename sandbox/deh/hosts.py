"""Dedicated Hosts: what there is of them, what is free on each, and which one takes a server."""

from sandbox.clock import zulu
from sandbox.faults import Fault, Json
from sandbox.routing import Answer, Call, Route
from sandbox.world import World

_STATE = "available"


def host_record(world: World, given: Json) -> Json:
    """Return a new DeH, not yet filed; `given` has its id, name, zone, type, vCPUs and memory in MB."""
    return given | {"allocated_at": world.now()}


def room(world: World, wanted_id: str | None, zone: str, flavor: Json) -> dict[str, int]:
    """Return how many servers of a flavor fit on which DeH of a zone: on the one that is wanted, or on any.

    Raises a `Fault` (400) for a DeH that is not there. Without an id the system picks one (Table 7, dedicated_host_id).
    """
    if wanted_id is not None:
        missing = Fault(400, f"Dedicated host {wanted_id} could not be found.")
        hosts = [world.need("dedicated_host", wanted_id, missing)]
    else:
        hosts = world.store.all("dedicated_host")
    free = {host["id"]: _free(world, host) for host in hosts if host["zone"] == zone}
    return {
        host_id: max(0, min(vcpus // max(flavor["vcpus"], 1), memory // max(flavor["ram"], 1)))
        for host_id, (vcpus, memory) in free.items()
    }


def _servers(world: World, host: Json) -> list[Json]:
    return world.store.all("server", host=host["id"])


def _free(world: World, host: Json) -> tuple[int, int]:
    on_it = _servers(world, host)
    return (
        host["vcpus"] - sum(server["cores"] for server in on_it),
        host["memory"] - sum(server["ram"] for server in on_it),
    )


def index(call: Call) -> Answer:
    """GET /dedicated-hosts."""
    found = [_as_json(call.world, one) for one in call.world.store.all("dedicated_host")]
    return Answer(200, {"dedicated_hosts": found, "total": len(found)})


def show(call: Call) -> Answer:
    """GET /dedicated-hosts/{id}."""
    return Answer(200, {"dedicated_host": _as_json(call.world, _find(call))})


def servers(call: Call) -> Answer:
    """GET /dedicated-hosts/{id}/servers: the ECSs on it."""
    found = [
        {key: server[key] for key in ("id", "name", "status", "metadata")}
        | {"flavor": {"id": server["flavor"]["id"]}, "created": zulu(server["created_at"])}
        for server in _servers(call.world, _find(call))
    ]
    return Answer(200, {"servers": found})


def _find(call: Call) -> Json:
    wanted = call.params["host_id"]
    return call.world.need("dedicated_host", wanted, Fault(404, f"Dedicated host {wanted} could not be found."))


def _as_json(world: World, host: Json) -> Json:
    on_it = [server["id"] for server in _servers(world, host)]
    vcpus, memory = _free(world, host)
    return {
        "dedicated_host_id": host["id"],
        "name": host["name"],
        "project_id": world.project_id,
        "availability_zone": host["zone"],
        "auto_placement": "on",
        "state": _STATE,
        "host_properties": {"host_type": host["type"], "vcpus": host["vcpus"], "memory": host["memory"]},
        "available_vcpus": vcpus,
        "available_memory": memory,
        "instance_total": len(on_it),
        "instance_uuids": on_it,
        "allocated_at": zulu(host["allocated_at"]),
        "released_at": None,
        "tags": [],
    }


ROUTES = (
    Route("GET", "/dedicated-hosts", index),
    Route("GET", "/dedicated-hosts/{host_id}", show),
    Route("GET", "/dedicated-hosts/{host_id}/servers", servers),
)
