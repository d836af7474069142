"""Time as the sandbox sees it: handed in, so that a test moves it and nothing sleeps."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Where the sandbox reads the time."""

    def now(self) -> float:
        """Return the time in seconds since 1970, UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> float:
        """Return the time in seconds since 1970, UTC."""
        return time.time()


class ManualClock:
    """A clock that moves only when it is told to."""

    def __init__(self, start: float = 1_700_000_000.0) -> None:
        self._now = start

    def now(self) -> float:
        """Return the time in seconds since 1970, UTC."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Move the clock forward by `seconds`."""
        self._now += seconds


def zulu(moment: float) -> str:
    """Write `moment` as Nova and Neutron do, `2026-01-31T12:00:00Z`."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def micros(moment: float) -> str:
    """Write `moment` as Cinder does, `2026-01-31T12:00:00.000000`."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")


def micros_zulu(moment: float) -> str:
    """Write `moment` as Keystone does, `2026-01-31T12:00:00.000000Z`."""
    return micros(moment) + "Z"
