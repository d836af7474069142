"""Servers and batches of our own provider that a dead run made and did not live to record: found by their marker.

Entered into the state as half made, so that the next run goes on with them as they are stated by then, replaces them, or deletes them
with their disks where they are stated no more. Without an entry nobody would know of one that the stack states no longer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from commands.failure import Failure
from commands.takeover_cloud import Made
from provider.disks import disk_marker
from provider.marker import KEY, Marker
from takeover.state import Begun

SERVER, BATCH = "ecs:compute:Server", "ecs:compute:ServerBatch"
LATER = ("tags",)
"""Inputs that are brought about after the server is there: whether they were is not known."""

Json = Mapping[str, Any]


def to_be_found(one: Begun) -> bool:
    """Whether it is a creation that is looked for here."""
    return one.kind == "creating" and one.type in (SERVER, BATCH)


def find(connection: Any, one: Begun, stated: set[str]) -> Made | None:
    """What the dead run made of a server or a batch; None where it made nothing, or several, which the provider judges itself."""
    part = "server" if one.type == SERVER else "batch"
    marker = Marker.of(one.urn, part, {})
    found = [it for it in _all(connection, "compute", "/servers/detail", "servers", one) if marker.owns(it)]
    found = [it for it in found if it["id"] not in stated and it["status"] not in ("DELETED", "SOFT_DELETED")]
    if not found:
        return None
    if one.type == BATCH:
        most = one.inputs["max_count"]
        record = {"reservation_ids": [], "lost": 1, "members": [], "active": 0, "shortfall": most}
        return Made(f"batch-{marker.owner[:12]}", outputs={**one.inputs, **record})
    if len(found) > 1:
        return None
    known = {
        "marker": found[0]["metadata"][KEY], "status": "BUILD", "fault": "", "volumes": _volumes(connection, one),
        "addresses": [], "nics": [], "disk_ids": [], "created": False,
    }  # fmt: skip
    inputs = {key: value for key, value in one.inputs.items() if key not in LATER}
    return Made(str(found[0]["id"]), found[0]["status"] == "ERROR", {**inputs, **known})


def _volumes(connection: Any, one: Begun) -> list[Json]:
    """The disks that the dead run made for a server, and those that it was to be given."""
    there = _all(connection, "block_storage", "/volumes/detail", "volumes", one)
    boot = one.inputs.get("boot")
    parts = [*([("boot", boot)] if boot else []), *((disk["name"], disk) for disk in one.inputs.get("disks") or [])]
    volumes: list[Json] = []
    for name, disk in parts:
        marker = disk_marker(one.urn, dict(disk), name)
        if name != "boot" and disk["source_type"] == "volume":
            volumes.append({"name": name, "id": disk["uuid"], "made": False})
        volumes += [{"name": name, "id": it["id"], "made": True} for it in there if marker.made(it)][:1]
    return volumes


def _all(connection: Any, service: str, path: str, key: str, one: Begun) -> Sequence[Json]:
    """A whole list, page after page."""
    found: list[Json] = []
    adapter = getattr(connection, service)
    while True:
        after = {"marker": found[-1]["id"]} if found else {}
        answer = adapter.get(path, params=after, raise_exc=False)
        if answer.status_code != 200:  # noqa: PLR2004 - OK
            raise Failure(
                f"the cloud does not say what a killed run made of {one.told}: it answers {answer.status_code}. Nothing was changed."
            )
        body = answer.json()
        found += body[key]
        if not body[key] or f"{key}_links" not in body:
            return found
