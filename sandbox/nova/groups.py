"""Server groups: who may or may not share a host."""

from typing import Any

from sandbox.faults import Fault, Json
from sandbox.nova.wanted import LONGEST
from sandbox.routing import Answer, Call, Route
from sandbox.shape import COMPUTE
from sandbox.world import new_id

_NEW = (2, 64)
"""From this microversion on a group has one `policy` and `rules`, before it a list of `policies`."""


def create(call: Call) -> Answer:
    """POST /os-server-groups."""
    wanted = call.part("server_group", COMPUTE)
    if not isinstance(wanted.get("name"), str) or not 1 <= len(wanted["name"]) <= LONGEST:
        raise Fault(400, "Invalid input for field/attribute name. It has 1 to 255 characters.")
    policy = _policy(call, wanted)
    limits: dict[str, int] = (call.world.store.get("quota", "compute") or {"limits": {}})["limits"]
    if 0 <= limits.get("server_groups", -1) <= call.world.store.total("server_group")[0]:
        raise Fault(403, "Quota exceeded, too many server groups.")
    record = {"id": new_id(), "name": wanted["name"], "policy": policy, "rules": wanted.get("rules") or {}}
    return Answer(200, {"server_group": _as_json(call, call.world.store.add("server_group", record))})


def _policy(call: Call, wanted: Json) -> str:
    given: Any = wanted.get("policy")
    if call.version < _NEW:
        policies = wanted.get("policies")
        given = policies[0] if isinstance(policies, list) and len(policies) == 1 else policies
    allowed = ["anti-affinity", "affinity"]
    if call.version >= (2, 15):
        allowed += ["soft-anti-affinity", "soft-affinity"]
    if given not in allowed:
        word = "policy" if call.version >= _NEW else "policies"
        raise Fault(400, f"Invalid input for field/attribute {word}. Value: {given}. It is not one of {allowed}")
    if wanted.get("rules") and given != "anti-affinity":
        raise Fault(400, "Only anti-affinity policy supports rules.")
    return str(given)


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
    Route("POST", "/os-server-groups", create),
    Route("GET", "/os-server-groups", index),
    Route("GET", "/os-server-groups/{group_id}", show),
    Route("DELETE", "/os-server-groups/{group_id}", delete),
)
