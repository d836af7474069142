"""One installer at a time."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def alone(file: Path, report: Callable[[str], None], every: float = 15.0) -> Iterator[None]:
    """Hold a lock file; waits for another holder and says so, `every` so many seconds.

    The system frees the lock of a process that died, however it died, so a stale lock cannot be. The file itself stays: to delete it
    would let two holders hold two files of one name.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _wait(descriptor, report, every)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _wait(descriptor: int, report: Callable[[str], None], every: float) -> None:
    started = time.monotonic()
    said = started - every
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            now = time.monotonic()
            if now - said >= every:
                said = now
                holder = os.pread(descriptor, 32, 0).decode(errors="replace") or "unknown"
                report(f"another installation is under way (process {holder}); waiting, {now - started:.0f} s")
            time.sleep(0.1)
        else:
            return
