"""One operation under way: its time limit, its cancellation, and what it tells the user meanwhile."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from provider.failure import CancelledError, TooLateError

TOLD_EVERY = 30.0
"""Seconds between two lines about a wait that lasts; the status line shows every change."""

Tell = Callable[[str, bool], None]
"""Shows a line to the user: the text, and whether it is only for the status line."""


class Work:
    """One operation: `seconds` is its time limit."""

    def __init__(self, tell: Tell, cancelled: threading.Event, seconds: float, poll: float) -> None:
        self._tell, self._cancelled, self.poll = tell, cancelled, poll
        self.seconds = seconds
        self.began = time.monotonic()
        self._told = self.began

    @property
    def passed(self) -> float:
        """Seconds since it began."""
        return time.monotonic() - self.began

    @property
    def left(self) -> float:
        """Seconds until its limit."""
        return max(0.0, self.seconds - self.passed)

    def say(self, text: str) -> None:
        """Show a line that stays."""
        self._tell(text, False)

    def check(self) -> None:
        """Raise `CancelledError` where the run was cancelled."""
        if self._cancelled.is_set():
            raise CancelledError("the run was cancelled")

    def pause(self, seconds: float) -> None:
        """Sleep; raises `CancelledError` as soon as the run is cancelled."""
        if self._cancelled.wait(seconds):
            raise CancelledError("the run was cancelled")

    def wait(self, state: str) -> None:
        """Sleep until the next look, and tell what is waited for; raises `CancelledError` or `TooLateError`."""
        if self.left <= 0:
            raise TooLateError(f"{state} after {self.passed:.0f} s, the time limit")
        self._tell(f"{state}, {self.passed:.0f} s", True)
        if time.monotonic() - self._told >= TOLD_EVERY:
            self._told = time.monotonic()
            self._tell(f"still waiting: {state} after {self.passed:.0f} s of at most {self.seconds:.0f} s", False)
        self.pause(min(self.poll, self.left))

    def afresh(self, seconds: float) -> Work:
        """A piece of work of its own after this one, that a cancellation does not stop: for cleaning up."""
        return Work(self._tell, threading.Event(), seconds, self.poll)
