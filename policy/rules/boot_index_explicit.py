"""A disk's boot_index is 0 or -1, and unset never means 0."""

from __future__ import annotations

from collections.abc import Iterator

from policy.rule import Finding, Rule, for_each
from policy.view import Request, View, whole


@for_each("block_device_mapping_v2")
def check(disk: View, request: Request) -> Iterator[Finding]:
    """Refuse another number, and on a raw instance an unset one: it is sent as 0, while the document's default is -1."""
    path = disk.path_of("boot_index")
    if disk.value("boot_index") in (None, ""):
        if request.raw:
            yield Finding(path, "is not set, which this resource sends as 0, a boot disk")
    elif whole(disk.value("boot_index")) not in (0, -1):
        yield Finding(path, f"is {disk.shown('boot_index')}")


RULE = Rule(id="ECS-205", check=check, fix="Set it to 0 for the boot disk, to -1 for any other")
