"""A cluster's schemas, strict: what they do not know is a mistake, as with `kubectl apply --validate=strict`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema

SCHEMAS = Path(__file__).parent / "schemas"
OF = {
    ("pulumi.com/v1", "Stack"): "stack-v1.json",
    ("auto.pulumi.com/v1alpha1", "Workspace"): "workspace-v1alpha1.json",
}


def strict(schema: Any) -> Any:
    """The schema, with every key refused that it does not name, unless it says that any is welcome."""
    if isinstance(schema, list):
        return [strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: strict(value) for key, value in schema.items() if key != "properties"}
    if "properties" in schema:
        made["properties"] = {name: strict(one) for name, one in schema["properties"].items()}
        if not schema.get("x-kubernetes-preserve-unknown-fields"):
            made.setdefault("additionalProperties", False)
    return made


def mistakes(document: Mapping[str, Any]) -> list[str]:
    """What a cluster would not take of a Stack or a Workspace, each with its path."""
    kind = (str(document.get("apiVersion")), str(document.get("kind")))
    if kind not in OF:
        return [f"no {kind[1]} of {kind[0]} is known"]
    schema = strict(json.loads((SCHEMAS / OF[kind]).read_text(encoding="utf-8")))
    # The status is the operator's own.
    schema["properties"].pop("status")
    schema["required"] = ["apiVersion", "kind", "metadata", "spec"]
    found = jsonschema.Draft7Validator(schema).iter_errors(document)
    return sorted(f"{one.json_path}: {one.message[:200]}" for one in found)
