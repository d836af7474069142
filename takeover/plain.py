"""What whoever types plain `pulumi` has to read after a run was killed; it imports little, so that a program can ask at its start."""

from __future__ import annotations

import json
from pathlib import Path

from takeover import lock as locking
from takeover import state as states
from takeover.store import StoreError


def refusal(root: Path, stack: str, backend: str) -> str | None:
    """Why a run must not begin: what a killed one was creating would be made a second time. None where nothing was left.

    Only what keeps its state in a folder, PostgreSQL or S3 is looked at, and only before the run registers anything: its own operations
    look the same.
    """
    try:
        place = locking.place(root, stack, backend)
        text = place.store.read(place.state) if place else None
    except StoreError as error:
        return str(error)
    if text is None:
        return None
    latest = json.loads(text).get("checkpoint", {}).get("latest") or {}
    names = [one.told for one in states.begun({"deployment": latest}) if one.to_be_found]
    if not names:
        return None
    return (
        f"a run was killed while it was creating {', '.join(names)}, and this one would make it a second time. "
        f"Type `ecs up --stack {stack}`: it finds what is there and takes it over."
    )
