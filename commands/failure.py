"""How a command fails: one clear error and an exit code."""

from __future__ import annotations


class Failure(Exception):  # noqa: N818
    """What a user reads after `error: `; says what to do. `code` is the exit code: 2 for usage, 1 for anything else."""

    def __init__(self, text: str, code: int = 1) -> None:
        super().__init__(text)
        self.code = code
