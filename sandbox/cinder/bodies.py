"""The JSON Schemas of Cinder's request bodies; unlike Nova, it forgives keys that it does not know."""

from sandbox.faults import Json
from sandbox.world import Version

_SIZE: Json = {"type": ["integer", "string", "null"], "pattern": "^[0-9]+$", "minimum": 1}
_TEXT: Json = {"type": ["string", "null"]}


def _volume(version: Version, ecs: bool) -> Json:
    del version, ecs
    properties: Json = {
        "name": _TEXT,
        "description": _TEXT,
        "size": _SIZE,
        "metadata": {"type": ["object", "null"]},
    }
    return {
        "type": "object",
        "properties": {"volume": {"type": "object", "properties": properties}},
        "required": ["volume"],
    }


def _extend(version: Version, ecs: bool) -> Json:
    del version, ecs
    size: Json = {"type": ["integer", "string"], "pattern": "^[0-9]+$", "minimum": 1}
    extend: Json = {"type": "object", "properties": {"new_size": size}, "required": ["new_size"]}
    return {"type": "object", "properties": {"os-extend": extend}, "required": ["os-extend"]}


BODIES = {
    ("POST", "/volumes"): _volume,
    ("POST", "/volumes/{volume_id}/action#os-extend"): _extend,
}
"""The schema of each body, by the method and the path of its route; an action's name stands behind a `#`."""
