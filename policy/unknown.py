"""A value that is not known before apply."""

from __future__ import annotations

import enum
from typing import Final, Literal


class Unknown(enum.Enum):
    """The type of `UNKNOWN`, so that a type checker can tell it from every real value."""

    UNKNOWN = "unknown until apply"


UNKNOWN: Final[Literal[Unknown.UNKNOWN]] = Unknown.UNKNOWN
"""Stands, at preview, for an output that nothing has produced yet."""


class NotYetKnownError(Exception):
    """A rule read a value that is not known before apply. `path` is where the author wrote it."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path} is not known yet")
        self.path = path
