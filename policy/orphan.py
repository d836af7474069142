"""A pack whose host was killed ends too."""

from __future__ import annotations

import os
import threading
import time

SECONDS = 1.0
"""Between two looks at who the parent is."""


def end_with_parent() -> None:
    """End this process soon after the one that started it is gone, however that happened.

    The engine asks its plugins to end, but nobody asks a pack whose language host was killed: it would serve nobody for ever.
    """
    threading.Thread(target=_watch, args=(os.getppid(),), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(SECONDS)
    os._exit(1)
