"""A disk's uuid is its source's id, and absent for a blank disk."""

from __future__ import annotations

from collections.abc import Iterator

from policy.rule import Finding, Rule, for_each
from policy.view import Request, View

SOURCES = ("volume", "image", "snapshot")


@for_each("block_device_mapping_v2")
def check(disk: View, _request: Request) -> Iterator[Finding]:
    """Refuse a source without an id, and an id where there is no source. The id of another resource counts as given."""
    kind = disk.value("source_type")
    path = disk.path_of("uuid")
    if kind in SOURCES:
        if not disk.given("uuid"):
            yield Finding(path, f"is missing: a disk from source_type {kind} needs the id of that {kind}")
        elif disk.known("uuid") and not isinstance(disk.value("uuid"), str):
            yield Finding(path, "is not text")
    elif kind == "blank" and disk.value("uuid") not in (None, ""):
        yield Finding(path, "is given for a blank disk", "Leave it out, or set source_type to what it is the id of")


RULE = Rule(id="ECS-210", check=check, fix="Set uuid to the id of the image, volume or snapshot")
