"""A BMS flavor has no disks."""

from __future__ import annotations

from collections.abc import Iterator

from policy.facts import kinds
from policy.facts.facts import Facts
from policy.facts.members import SERVERS, Member
from policy.rule import Finding, StackRule


def check(member: Member, facts: Facts) -> Iterator[Finding]:
    """Refuse disks beside a BMS flavor, and a disk that is attached to such a server of this stack."""
    if member.type == kinds.ATTACHED_DISK:
        for instance in facts.input(member, "instanceId", kinds.SERVER):
            if instance.member is not None and instance.member.request is not None:
                yield from _bms(instance.member, facts, "instanceId")
        return
    server = member.asked.server
    if not server.given("block_device_mapping_v2"):
        return
    yield from _bms(member, facts, server.path_of("block_device_mapping_v2"))


def _bms(server: Member, facts: Facts, path: str) -> Iterator[Finding]:
    for flavor in facts.things(server, server.asked.server, "flavorRef", kinds.FLAVOR):
        if facts.is_bms(flavor):
            yield Finding(path, f"gives a disk to the BMS {flavor.shown}, which has none")


RULE = StackRule(
    id="ECS-216",
    check=check,
    fix="Boot from imageRef without disks, or choose a flavor of ECSs",
    on=SERVERS | {kinds.ATTACHED_DISK},
)
