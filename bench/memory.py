"""How much memory a command and all its descendants have resident, while it runs."""

import contextlib
import threading
from collections.abc import Iterator

import psutil

EVERY = 0.5
"""Seconds between two looks at the memory."""

MEBI = 1 << 20


@contextlib.contextmanager
def watched(pid: int, every: float = EVERY) -> Iterator[list[int]]:
    """The largest sum of the memory (bytes) that a process and its descendants had resident at one time."""
    largest, done = [0], threading.Event()

    def watch() -> None:
        while not done.wait(every):
            total = 0
            with contextlib.suppress(psutil.Error):
                parent = psutil.Process(pid)
                for one in (parent, *parent.children(recursive=True)):
                    with contextlib.suppress(psutil.Error):
                        total += one.memory_info().rss
            largest[0] = max(largest[0], total)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield largest
    finally:
        done.set()
        thread.join()
