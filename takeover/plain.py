"""What whoever types plain `pulumi` has to read after a run was killed; it imports little, so that a program can ask at its start."""

from __future__ import annotations

import json
from pathlib import Path

from takeover import lock as locking
from takeover import state as states


def refusal(root: Path, stack: str, backend: str) -> str | None:
    """Why a run must not begin: what a killed one was creating would be made a second time. None where nothing was left.

    Only a file backend is looked at, and only before the run registers anything: its own operations look the same.
    """
    place = locking.place(root, stack, backend)
    if place is None or not place.state.is_file():
        return None
    latest = json.loads(place.state.read_text(encoding="utf-8")).get("checkpoint", {}).get("latest") or {}
    names = [one.told for one in states.begun({"deployment": latest}) if one.to_be_found]
    if not names:
        return None
    return (
        f"a run was killed while it was creating {', '.join(names)}, and this one would make it a second time. "
        f"Type `ecs up --stack {stack}`: it finds what is there and takes it over."
    )
