"""The marker of a resource: metadata by which what a dead run or a lost answer left is found again, and never made twice."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from provider import identity

KEY = "ecs_stacks_resource"
"""The metadata key. Remove it from a server to make that server nobody's."""


@dataclass(frozen=True, slots=True)
class Marker:
    """Whose something is (`owner`), and by which request it was made (`request`)."""

    owner: str
    request: str = ""

    @classmethod
    def of(cls, urn: str, part: str, request: Any) -> Marker:
        """The marker of a resource, or of a part of it such as a disk; `request` is what it is made with."""
        state, text = identity.of_state(), json.dumps(request, sort_keys=True)
        return cls(identity.digest(state, urn, part), identity.digest(state, text)[:12])

    @property
    def text(self) -> str:
        """As it stands in the metadata."""
        return f"{self.owner}.{self.request}"

    def owns(self, thing: Mapping[str, Any]) -> bool:
        """Whether a server or a disk is this resource's."""
        return owner_of(thing) == self.owner

    def made(self, thing: Mapping[str, Any]) -> bool:
        """Whether it was made by the very same request."""
        return (thing.get("metadata") or {}).get(KEY) == self.text


def owner_of(thing: Mapping[str, Any]) -> str:
    """Whose a server or a disk is; empty where it carries no marker."""
    return str((thing.get("metadata") or {}).get(KEY) or "").partition(".")[0]
