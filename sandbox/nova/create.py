"""Creating servers: `POST /servers`, and its alias `POST /os-volumes_boot`."""

from sandbox.faults import Json
from sandbox.nova import restrictions
from sandbox.nova.build import build
from sandbox.nova.resolve import resolve
from sandbox.nova.view import links
from sandbox.nova.wanted import read
from sandbox.routing import Answer, Call, Route


def create(call: Call) -> Answer:
    """Create one server or a batch; 202 with the first one, or with the reservation of all."""
    if call.world.ecs:
        restrictions.refuse(call)
    wanted = read(call)
    parts = resolve(call, wanted)
    built = build(call, wanted, parts)
    if wanted.wants_reservation:
        return Answer(202, {"reservation_id": built.reservation_id})
    first = built.servers[0]
    server: Json = {
        "id": first["id"],
        "links": links(call, "servers", first["id"]),
        "OS-DCF:diskConfig": first["disk_config"],
        "security_groups": list(wanted.shown_groups),
        "adminPass": built.admin_pass,
    }
    return Answer(202, {"server": server}, {"Location": server["links"][0]["href"]})


ROUTES = (
    Route("POST", "/servers", create, status=(202,)),
    Route("POST", "/os-volumes_boot", create, status=(202,)),
)
