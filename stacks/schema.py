"""The JSON Schema of a stack's YAML, for editors."""

from __future__ import annotations

from typing import Any

from stacks.inheritance import PROJECT
from stacks.settings import Settings

SECURE = {
    "type": "object",
    "description": "An encrypted value, as `pulumi config set --secret --path` writes it.",
    "properties": {"secure": {"type": "string"}},
    "required": ["secure"],
    "additionalProperties": False,
}


def schema() -> dict[str, Any]:
    """The schema of a whole `Pulumi.<stack>.yaml` (JSON Schema 2020-12)."""
    settings = Settings.model_json_schema()
    definitions = {name: _with_secure(one) for name, one in settings.pop("$defs").items()}
    sections = {f"{PROJECT}:{name}": _with_secure(one) for name, one in settings["properties"].items()}
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
