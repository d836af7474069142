"""Images of one's own: create, upload, change, download, delete."""

import re
from collections.abc import Callable
from typing import Any

from sandbox.faults import Fault, Json
from sandbox.glance.images import as_json, find
from sandbox.glance.model import (
    CONTAINER_FORMATS,
    DISK_FORMATS,
    KEPT_BYTES,
    bytes_of,
    fill,
    image_record,
    remove,
)
from sandbox.routing import Answer, Call, Part, Raw, Route
from sandbox.shape import LARGEST, Type, texts

_LONGEST = 255
_READ_ONLY = frozenset(
    {"status", "checksum", "os_hash_algo", "os_hash_value", "size", "virtual_size", "created_at", "updated_at", "self",
     "file", "schema", "stores", "direct_url", "owner"}
)  # fmt: skip
_VISIBILITIES = ("community", "private", "shared")
_UUID = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"


def _one_of(*allowed: str) -> Type:
    return Type(lambda value: value is None or value in allowed, {"enum": [None, *allowed]})


_FLAG = Type(lambda value: isinstance(value, bool), {"type": "boolean"})
_COUNT = Type(
    lambda value: isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST,
    {"type": "integer", "minimum": 0, "maximum": LARGEST},
)
_CHECKS: dict[str, Type] = {
    "name": Type(
        lambda value: value is None or (isinstance(value, str) and len(value) <= _LONGEST),
        {"type": ["string", "null"], "maxLength": _LONGEST},
    ),
    "visibility": Type(lambda value: isinstance(value, str), {"enum": list(_VISIBILITIES)}),
    "protected": _FLAG,
    "os_hidden": _FLAG,
    "container_format": _one_of(*CONTAINER_FORMATS),
    "disk_format": _one_of(*DISK_FORMATS),
    "min_disk": _COUNT,
    "min_ram": _COUNT,
    "tags": Type(
        lambda value: texts(value) and all(len(tag) <= _LONGEST for tag in value),
        {"type": "array", "items": {"type": "string", "maxLength": _LONGEST}},
    ),
    "id": Type(
        lambda value: isinstance(value, str) and re.fullmatch(_UUID, value) is not None,
        {"type": "string", "format": "uuid"},
    ),
}
_BODY = Part("", _CHECKS)
_PATCH = Raw(
    "application/openstack-images-v2.1-json-patch",
    {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {"op": {"enum": ["add", "replace", "remove"]}, "path": {"type": "string"}, "value": {}},
            "required": ["op", "path"],
        },
    },
)
_FILE = Raw("application/octet-stream", {"type": "string", "format": "binary"})


def create(call: Call) -> Answer:
    """POST /images: the record; its bytes come later."""
    wanted = call.body
    if not isinstance(wanted, dict):
        raise Fault(400, "Expected a JSON object")
    fields, properties = _fields(wanted)
    if isinstance(image_id := fields.get("id"), str) and call.world.store.get("image", image_id):
        raise Fault(409, f"Image ID {image_id} already exists!")
    record = image_record(call.world, fields.pop("name", None), properties=properties, **fields)
    call.world.store.add("image", record)
    location = f"{call.base}/image/v2/images/{record['id']}"
    return Answer(201, as_json(call, record), {"Location": location, "OpenStack-image-store-ids": "fs"})


def _fields(wanted: Json) -> tuple[Json, Json]:
    """Split into what every image has and what only this one has; refuse what cannot be."""
    fields, properties = {}, {}
    for key, value in wanted.items():
        if key in _READ_ONLY:
            raise Fault(403, f"Attribute '{key}' is read-only.")
        if key in _CHECKS:
            _check(key, value)
            fields[key] = list(dict.fromkeys(value)) if key == "tags" else value
        else:
            properties[key] = _property(key, value)
    return fields, properties


def _check(key: str, value: Any) -> None:
    if not _CHECKS[key](value):
        message = f"{value!r} is not a value for '{key}'"
        raise Fault(400, f"Provided object does not match schema 'image': {message}")
    if key == "visibility" and value == "public":
        raise Fault(403, "You are not authorized to complete publicize_image action.")
    if key == "visibility" and value not in _VISIBILITIES:
        message = f"'{value}' is not one of {['community', 'public', 'private', 'shared']}"
        raise Fault(400, f"Provided object does not match schema 'image': {message}")


def _property(key: str, value: Any) -> str:
    if not isinstance(value, str) or not key or len(key) > _LONGEST:
        message = f"{value!r} is not of type 'string'"
        raise Fault(400, f"Provided object does not match schema 'image': {message}")
    return value


