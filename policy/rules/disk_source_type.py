"""A disk's source_type is volume, image, snapshot or blank."""

from __future__ import annotations

from collections.abc import Iterator

from policy.rule import Finding, Outcome, Rule, for_each
from policy.view import Request, View

KINDS = ("volume", "image", "snapshot", "blank")


@for_each("block_device_mapping_v2")
def each(disk: View, _request: Request) -> Iterator[Outcome]:
    """Refuse a disk without a source type or with another one."""
    kind = disk.value("source_type")
    if kind is None:
        yield Finding(disk.path_of("source_type"), "is missing")
    elif kind not in KINDS:
        yield Finding(disk.path_of("source_type"), f"is {disk.shown('source_type')}")


def check(request: Request) -> Iterator[Outcome]:
    """Check each disk, and that the disks are a list."""
    server = request.server
    if server.given("block_device_mapping_v2") and not isinstance(server.value("block_device_mapping_v2"), list):
        yield Finding(server.path_of("block_device_mapping_v2"), "is not a list of disks")
    yield from each(request)


RULE = Rule(id="ECS-201", check=check, fix="Set source_type to volume, image, snapshot or blank")
