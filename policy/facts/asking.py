"""The two ways in which a fact can be missing, and what is asked of a cloud."""

from __future__ import annotations

from dataclasses import dataclass


class PendingError(Exception):
    """The cloud has been asked, and has not answered yet: the rule is asked again when it has."""


class SilentError(Exception):
    """The cloud does not say. `reason` is a sentence without secrets: `the cloud 'dev' did not answer within 5 s`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Question:
    """One read: the service (compute, image, network, block_storage), the path there, and the key of the answer's body.

    Without a path it asks for what the service says of itself: `max_microversion`.
    """

    service: str
    path: str
    key: str = ""
    paged: bool = False
    """Whether the answer is a list that may come in pages."""
