"""Server groups: who may or may not share a host."""

from sandbox.checked import body_of
from sandbox.faults import Fault, Json
from sandbox.routing import Answer, Call, Route
from sandbox.world import new_id

_NEW = (2, 64)
"""From this microversion on a group has one `policy` and `rules`, before it a list of `policies`."""


def create(call: Call) -> Answer:
    """POST /os-server-groups."""
    wanted = body_of(call, "server_group")
    policy = wanted["policy"] if call.version >= _NEW else wanted["policies"][0]
    if wanted.get("rules") and policy != "anti-affinity":
        raise Fault(400, "Only anti-affinity policy supports rules.")
    limits: dict[str, int] = (call.world.store.get("quota", "compute") or {"limits": {}})["limits"]
    if 0 <= limits.get("server_groups", -1) <= call.world.store.total("server_group")[0]:
        raise Fault(403, "Quota exceeded, too many server groups.")
    record = {"id": new_id(), "name": wanted["name"], "policy": policy, "rules": wanted.get("rules") or {}}
    return Answer(200, {"server_group": _as_json(call, call.world.store.add("server_group", record))})


def index(call: Call) -> Answer:
    """GET /os-server-groups."""
    found = [_as_json(call, one) for one in call.world.store.all("server_group")]
    return Answer(200, {"server_groups": found})


def show(call: Call) -> Answer:
    """GET /os-server-groups/{id}."""
    return Answer(200, {"server_group": _as_json(call, _find(call))})


def delete(call: Call) -> Answer:
    """DELETE /os-server-groups/{id}; its members stay."""
    call.world.store.remove("server_group", _find(call)["id"])
    return Answer(204)


def _find(call: Call) -> Json:
    wanted = call.params["group_id"]
    return call.world.need("server_group", wanted, Fault(404, f"Instance group {wanted} could not be found."))


def _as_json(call: Call, record: Json) -> Json:
    members = [server["id"] for server in call.world.store.all("server", group_id=record["id"])]
    shown: Json = {"id": record["id"], "name": record["name"], "members": members}
    if call.version >= (2, 13):
        shown |= {"project_id": call.project_id, "user_id": call.world.store.note("user_id")}
    if call.version >= _NEW:
        return shown | {"policy": record["policy"], "rules": record["rules"]}
    return shown | {"policies": [record["policy"]], "metadata": {}}


ROUTES = (
    Route("POST", "/os-server-groups", create, status=(200,)),
    Route("GET", "/os-server-groups", index),
    Route("GET", "/os-server-groups/{group_id}", show),
    Route("DELETE", "/os-server-groups/{group_id}", delete),
)
