"""The disks that go with a native server, or out of one: they stand in its state alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from policy.facts.previous import Kept
from policy.unknown import UNKNOWN, NotYetKnownError

SAME = ("source_type", "uuid", "volume_type")
"""What a disk of the same name is another one by."""


@dataclass(frozen=True, slots=True)
class Doomed:
    """One disk that a change deletes: how a message names it, its id, and the URN of the resource that it goes with."""

    name: str
    id: str
    urn: str


def disks_of(kept: Kept, wanted: Mapping[str, object] | None = None, *, replaced: bool = False) -> Iterator[Doomed]:
    """Yield the disks of a native server that are deleted: with it, or where `wanted`, its new inputs, names them no more.

    A server that is replaced hands the data disks that stay the same on to the next one. Raises `NotYetKnownError` where
    `wanted` is not known yet.
    """
    if kept.retained and (wanted is None or replaced):
        return
    before = {str(disk.get("name")): disk for disk in _objects(kept.outputs.get("disks"))}
    stays = {} if wanted is None else _named(kept, wanted)
    boot = kept.outputs.get("boot")
    for volume in _objects(kept.outputs.get("volumes")):
        name, ident = str(volume.get("name")), volume.get("id")
        if not isinstance(ident, str) or not ident:
            continue
        if name == "boot":
            lasting = not (isinstance(boot, dict) and boot.get("delete_on_termination") is True)
            if not lasting and (wanted is None or replaced):
                yield Doomed(f"{kept.name}.boot", ident, kept.urn)
        elif _goes(volume, before.get(name), stays.get(name)):
            yield Doomed(f"{kept.name}.disks[{name}]", ident, kept.urn)


def _named(kept: Kept, wanted: Mapping[str, object]) -> dict[str, Mapping[str, Any]]:
    disks = wanted.get("disks")
    if disks is UNKNOWN or (isinstance(disks, list) and UNKNOWN in disks):
        raise NotYetKnownError(f"disks of {kept.name!r}")
    return {str(disk.get("name")): disk for disk in _objects(disks)}


def _goes(volume: Mapping[str, Any], had: Mapping[str, Any] | None, wanted: Mapping[str, Any] | None) -> bool:
    """Say whether a data disk is deleted: one that was made for the server, is not to outlive it, and is not stated any more."""
    if volume.get("made") is not True or (had is not None and had.get("delete_on_termination") is not True):
        return False
    if wanted is None:
        return True
    # A value that is not known yet may be the same one.
    pairs = [((had or {}).get(key), wanted.get(key)) for key in SAME]
    return had is not None and any(new is not UNKNOWN and old != new for old, new in pairs)


def _objects(value: object) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
