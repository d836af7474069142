"""A disk made from an image should say its type."""

from __future__ import annotations

from collections.abc import Iterator

from policy.rule import Finding, Rule, for_each
from policy.view import Request, View

RAW_FIX = "Make the typed disk first (openstack.blockstorage.Volume) and boot from it: volumeType here needs microversion 2.67"


@for_each("block_device_mapping_v2")
def check(disk: View, request: Request) -> Iterator[Finding]:
    """Warn of a disk from an image without a volume type."""
    if not disk.given("volume_type") and disk.value("source_type") == "image":
        path = disk.path_of("volume_type")
        yield Finding(path, "is missing for a disk from an image", RAW_FIX if request.raw else None)


RULE = Rule(id="ECS-209", check=check, fix="Set volume_type, for example to SAS")
