"""Which servers are still being built: one list for all that wait, instead of a look at each of them."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from typing import Any

from provider.failure import CloudError, LostError, NoAnswerError
from provider.requests import Json, Requests

LIST = "/servers/detail?status=BUILD"
FEW = 3
"""With no more servers than this a look at each is as cheap."""


class Building:
    """The servers that are being built, as they were a moment ago: half a `poll` at most.

    It only spares requests: where the list cannot be had, or does not say what it was asked for, every server is looked at.
    """

    def __init__(self, requests: Requests) -> None:
        self._requests = requests
        self._counting, self._listing = threading.Lock(), threading.Lock()
        self._waiting = 0
        self._listed = float("-inf")
        self._there: dict[str, Json] = {}
        self._usable = True

    @contextlib.contextmanager
    def waiting(self) -> Iterator[None]:
        """While one more server is waited for."""
        with self._counting:
            self._waiting += 1
        try:
            yield
        finally:
            with self._counting:
                self._waiting -= 1

    def still(self, ident: str, work: Any) -> Json | None:
        """The server where it is in BUILD; None where it is not, or where nobody knows: then look at it."""
        # Whoever lists may meet a cloud that does not answer; the others do not wait for that.
        if self._waiting <= FEW or not self._usable or not self._listing.acquire(timeout=work.poll):
            return None
        try:
            if time.monotonic() - self._listed >= work.poll / 2:
                self._listed, self._there = time.monotonic(), self._list(work)
            return self._there.get(ident)
        finally:
            self._listing.release()

    def _list(self, work: Any) -> dict[str, Json]:
        try:
            # Without time left it is sent once: the looks that follow a failure are tried again, each for itself.
            found = self._requests.every("compute", LIST, "servers", work.afresh(0.0))
        except (CloudError, LostError, NoAnswerError):
            return {}
        # A cloud that does not know the filter lists everything, each time.
        self._usable = all(one["status"] == "BUILD" for one in found)
        return {one["id"]: one for one in found if one["status"] == "BUILD"}
