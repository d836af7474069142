"""Where things are in a clone."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
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


def settings_file(stack: str) -> Path:
    """The YAML of a stack."""
    return STACKS / f"Pulumi.{stack}.yaml"
