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


def settings_file(stack: str) -> Path:
    """The YAML of a stack."""
    return STACKS / f"Pulumi.{stack}.yaml"


def levels_file(stack: str) -> Path:
    """The policy pack's configuration for a stack; not every stack has one."""
    return LEVELS / f"{stack}.json"
