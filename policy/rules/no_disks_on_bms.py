"""A BMS flavor has no disks."""

from __future__ import annotations

from collections.abc import Iterator

from policy.facts import kinds
from policy.facts.facts import Facts
from policy.facts.members import Member
from policy.rule import Finding, StackRule


def check(member: Member, facts: Facts) -> Iterator[Finding]:
    """Refuse disks beside a BMS flavor."""
    server = member.asked.server
    if not server.given("block_device_mapping_v2"):
        return
    for flavor in facts.things(member, server, "flavorRef", kinds.FLAVOR):
        if facts.is_bms(flavor):
            yield Finding(server.path_of("block_device_mapping_v2"), f"is not available for the BMS {flavor.shown}")


RULE = StackRule(id="ECS-216", check=check, fix="Boot from imageRef without disks, or choose a flavor of ECSs")
