"""The members of a batch: found by their reservations in as few lists as there were requests, whatever their number."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

from provider.context import Run, Subject
from provider.marker import Marker
from provider.properties import Properties
from provider.requests import Json

LIST = "/servers/detail"
GONE = ("DELETED", "SOFT_DELETED")
AT_ONCE = 8
BASE = re.compile(r"-r\d+$")


def by_reservation(run: Run, work: Any, reservation: str) -> list[Json]:
    """The servers that one request made."""
    found = run.requests.every("compute", f"{LIST}?reservation_id={quote(reservation, safe='')}", "servers", work)
    return [one for one in found if one["status"] not in GONE]


def by_marker(run: Run, work: Any, name: str, marker: Marker) -> list[Json]:
    """The servers of a batch whatever request made them, also one whose answer was lost: by name and marker."""
    pattern = quote(f"^{re.escape(name)}")
    found = run.requests.every("compute", f"{LIST}?name={pattern}", "servers", work)
    return [one for one in found if marker.owns(one) and one["status"] not in GONE]


def by_ids(run: Run, work: Any, ids: list[str]) -> list[Json]:
    """These servers as they are now, as far as they are still there."""
    found = [run.requests.get("compute", f"/servers/{ident}", work) for ident in ids]
    return [one["server"] for one in found if one is not None and one["server"]["status"] not in GONE]


def there(run: Run, subject: Subject, had: Properties) -> list[Json]:
    """All members that are there now, the oldest first."""
    reservations = had.get("reservation_ids") or []
    found: dict[str, Json] = {}
    for reservation in reservations:
        found |= {one["id"]: one for one in by_reservation(run, subject.work, reservation)}
    if had.get("lost") or not reservations:
        marker = Marker.of(subject.urn, "batch", {})
        found |= {one["id"]: one for one in by_marker(run, subject.work, str(had["name"]), marker)}
    return sorted(found.values(), key=age)


def age(server: Json) -> tuple[str, int, list[Any]]:
    """What sorts members from the oldest to the newest; those of one request by their number."""
    parts = [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.split(r"(\d+)", server["name"])]
    return str(server.get("created") or ""), len(parts), parts


def shown(server: Json) -> Json:
    """A member as the outputs have it."""
    addresses = [one["addr"] for places in (server.get("addresses") or {}).values() for one in places]
    return {
        "id": server["id"],
        "name": server["name"],
        "status": server["status"],
        "addresses": addresses,
        "host_id": server.get("hostId") or "",
    }


def remove(run: Run, subject: Subject, servers: list[Json], had: Properties) -> None:
    """Delete members, several at once, and wait until none of them is there any more."""
    if not servers:
        return
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda one: run.requests.delete("compute", f"/servers/{one['id']}", subject.work), servers))
    ids = {one["id"] for one in servers}
    while left := [one for one in there(run, subject, had) if one["id"] in ids]:
        subject.work.wait(f"{len(left)} members are being deleted")


def faults(servers: list[Json]) -> str:
    """Nova's own words about members in ERROR, each sentence once."""
    said = {str((one.get("fault") or {}).get("message") or "the cloud gives no reason") for one in servers}
    return "; ".join(sorted(said))
