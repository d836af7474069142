"""How much memory a command and all its descendants have resident, while it runs."""

import contextlib
import threading
from collections.abc import Callable, Iterator

import psutil

EVERY = 0.5
"""Seconds between two looks at the memory."""

MEBI = 1 << 20


@contextlib.contextmanager
def looked_at(pid: int, every: float, look: Callable[[list[psutil.Process]], None]) -> Iterator[None]:
    """While the block runs, look at a process and its descendants every so many seconds."""
    done = threading.Event()

    def watch() -> None:
        while not done.wait(every):
            with contextlib.suppress(psutil.Error):
                parent = psutil.Process(pid)
                look([parent, *parent.children(recursive=True)])

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


@contextlib.contextmanager
def watched(pid: int, every: float = EVERY) -> Iterator[list[int]]:
    """The largest sum of the memory (bytes) that a process and its descendants had resident at one time."""
    largest = [0]

    def look(processes: list[psutil.Process]) -> None:
        total = 0
        for one in processes:
            with contextlib.suppress(psutil.Error):
                total += one.memory_info().rss
        largest[0] = max(largest[0], total)

    with looked_at(pid, every, look):
        yield largest
