"""A program that states whatever the file beside it lists, word for word, so that one preview judges many resources.

An entry has a `name`, a `type`, its `inputs` as they are on the wire, and perhaps the `parent` that is another entry's name.
`{"$ref": "lan.id"}` in an input is an output of the entry `lan`, which stands above it; with a `then` beside it, that value once the
output is known.
"""

import json
from pathlib import Path
from typing import Any

import pulumi

MADE: dict[str, pulumi.Resource] = {}


def resolved(value: Any) -> Any:
    """Put outputs in the places that refer to them."""
    if isinstance(value, dict):
        if "$ref" in value:
            name, _, attribute = value["$ref"].partition(".")
            output: pulumi.Output[Any] = getattr(MADE[name], attribute)
            return output.apply(lambda _: value["then"]) if "then" in value else output
        return {key: resolved(inner) for key, inner in value.items()}
    return [resolved(inner) for inner in value] if isinstance(value, list) else value


for entry in json.loads((Path(__file__).parent / "resources.json").read_text(encoding="utf-8")):
    kind, inputs = entry["type"], resolved(entry["inputs"])
    timeouts = pulumi.CustomTimeouts(**entry["timeouts"]) if "timeouts" in entry else None
    options = pulumi.ResourceOptions(
        parent=MADE[entry["parent"]] if "parent" in entry else None, custom_timeouts=timeouts
    )
    resource = pulumi.ComponentResource if kind.startswith("ecs:index:") else pulumi.CustomResource
    MADE[entry["name"]] = resource(kind, entry["name"], inputs, options)
