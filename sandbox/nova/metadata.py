"""A server's metadata and tags."""

from sandbox.faults import Fault, Json
from sandbox.nova.bodies import MOST_TAGS
from sandbox.nova.servers import check_state, find
from sandbox.nova.wanted import count_metadata
from sandbox.routing import Answer, Call, Route

_ORDINARY = ("ACTIVE", "PAUSED", "SUSPENDED", "SHUTOFF")
_LONGEST_TAG = 60


def show(call: Call) -> Answer:
    """GET /servers/{id}/metadata."""
    return Answer(200, {"metadata": find(call)["metadata"]})


def update(call: Call) -> Answer:
    """POST /servers/{id}/metadata: add and change."""
    server = _steady(call)
    return _saved(call, server, server["metadata"] | _masked(call, _given(call)))


def replace(call: Call) -> Answer:
    """PUT /servers/{id}/metadata: exactly these."""
    return _saved(call, _steady(call), _masked(call, _given(call)))


def show_one(call: Call) -> Answer:
    """GET /servers/{id}/metadata/{key}."""
    key = call.params["key"]
    return Answer(200, {"meta": {key: _value(find(call), key)}})


def update_one(call: Call) -> Answer:
    """PUT /servers/{id}/metadata/{key}."""
    key = call.params["key"]
    server = _steady(call)
    given: dict[str, str] = call.body["meta"]
    if list(given) != [key]:
        raise Fault(400, "Request body and URI mismatch")
    call.world.store.save("server", server | {"metadata": server["metadata"] | _masked(call, given)})
    return Answer(200, {"meta": _masked(call, given)})


def delete_one(call: Call) -> Answer:
    """DELETE /servers/{id}/metadata/{key}."""
    server = _steady(call)
    _value(server, call.params["key"])
    del server["metadata"][call.params["key"]]
    call.world.store.save("server", server)
    return Answer(204)


def _value(server: Json, key: str) -> str:
    if key not in server["metadata"]:
        raise Fault(404, "Metadata item was not found")
    value: str = server["metadata"][key]
    return value


def _given(call: Call) -> dict[str, str]:
    return dict(call.body["metadata"])


def _masked(call: Call, given: dict[str, str]) -> dict[str, str]:
    # A Windows ECS takes its password here; it must not be held in clear.
    return {key: call.world.masks.text(value) if key == "admin_pass" else value for key, value in given.items()}


def _steady(call: Call) -> Json:
    server = find(call)
    # What goes on with it does not matter here, only whether it is there in the ordinary way.
    check_state(server, "update metadata", _ORDINARY, (server["task_state"] or "",))
    return server


def _saved(call: Call, server: Json, metadata: dict[str, str]) -> Answer:
    count_metadata(call, metadata)
    call.world.store.save("server", server | {"metadata": metadata, "updated_at": call.world.now()})
    return Answer(200, {"metadata": metadata})


def _versioned(call: Call) -> Json:
    if call.version < (2, 26) or call.legacy:
        raise Fault(404, "The resource could not be found.")
    return find(call)


def list_tags(call: Call) -> Answer:
    """GET /servers/{id}/tags, from 2.26."""
    return Answer(200, {"tags": _versioned(call)["tags"]})


def replace_tags(call: Call) -> Answer:
    """PUT /servers/{id}/tags."""
    server = _versioned(call)
    tags = list(dict.fromkeys(call.body["tags"]))
    call.world.store.save("server", server | {"tags": tags})
    return Answer(200, {"tags": tags})


def add_tag(call: Call) -> Answer:
    """PUT /servers/{id}/tags/{tag}."""
    server, tag = _versioned(call), call.params["tag"]
    if tag in server["tags"]:
        return Answer(204)
    if len(tag) > _LONGEST_TAG or "," in tag:
        raise Fault(400, f"Invalid input for field/attribute tag. Value: {tag}. It has a comma or is too long.")
    if len(server["tags"]) >= MOST_TAGS:
        raise Fault(400, f"The number of tags exceeded the per-server limit {MOST_TAGS}")
    call.world.store.save("server", server | {"tags": [*server["tags"], tag]})
    return Answer(201)


def delete_tag(call: Call) -> Answer:
    """DELETE /servers/{id}/tags/{tag}."""
    server, tag = _versioned(call), call.params["tag"]
    if tag not in server["tags"]:
        raise Fault(404, f"Instance {server['id']} has no tag '{tag}'")
    call.world.store.save("server", server | {"tags": [one for one in server["tags"] if one != tag]})
    return Answer(204)


def delete_tags(call: Call) -> Answer:
    """DELETE /servers/{id}/tags."""
    call.world.store.save("server", _versioned(call) | {"tags": []})
    return Answer(204)


ROUTES = (
    Route("GET", "/servers/{server_id}/metadata", show),
    Route("POST", "/servers/{server_id}/metadata", update, status=(200,)),
    Route("PUT", "/servers/{server_id}/metadata", replace),
    Route("GET", "/servers/{server_id}/metadata/{key}", show_one),
    Route("PUT", "/servers/{server_id}/metadata/{key}", update_one),
    Route("DELETE", "/servers/{server_id}/metadata/{key}", delete_one),
    Route("GET", "/servers/{server_id}/tags", list_tags),
    Route("PUT", "/servers/{server_id}/tags", replace_tags),
    Route("DELETE", "/servers/{server_id}/tags", delete_tags),
    Route("PUT", "/servers/{server_id}/tags/{tag}", add_tag, status=(201, 204)),
    Route("DELETE", "/servers/{server_id}/tags/{tag}", delete_tag),
)
