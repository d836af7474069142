"""Whether the engine can run a stack at all: asked before it starts, since its own answer would be hard to read."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from typing import Any

from commands.failure import Failure
from commands.places import STACKS, STATE, environment_of, link_of, settings_file

LARGEST = 128 * 1024 - len("PULUMI_CONFIG=") - 1
"""The bytes of configuration that the engine can hand to a program: Linux lets one variable have 128 KiB, its name and end included."""

KINDS = {"servers": "Server", "batches": "ServerBatch", "disks": "Disk"}
URN = re.compile(rb'"urn":\s*"urn:pulumi:[^"]*::ecs:index:(Server|ServerBatch|Disk)::([^"]*)"')
SHOWN = 5
TAG = 16
"""The bytes by which an encrypted text is longer than what it says."""


def check(stack: str) -> None:
    """Refuse (2) a stack that is divided into cells, a cell without its link, and settings too large for the engine to hand over."""
    from components.problems import ArgumentError
    from stacks import cells

    environment, cell = cells.parts(stack)
    file = settings_file(stack)
    try:
        config = cells.config_in(file, f"stacks/{file.name}")
        known = cells.cells_of(environment, STACKS)
    except ArgumentError as error:
        raise Failure(str(error), 2) from None
    if cell is not None and cell not in known:
        there = ", ".join(f"{environment}.{one}" for one in known) or "none"
        raise Failure(f"stacks/{file.name} has no cell {cell!r}; its cells are stacks of their own: {there}.", 2)
    if cell is None and known:
        of_each = ", ".join(f"{environment}.{one}" for one in known)
        raise Failure(
            f"{environment!r} is divided into cells and no stack of its own. Name one of them ({of_each}), or take them all: "
            f"`--all --stack {environment}`.",
            2,
        )
    if cell is not None and not is_linked(stack):
        raise Failure(
            f"stacks/{link_of(stack).name} is no link to {file.name} yet. Run `ecs cells --stack {environment} --write`.",
            2,
        )
    if cell is not None:
        _refuse_doubles(stack, environment, known)
    size = handed_over(config)
    if size > LARGEST:
        raise Failure(
            f"stacks/{file.name} states {size:,} bytes of settings; the engine can hand over {LARGEST:,}. Move servers to a file that it "
            f"inherits (stacks/{environment}-servers.yaml, and `ecs-stacks:inherits: {environment}-servers`): that has no limit.",
            2,
        )


def _refuse_doubles(stack: str, environment: str, known: tuple[str, ...]) -> None:
    """Refuse (2) what this cell states and another stack of the environment still has: it would be there twice."""
    from stacks.cells import parts, placed, stated

    cell = parts(stack)[1]
    mine = {(KINDS[section], name) for section, name in placed(stated(stack, STACKS), str(cell))}
    others = [environment, *(f"{environment}.{one}" for one in known if one != cell)]
    twice = [f"{name!r} of {other}" for other in others for kind, name in sorted(mine & _has(other))]
    if twice:
        more = f" and {len(twice) - SHOWN} more" if len(twice) > SHOWN else ""
        raise Failure(
            f"{', '.join(twice[:SHOWN])}{more}: stated in the cell {cell!r} now, where it would be made a second "
            "time. Another cell means another server: let its old stack delete it first (`ecs up` there; take its protection away before), "
            "or state its old cell again.",
            2,
        )


def _has(stack: str) -> set[tuple[str, str]]:
    """The servers, batches and disks in the state of a stack, by kind and name; none where only the engine can read the state."""
    from takeover.store import store

    kept = store(os.environ.get("PULUMI_BACKEND_URL") or f"file://{STATE}")
    content = None if kept is None else kept.read(f".pulumi/stacks/ecs-stacks/{stack}.json")
    return {(kind.decode(), name.decode()) for kind, name in URN.findall(content or b"")}


def is_plain(stack: str) -> bool:
    """Whether nothing of `check` can be the matter: small settings without cells or inheritance, which is told without reading them."""
    text = settings_file(stack).read_text(encoding="utf-8", errors="replace")
    # An alias (`*web`) may stand for far more than it takes.
    telling = ("ecs-stacks:inherits", "ecs-stacks:cells", "*")
    return environment_of(stack) == stack and len(text) < LARGEST // 4 and not any(sign in text for sign in telling)


def is_linked(stack: str) -> bool:
    """Whether the file in which the engine looks for a cell's settings is a link to its environment's."""
    link = link_of(stack)
    return link.is_symlink() and link.resolve() == settings_file(stack).resolve()


def handed_over(config: Mapping[str, Any]) -> int:
    """The bytes of PULUMI_CONFIG for what stands under `config:`: JSON in JSON, as the engine writes both."""
    return len(_json({name: _text(_plain(value)) for name, value in config.items()}).encode())


def _text(value: Any) -> str:
    return value if isinstance(value, str) else _json(value)


def _json(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _plain(value: Any) -> Any:
    """The value with every encrypted text as long as what it says."""
    if isinstance(value, dict):
        if list(value) == ["secure"]:
            return "x" * max(0, len(str(value["secure"]).rpartition(":")[2]) * 3 // 4 - TAG)
        return {key: _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list) else value
