"""What clients ask Glance for besides images."""

from sandbox.faults import Fault
from sandbox.glance.images import find
from sandbox.routing import Answer, Call, Route

_IMPORTS = {"description": "Import methods available.", "type": "array", "value": []}


def stores(_: Call) -> Answer:
    """GET /info/stores."""
    return Answer(200, {"stores": [{"id": "fs", "default": "true"}]})


def imports(_: Call) -> Answer:
    """GET /info/import: bytes are uploaded, there is no other way."""
    return Answer(200, {"import-methods": _IMPORTS})


def members(call: Call) -> Answer:
    """GET /images/{id}/members: a shared image is shared with nobody here."""
    image = find(call)
    if image["visibility"] != "shared":
        message = f"Not allowed to list members for image {image['id']}: Only shared images have members."
        raise Fault(403, message)
    return Answer(200, {"members": [], "schema": "/v2/schemas/members"})


def tasks(_: Call) -> Answer:
    """GET /tasks: not for plain users."""
    raise Fault(403, "You are not authorized to complete tasks_api_access action.")


def cache(_: Call) -> Answer:
    """GET /cache: not for plain users."""
    raise Fault(403, "You are not authorized to complete cache_list action.")


def namespaces(_: Call) -> Answer:
    """GET /metadefs/namespaces: none."""
    return Answer(
        200, {"namespaces": [], "first": "/v2/metadefs/namespaces", "schema": "/v2/schemas/metadefs/namespaces"}
    )


ROUTES = (
    Route("GET", "/info/stores", stores),
    Route("GET", "/info/import", imports),
    Route("GET", "/images/{image_id}/members", members),
    Route("GET", "/tasks", tasks, status=()),
    Route("GET", "/cache", cache, status=()),
    Route("GET", "/metadefs/namespaces", namespaces),
)
