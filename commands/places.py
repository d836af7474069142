"""Where things are in a clone."""

from __future__ import annotations

import re
from pathlib import Path

PROJECT = re.compile(r"^name:\s*ecs-stacks\s*$", re.MULTILINE)


def _root() -> Path:
    """The clone that one stands in, else the one that this command was installed from."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        file = folder / "Pulumi.yaml"
        if file.is_file() and PROJECT.search(file.read_text(encoding="utf-8", errors="replace")):
            return folder
    return Path(__file__).resolve().parents[1]


ROOT = _root()
"""The project's root."""

LOCAL = ROOT / ".ecs"
"""What this clone keeps for itself and git does not see."""

STATE = LOCAL / "state"
"""The engine's state, unless PULUMI_BACKEND_URL says otherwise."""

SANDBOX = LOCAL / "sandbox"
"""The sandbox's folder."""

STACKS = ROOT / "stacks"
"""The stacks' program and settings."""

POLICY = ROOT / "policy"
"""The policy pack."""

LEVELS = POLICY / "levels"
"""The policy pack's configurations, one an environment."""


def environment_of(stack: str) -> str:
    """The environment of a stack: `prod.a` is a cell of `prod`, and shares all that is the environment's."""
    return stack.partition(".")[0]


def settings_file(stack: str) -> Path:
    """The YAML of a stack: its environment's."""
    return STACKS / f"Pulumi.{environment_of(stack)}.yaml"


def link_of(stack: str) -> Path:
    """The file in which the engine itself looks for a stack's settings: for a cell, a link to its environment's."""
    return STACKS / f"Pulumi.{stack}.yaml"


def levels_file(stack: str) -> Path:
    """The policy pack's configuration for a stack, its environment's; not every environment has one."""
    return LEVELS / f"{environment_of(stack)}.json"
