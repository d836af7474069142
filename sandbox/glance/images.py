"""Images: list, show, and how they look."""

from sandbox import lenient
from sandbox.clock import zulu
from sandbox.faults import Fault, Json
from sandbox.routing import PAGE, Answer, Call, Route

_CONTROL = frozenset({"limit", "marker", "sort", "sort_key", "sort_dir", "member_status"})
_LARGEST_PAGE = 1000
_FILTERS = ("id", "name", "status", "visibility", "tag", "os_hidden", "size_min", "size_max")
"""The usual ones; any other field of an image filters too."""


def find(call: Call) -> Json:
    """Return the image that the path names; raises a `Fault` (404)."""
    wanted = call.params["image_id"]
    return call.world.need("image", wanted, Fault(404, f"No image found with ID {wanted}"))


def index(call: Call) -> Answer:
    """GET /images, the youngest first."""
    wanted = [(key, value) for key, value in call.query if key not in _CONTROL]
    if not any(key == "os_hidden" for key, _ in wanted):
        wanted.append(("os_hidden", "false"))
    found = [as_json(call, one) for one in call.world.store.all("image")]
    found = _sorted(call, [one for one in found if all(_fits(one, key, value) for key, value in wanted)])
    asked = "&".join(f"{key}={value}" for key, value in call.query)
    body: Json = {"schema": "/v2/schemas/images", "first": "/v2/images" + (f"?{asked}" if asked else "")}
    marker, limit = call.ask("marker"), call.ask("limit")
    if marker is not None:
        places = [place for place, one in enumerate(found) if one["id"] == marker]
        if not places:
            raise Fault(400, f"Invalid marker: {marker}")
        found = found[places[0] + 1 :]
    if limit is not None and not limit.isdecimal():
        raise Fault(400, "limit param must be an integer")
    most = min(lenient.count(limit) if limit else _LARGEST_PAGE, _LARGEST_PAGE)
    if most < len(found):
        found = found[:most]
        if found:
            rest = "".join(f"&{key}={value}" for key, value in call.query if key != "marker")
            body["next"] = f"/v2/images?marker={found[-1]['id']}{rest}"
    return Answer(200, body | {"images": found})


def _sorted(call: Call, found: list[Json]) -> list[Json]:
    pairs = [(part.partition(":")) for value in (call.ask("sort") or "").split(",") if (part := value.strip())]
    keys = [(key, way or "desc") for key, _, way in pairs]
    if not keys:
        ways = [value for key, value in call.query if key == "sort_dir"]
        named = [value for key, value in call.query if key == "sort_key"]
        keys = [(key, (ways[place] if place < len(ways) else "desc")) for place, key in enumerate(named)]
    for key, way in reversed(keys):
        found = sorted(found, key=lambda one: (one.get(key) is None, str(one.get(key))), reverse=way == "desc")
    return found


def show(call: Call) -> Answer:
    """GET /images/{id}."""
    return Answer(200, as_json(call, find(call)))


def _fits(image: Json, key: str, value: str) -> bool:
    operator, _, rest = value.partition(":")
    if operator == "in":
        return str(image.get(key)) in [one.strip('"') for one in rest.split(",")]
    if key == "tag":
        return value in image["tags"]
    if key in ("size_min", "size_max"):
        if not value.isdecimal():
            raise Fault(400, f"Invalid value '{value}' for '{key}' filter: it is not a number.")
        size = image["size"] or 0
        bound = lenient.count(value)
        return size >= bound if key == "size_min" else size <= bound
    if key == "visibility" and value == "all":
        return True
    have = image.get(key)
    return (str(have).lower() if isinstance(have, bool) else str(have)) == value


def as_json(call: Call, image: Json) -> Json:
    """Return an image as Glance shows it: its own properties stand among the others."""
    shown = {
        **image["properties"],
        **{key: image[key] for key in ("id", "name", "status", "visibility", "protected", "os_hidden", "container_format",
                                       "disk_format", "min_disk", "min_ram", "size", "checksum", "tags")},
        "os_hash_algo": "sha512" if image["os_hash_value"] else None,
        "os_hash_value": image["os_hash_value"],
        "virtual_size": image["size"] if image["disk_format"] == "raw" else None,
        "owner": call.project_id,
        "created_at": zulu(image["created_at"]),
        "updated_at": zulu(image["updated_at"]),
        "self": f"/v2/images/{image['id']}",
        "file": f"/v2/images/{image['id']}/file",
        "schema": "/v2/schemas/image",
    }  # fmt: skip
    if image["status"] == "active":
        shown["stores"] = "fs"
    return shown


ROUTES = (
    Route("GET", "/images", index, query=(*PAGE, "sort", "sort_key", "sort_dir", *_FILTERS)),
    Route("GET", "/images/{image_id}", show),
)
