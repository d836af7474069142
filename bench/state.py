"""An exported state of many servers: one that the engine really made on a sandbox, written down as often as is asked for."""

import json
import uuid
from pathlib import Path
from typing import Any

from bench.engine import Program
from bench.targets import Sandbox

MADE = "web-00000"
"""How `bench/servers` calls its first server."""

PASSPHRASE = "of a bench"  # noqa: S105 - of states that are thrown away
FORMS = ("disks", "secret")


def one_each(cloud: Sandbox, clouds: Path, folder: Path) -> dict[str, dict[str, Any]]:
    """Make one server of each form by `pulumi up` on a sandbox, whose own folder is `clouds`, and return the exported states."""
    states = {}
    for form in FORMS:
        place = folder / form
        place.mkdir()
        program = Program(place, clouds)
        program.up(form, 1)
        states[form] = program.export()
    cloud.clear()
    return states


def multiplied(state: dict[str, Any], servers: int, file: Path) -> Path:
    """Write the state with so many of its server, each with a name, a URN and an id of its own; returns the file."""
    resources = state["deployment"]["resources"]
    (server,) = [one for one in resources if one["urn"].endswith(f"::{MADE}")]
    others = [one for one in resources if one is not server]
    text = json.dumps(server)
    many = [
        json.loads(text.replace(MADE, f"web-{number:05}").replace(server["id"], str(uuid.UUID(int=number, version=4))))
        for number in range(servers)
    ]
    whole = {**state, "deployment": {**state["deployment"], "resources": [*others, *many]}}
    file.write_text(json.dumps(whole, indent=4), encoding="utf-8")
    return file


def inputs(state: dict[str, Any], servers: int) -> list[dict[str, Any]]:
    """Return what so many of its server were asked for with, each with a name of its own, without what the engine adds."""
    (server,) = [one for one in state["deployment"]["resources"] if one["urn"].endswith(f"::{MADE}")]
    clear = _clear(server["inputs"])
    return [{**clear, "name": f"web-{number:05}"} for number in range(servers)]


def _clear(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _clear(one) for key, one in value.items() if not key.startswith("__")}
    return [_clear(one) for one in value] if isinstance(value, list) else value
