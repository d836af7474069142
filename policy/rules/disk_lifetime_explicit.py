"""A disk outlives its ECS unless it says otherwise."""

from __future__ import annotations

from collections.abc import Iterator

from policy.rule import Finding, Rule, for_each
from policy.view import Request, View, flag

UNSET = "is not set, so the disk outlives the ECS and goes on costing"


@for_each("block_device_mapping_v2")
def check(disk: View, _request: Request) -> Iterator[Finding]:
    """Warn where delete_on_termination is left to its default."""
    value = disk.value("delete_on_termination")
    path = disk.path_of("delete_on_termination")
    if value in (None, ""):
        yield Finding(path, UNSET)
    elif flag(value) is None:
        yield Finding(path, "is neither true nor false")


RULE = Rule(id="ECS-211", check=check, fix="Set it to true, or to false where the disk is meant to stay")
