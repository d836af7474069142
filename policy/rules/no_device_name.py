"""A disk's device_name has no effect."""

from __future__ import annotations

from collections.abc import Iterator

from policy.rule import Finding, Rule, for_each
from policy.view import Request, View


@for_each("block_device_mapping_v2")
def check(disk: View, _request: Request) -> Iterator[Finding]:
    """Warn of a device name."""
    if disk.value("device_name") not in (None, ""):
        yield Finding(disk.path_of("device_name"), "has no effect: the system names the device")


RULE = Rule(id="ECS-204", check=check, fix="Leave it out, and find the disk in the ECS by its id")
