"""A disk's destination_type can only be volume."""

from __future__ import annotations

from collections.abc import Iterator

from policy.rule import Finding, Rule, for_each
from policy.view import Request, View


@for_each("block_device_mapping_v2")
def check(disk: View, request: Request) -> Iterator[Finding]:
    """Refuse another destination; unset is volume in the document, but an error of a raw instance at apply."""
    destination = disk.value("destination_type")
    path = disk.path_of("destination_type")
    if destination in (None, ""):
        if request.raw:
            yield Finding(path, "is missing, which this resource refuses only at apply")
    elif destination != "volume":
        yield Finding(path, f"is {disk.shown('destination_type')}")


RULE = Rule(id="ECS-202", check=check, fix="Set it to volume")
