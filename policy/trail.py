"""What the pack has judged, written down for an audit: the engine tells it of a preview, and not of a state."""

from __future__ import annotations

import json
from pathlib import Path

TRAIL = "ECS_POLICY_TRAIL"
"""The variable that names the file; without it nothing is written."""


class Trail:
    """A line of JSON for each resource that was judged to the end, and one with an empty `urn` for the whole stack."""

    def __init__(self, file: str) -> None:
        self._file = Path(file) if file else None

    def judged(self, urn: str) -> None:
        """Note a resource; `""` is the whole stack."""
        if self._file is not None:
            with self._file.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps({"urn": urn}) + "\n")
