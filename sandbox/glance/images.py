"""Images: a list to choose from; their bytes do not exist."""

from sandbox.clock import zulu
from sandbox.faults import Fault, Json
from sandbox.routing import Answer, Call, Route

_CONTROL = frozenset({"limit", "marker", "sort", "sort_key", "sort_dir", "member_status"})


def index(call: Call) -> Answer:
    """GET /images."""
    wanted = [(key, value) for key, value in call.query if key not in _CONTROL]
    found = [_as_json(call, one) for one in call.world.store.all("image")]
    found = [one for one in found if all(_fits(one, key, value) for key, value in wanted)]
    body: Json = {"schema": "/v2/schemas/images", "first": "/v2/images"}
    marker, limit = call.ask("marker"), call.ask("limit")
    if marker is not None:
        places = [place for place, one in enumerate(found) if one["id"] == marker]
        if not places:
            raise Fault(400, f"Invalid marker: {marker}")
        found = found[places[0] + 1 :]
    if limit is not None and limit.isdecimal() and int(limit) < len(found):
        found = found[: int(limit)]
        if found:
            rest = "".join(f"&{key}={value}" for key, value in call.query if key != "marker")
            body["next"] = f"/v2/images?marker={found[-1]['id']}{rest}"
    return Answer(200, body | {"images": found})


def show(call: Call) -> Answer:
    """GET /images/{id}."""
    wanted = call.params["image_id"]
    found = call.world.need("image", wanted, Fault(404, f"No image found with ID {wanted}"))
    return Answer(200, _as_json(call, found))


def _fits(image: Json, key: str, value: str) -> bool:
    operator, _, rest = value.partition(":")
    if operator == "in":
        return str(image.get(key)) in [one.strip('"') for one in rest.split(",")]
    if key == "tag":
        return value in image["tags"]
    if key in ("size_min", "size_max"):
        return (image["size"] >= int(value)) is (key == "size_min") or image["size"] == int(value)
    if key == "visibility" and value == "all":
        return True
    have = image.get(key)
    return (str(have).lower() if isinstance(have, bool) else str(have)) == value


def _as_json(call: Call, image: Json) -> Json:
    stamp = zulu(image["created_at"])
    return {
        **image["properties"],
        "id": image["id"],
        "name": image["name"],
        "status": "active",
        "visibility": "public",
        "protected": False,
        "os_hidden": False,
        "container_format": "bare",
        "disk_format": "qcow2",
        "min_disk": image["min_disk"],
        "min_ram": image["min_ram"],
        "size": image["size"],
        "virtual_size": None,
        "checksum": "eb9139e4942121f22bbc2afc0400b2a4",
        "owner": call.project_id,
        "tags": [],
        "created_at": stamp,
        "updated_at": stamp,
        "self": f"/v2/images/{image['id']}",
        "file": f"/v2/images/{image['id']}/file",
        "schema": "/v2/schemas/image",
    }


ROUTES = (
    Route("GET", "/images", index),
    Route("GET", "/images/{image_id}", show),
)
