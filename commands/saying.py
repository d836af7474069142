"""How a command writes what it has to say, also where nobody reads on or the disk is full."""

from __future__ import annotations

import io
import os
from typing import TextIO

from commands.failure import Failure


def say(stream: TextIO, text: str) -> None:
    """Write a text at once. Where nobody reads on (`| head -1`) that is no failure: the exit code still is the answer.

    Raises `Failure` where it cannot be written for another reason.
    """
    try:
        stream.write(text)
        stream.flush()
    except OSError as error:
        # What could not be written is tried again as the process ends, and would change its exit code.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
        if not isinstance(error, BrokenPipeError):
            raise Failure(f"the output cannot be written: {error.strerror}.") from None


def as_written(stream: TextIO) -> None:
    """Let a stream take every character, as a file of a report does, whatever the locale says."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(encoding="utf-8")
