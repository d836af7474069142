"""One thing that a request refers to, whether the stack makes it or the cloud has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from policy.facts.kinds import Kind
from policy.facts.members import Member
from policy.unknown import UNKNOWN, NotYetKnownError


@dataclass(frozen=True, slots=True)
class Thing:
    """A thing of a kind: `member` where this stack makes it, `body` where the cloud showed it, `provider` of who asked."""

    kind: Kind
    member: Member | None
    body: Mapping[str, Any] | None
    asker: Member

    @property
    def id(self) -> str | None:
        """Its id; None while it does not exist."""
        if self.member is not None:
            return self.member.id
        return None if self.body is None else str(self.body.get("id", ""))

    @property
    def shown(self) -> str:
        """How a message names it: by the resource of this stack, or by its name or id in the cloud."""
        if self.member is not None:
            return f"{self.kind.word} {self.member.name!r}"
        body = self.body or {}
        return f"{self.kind.word} {body.get('name') or body.get('id')!r}"

    def stated(self, key: str) -> object:
        """Return what this stack states for a thing of its own. Raises `NotYetKnownError` where that is not known yet."""
        if self.member is None:
            return None
        value = self.member.inputs.get(key)
        if value is UNKNOWN:
            raise NotYetKnownError(f"{key} of {self.shown}")
        return value

    def said(self, key: str) -> Any:
        """Return what the cloud shows for a thing of its own; None where it shows nothing."""
        return None if self.body is None else self.body.get(key)
