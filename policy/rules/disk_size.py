"""A disk from an image or from nothing says how large it is."""

from __future__ import annotations

from collections.abc import Iterator

from policy.rule import Finding, Rule, for_each
from policy.view import Request, View, whole

SIZED = ("image", "blank")


@for_each("block_device_mapping_v2")
def check(disk: View, _request: Request) -> Iterator[Finding]:
    """Refuse a missing size where it is mandatory, and a size that is not a whole number above 0 anywhere."""
    path = disk.path_of("volume_size")
    size = disk.value("volume_size")
    if size in (None, ""):
        if disk.value("source_type") in SIZED:
            yield Finding(path, f"is missing for a disk from source_type {disk.shown('source_type')}")
        return
    number = whole(size)
    if number is None or number < 1:
        yield Finding(path, f"is {disk.shown('volume_size')}, not a whole number above 0")


RULE = Rule(id="ECS-208", check=check, fix="Set volume_size to a whole number of GB above 0")
