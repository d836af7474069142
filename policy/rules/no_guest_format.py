"""A disk's guest_format is not supported."""

from __future__ import annotations

from collections.abc import Iterator

from policy.rule import Finding, Rule, for_each
from policy.view import Request, View


@for_each("block_device_mapping_v2")
def check(disk: View, _request: Request) -> Iterator[Finding]:
    """Refuse a guest format."""
    if disk.value("guest_format") not in (None, ""):
        yield Finding(disk.path_of("guest_format"), "is not supported")


RULE = Rule(id="ECS-203", check=check, fix="Leave it out, and format the disk in the ECS")
