"""An existing disk is attached to no other ECS."""

from __future__ import annotations

from collections.abc import Iterator

from policy.facts import kinds
from policy.facts.facts import Facts, disks
from policy.facts.members import SERVERS, Member
from policy.facts.thing import Thing
from policy.rule import Finding, Outcome, StackRule, settled
from policy.view import View


def check(member: Member, facts: Facts) -> Iterator[Outcome]:
    """Refuse a disk that another ECS has, in the cloud or in this stack, at creation and when it is attached."""
    if member.type == kinds.ATTACHED_DISK:
        yield from settled(_taken("volumeId", member, facts, facts.input(member, "volumeId", kinds.VOLUME)))
        return
    for disk in disks(member.asked):
        yield from settled(_disk(member, facts, disk))


def _disk(member: Member, facts: Facts, disk: View) -> Iterator[Finding]:
    if disk.value("source_type") == "volume" and facts.fresh(member, disk, "uuid"):
        yield from _taken(disk.path_of("uuid"), member, facts, facts.things(member, disk, "uuid", kinds.VOLUME))


def _taken(path: str, member: Member, facts: Facts, found: list[Thing]) -> Iterator[Finding]:
    for volume in found if len(found) == 1 else ():
        if volume.said("multiattach") is True or volume.stated("multiattach") is True:
            continue
        other = facts.other_user(member, volume) or _holder(member, facts, volume)
        if other:
            yield Finding(path, f"is the {volume.shown}, which {other} has")


def _holder(member: Member, facts: Facts, volume: Thing) -> str | None:
    for attachment in volume.said("attachments") or ():
        holder = attachment.get("server_id")
        if holder and holder != facts.ident(member) and not facts.goes_away(str(holder)):
            return f"the ECS {holder}"
    return None


RULE = StackRule(
    id="ECS-217",
    check=check,
    fix="Name a disk that is free, or make one",
    on=SERVERS | {kinds.ATTACHED_DISK},
    creation=True,
)