def change(call: Call) -> Answer:
    """PATCH /images/{id}, by a JSON patch that adds, replaces and removes single fields."""
    image, steps = find(call), call.body
    if "openstack-images-v2" not in call.headers.get("content-type", ""):
        raise Fault(415, "Unsupported Content-Type: a change of an image is a JSON patch.")
    if not isinstance(steps, list):
        raise Fault(400, "Request body must be a JSON array of operation objects.")
    for step in steps:
        _apply(image, step)
    return Answer(200, as_json(call, call.world.store.save("image", image | {"updated_at": call.world.now()})))


def _apply(image: Json, step: Any) -> None:
    operation, path = (step.get("op"), step.get("path")) if isinstance(step, dict) else (None, None)
    if operation not in ("add", "replace", "remove") or not isinstance(path, str) or not path.startswith("/"):
        raise Fault(400, "Operations must be one of 'add', 'replace' and 'remove', each with a 'path'.")
    key = path[1:].replace("~1", "/").replace("~0", "~")
    if key in _READ_ONLY or key == "id":
        raise Fault(403, f"Attribute '{key}' is read-only.")
    if operation == "remove":
        if key in _CHECKS:
            raise Fault(403, f"Property {key} may not be removed.")
        if image["properties"].pop(key, None) is None:
            raise Fault(409, f"Property {key} does not exist.")
        return
    if key in _CHECKS:
        _check(key, step.get("value"))
        if key in ("disk_format", "container_format") and image["status"] != "queued" and image[key] != step["value"]:
            raise Fault(403, f"Attribute {key} can be only replaced for a queued image.")
        image[key] = list(dict.fromkeys(step["value"])) if key == "tags" else step["value"]
        return
    if operation == "replace" and key not in image["properties"]:
        raise Fault(409, f"Property {key} does not exist.")
    image["properties"][key] = _property(key, step.get("value"))


def upload(call: Call) -> Answer:
    """PUT /images/{id}/file: the bytes, once."""
    image = find(call)
    if image["status"] != "queued":
        raise Fault(409, f"Image status transition from {image['status']} to saving is not allowed")
    for key in ("disk_format", "container_format"):
        if image[key] is None:
            raise Fault(
                400, f"Properties disk_format, container_format must be set prior to saving data: {key} is not."
            )
    fill(call.world, image, call.raw)
    return Answer(204)


def download(call: Call) -> Answer:
    """GET /images/{id}/file: the bytes of a small image; those of a large one are not kept."""
    image = find(call)
    raw = bytes_of(call.world, image["id"])
    if raw is None and image["status"] == "active":
        raise Fault(404, f"The sandbox keeps the bytes of images of up to {KEPT_BYTES} bytes only.")
    if raw is None:
        return Answer(204)
    return Answer(200, raw, {"Content-MD5": image["checksum"]}, media="application/octet-stream")


def delete(call: Call) -> Answer:
    """DELETE /images/{id}; 403 for a protected one."""
    image = find(call)
    if image["protected"]:
        raise Fault(403, f"Image {image['id']} is protected and cannot be deleted.")
    remove(call.world, image)
    return Answer(204)


def _active(status: str) -> Callable[[Call], Answer]:
    def turn(call: Call) -> Answer:
        """Take an image out of service, or back."""
        image = find(call)
        if image["status"] not in ("active", "deactivated"):
            raise Fault(403, f"Not allowed to {status} image in status '{image['status']}'")
        call.world.store.save("image", image | {"status": status})
        return Answer(204)

    return turn


def add_tag(call: Call) -> Answer:
    """PUT /images/{id}/tags/{tag}."""
    image, tag = find(call), call.params["tag"]
    _check("tags", [tag])
    call.world.store.save("image", image | {"tags": list(dict.fromkeys([*image["tags"], tag]))})
    return Answer(204)


def delete_tag(call: Call) -> Answer:
    """DELETE /images/{id}/tags/{tag}."""
    image, tag = find(call), call.params["tag"]
    if tag not in image["tags"]:
        raise Fault(404, "The resource could not be found.")
    call.world.store.save("image", image | {"tags": [one for one in image["tags"] if one != tag]})
    return Answer(204)


ROUTES = (
    Route("POST", "/images", create, body=(_BODY,)),
    Route("PATCH", "/images/{image_id}", change, body=(_PATCH,)),
    Route("DELETE", "/images/{image_id}", delete),
    Route("PUT", "/images/{image_id}/file", upload, body=(_FILE,), status=(204,)),
    Route("GET", "/images/{image_id}/file", download, status=(200, 204)),
    Route("POST", "/images/{image_id}/actions/deactivate", _active("deactivated"), status=(204,)),
    Route("POST", "/images/{image_id}/actions/reactivate", _active("active"), status=(204,)),
    Route("PUT", "/images/{image_id}/tags/{tag}", add_tag, status=(204,)),
    Route("DELETE", "/images/{image_id}/tags/{tag}", delete_tag),
)
