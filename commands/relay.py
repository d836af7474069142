"""How a process that runs the engine lets it end in order when it is itself asked to end."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def relayed(also: Callable[[], object] = lambda: None) -> Iterator[None]:
    """Hand SIGTERM on to the engines that this process runs, as the SIGINT at which they finish what they have begun.

    A Ctrl-C at a terminal reaches them by itself. `also` is called too, so that none is begun afterwards.
    """
    before = signal.getsignal(signal.SIGTERM)

    def relay(_number: int, _frame: object) -> None:
        also()
        for child in children():
            os.kill(child, signal.SIGINT)

    signal.signal(signal.SIGTERM, relay)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def children() -> list[int]:
    """The processes that this one has started and that still run; none where the system has no /proc."""
    found: list[int] = []
    for file in Path("/proc/self/task").glob("*/children"):
        try:
            found += [int(one) for one in file.read_text(encoding="ascii").split()]
        except OSError:
            continue
    return found
