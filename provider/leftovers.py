"""What earlier runs left in the cloud: found by marker, read once a run."""

from __future__ import annotations

import threading
from typing import Any

from provider.marker import Marker, owner_of
from provider.requests import Json, Requests


class Leftovers:
    """The servers and disks that carry a marker, as they were when this run first made something.

    One list for the whole run: fifty creations ask the cloud once.
    """

    def __init__(self, requests: Requests) -> None:
        self._requests = requests
        self._lock = threading.Lock()
        self._found: dict[str, dict[str, list[Json]]] = {}

    def servers(self, marker: Marker, work: Any) -> list[Json]:
        """The servers of a resource that are still there, as they are now, the oldest first."""
        known = self._of("compute", "/servers/detail", "servers", marker, work)
        now = [self._requests.get("compute", f"/servers/{one['id']}", work) for one in known]
        there = [one["server"] for one in now if one is not None]
        return sorted((one for one in there if one["status"] not in {"DELETED", "SOFT_DELETED"}), key=_age)

    def marked(self, marker: Marker, work: Any) -> list[Json]:
        """The servers of a batch as they were when this run first looked: one list, whatever their number."""
        return self._of("compute", "/servers/detail", "servers", marker, work)

    def disks(self, marker: Marker, work: Any) -> list[Json]:
        """The disks of a resource's part that are still there, as they are now, the oldest first."""
        known = self._of("block_storage", "/volumes/detail", "volumes", marker, work)
        now = [self._requests.get("block_storage", f"/volumes/{one['id']}", work) for one in known]
        there = [one["volume"] for one in now if one is not None]
        return sorted((one for one in there if one["status"] != "deleting"), key=_age)

    def _of(self, service: str, path: str, key: str, marker: Marker, work: Any) -> list[Json]:
        with self._lock:
            if key not in self._found:
                found: dict[str, list[Json]] = {}
                for one in self._requests.every(service, path, key, work):
                    if owner := owner_of(one):
                        found.setdefault(owner, []).append(one)
                self._found[key] = found
        return self._found[key].get(marker.owner, [])


def _age(thing: Json) -> tuple[str, str]:
    return str(thing.get("created") or thing.get("created_at") or ""), str(thing["id"])
