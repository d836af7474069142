"""The JSON Schema of a stack's YAML, for editors."""

from __future__ import annotations

from typing import Any

from components.describing import describe
from components.inputs import Args
from stacks.cells import NAME
from stacks.inheritance import PROJECT
from stacks.settings import Settings

SECURE = {
    "type": "object",
    "description": "An encrypted value, as `pulumi config set --secret --path` writes it.",
    "properties": {"secure": {"type": "string"}},
    "required": ["secure"],
    "additionalProperties": False,
}


INHERITED = {
    "description": "Files of stacks/, without `.yaml`, over which these settings are laid; a later one goes over an earlier one.",
    "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
}
CELLS = {
    "description": "The stacks that this environment is divided into; each server, batch and disk then names its `cell`.",
    "type": "array",
    "items": {"type": "string", "pattern": f"^{NAME.pattern}$"},
    "minItems": 1,
    "uniqueItems": True,
}
KEEPS = {
    "description": "Paths that `ecs promote` leaves as they are in this environment, such as networks.lan.cidr.",
    "type": "array",
    "items": {"type": "string"},
}
CELL = {"description": "The cell that it is in, one of `ecs-stacks:cells`.", "type": "string"}
NULL = {"type": "null"}
DIVIDED_ARGS = ("ServerSettings", "BatchSettings", "DiskArgs")


def schema() -> dict[str, Any]:
    """The schema of a whole `Pulumi.<stack>.yaml`, and of a file that it inherits (JSON Schema 2020-12)."""
    settings = describe(Settings.model_json_schema(), Args)
    definitions = {name: _with_secure(one) for name, one in settings.pop("$defs").items()}
    for one in DIVIDED_ARGS:
        definitions[one]["properties"] = {"cell": CELL} | definitions[one]["properties"]
    partial = _Partial(definitions)
    stated = {name: partial.of(_with_secure(one)) for name, one in settings["properties"].items()}
    definitions |= partial.definitions
    sections = {f"{PROJECT}:{name}": _or_null(one) for name, one in stated.items()}
    sections |= {f"{PROJECT}:inherits": INHERITED, f"{PROJECT}:cells": CELLS, f"{PROJECT}:keeps": KEEPS}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Settings of a stack of ecs-stacks",
        "type": "object",
        "properties": {
            "config": {
                "type": "object",
                "properties": sections
                | {"openstack:cloud": {"type": "string", "description": "The cloud's name in clouds.yaml."}},
                "patternProperties": {rf"^(?!{PROJECT}:)[^:]+:.+$": {}},
                "additionalProperties": False,
            },
            "encryptionsalt": {"type": "string"},
            "secretsprovider": {"type": "string"},
            "encryptedkey": {"type": "string"},
            "environment": {},
        },
        "additionalProperties": False,
        "$defs": definitions,
    }


def _with_secure(node: Any) -> Any:
    """The same schema, in which every secret may stand encrypted."""
    if isinstance(node, list):
        return [_with_secure(item) for item in node]
    if not isinstance(node, dict):
        return node
    if node.get("format") == "password":
        return {"anyOf": [{"type": "string"}, SECURE]}
    return {key: _with_secure(value) for key, value in node.items()}


def _or_null(node: Any) -> Any:
    """The same schema, or a null, which takes out what is inherited."""
    return {"anyOf": [node, NULL]}


class _Partial:
    """Schemas of what is merged key by key: what is missing may be inherited, and a null takes out what is.

    What stands in a list is left as it is, since a list is inherited whole.
    """

    def __init__(self, definitions: dict[str, Any]) -> None:
        self._whole = definitions
        self.definitions: dict[str, Any] = {}
        """Those that were met, as `<name>.partial`."""

    def of(self, node: Any) -> Any:
        """The schema of the same thing, partly stated."""
        if isinstance(node, list):
            return [self.of(one) for one in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            return node | {"$ref": f"#/$defs/{self._named(node['$ref'].rpartition('/')[2])}"}
        if node == SECURE:
            return node
        made = {}
        for key, value in node.items():
            if key in ("required", "discriminator", "default"):
                continue
            if key in ("properties", "patternProperties"):
                made[key] = {name: _or_null(self.of(one)) for name, one in value.items()}
            elif key == "additionalProperties" and isinstance(value, dict):
                made[key] = _or_null(self.of(value))
            elif key in ("anyOf", "oneOf"):
                made["anyOf"] = self.of(value)
            else:
                made[key] = value
        return made

    def _named(self, name: str) -> str:
        partial = f"{name}.partial"
        if partial not in self.definitions:
            self.definitions[partial] = {}
            self.definitions[partial] = self.of(self._whole[name])
        return partial
