"""A process beside a run: it lets the run's claim go when the engine has its lock, or when the run has ended.

The run itself cannot: it has become the engine.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from takeover import lock as locking
from takeover.store import StoreError

_TICK = 0.2
_started: list[subprocess.Popen[bytes]] = []


def start(root: Path, stack: str, claim: str, variables: Mapping[str, str]) -> None:
    """Start it for this process, whose claim is kept under this key."""
    # Out of reach of Ctrl-C, and not keeping open what somebody reads to its end. A password is in the variables only.
    beside = subprocess.Popen(
        [sys.executable, "-m", "takeover.release", str(root), stack, variables["PULUMI_BACKEND_URL"], claim],
        env=os.environ | dict(variables),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    _started.append(beside)


def main(root: str, stack: str, backend: str, claim: str) -> None:
    """Wait, and let the claim go."""
    run, end = os.getppid(), time.monotonic() + locking.CLAIMED
    place = locking.place(Path(root), stack, backend)
    if place is None:
        return
    while os.getppid() == run and run > 1 and time.monotonic() < end:
        with contextlib.suppress(StoreError):
            if locking.locks(place):
                break
        time.sleep(_TICK)
    place.store.delete(claim)


if __name__ == "__main__":
    main(*sys.argv[1:])
