"""A snapshot that boots is one of a system disk."""

from __future__ import annotations

from collections.abc import Iterator

from policy.facts import kinds
from policy.facts.facts import Facts, disks
from policy.facts.members import Member
from policy.facts.thing import Thing
from policy.rule import Finding, Outcome, StackRule, settled
from policy.view import View, whole


def check(member: Member, facts: Facts) -> Iterator[Outcome]:
    """Refuse to boot from the snapshot of a data disk, directly or from a disk that the stack makes of it."""
    for disk in disks(member.asked):
        yield from settled(_disk(member, facts, disk))


def _disk(member: Member, facts: Facts, disk: View) -> Iterator[Finding]:
    if whole(disk.value("boot_index")) != 0:
        return
    for snapshot in _snapshots(member, facts, disk):
        for volume in facts.snapshot_volume(snapshot):
            if str(volume.said("bootable")).lower() == "false":
                yield Finding(
                    disk.path_of("uuid"), f"comes from the {snapshot.shown}, which is not one of a system disk"
                )


def _snapshots(member: Member, facts: Facts, disk: View) -> Iterator[Thing]:
    source = disk.value("source_type")
    if source == "snapshot":
        yield from facts.things(member, disk, "uuid", kinds.SNAPSHOT)
    elif source == "volume":
        for volume in facts.things(member, disk, "uuid", kinds.VOLUME):
            if volume.member is not None:
                yield from facts.input(volume.member, "snapshotId", kinds.SNAPSHOT)


RULE = StackRule(id="ECS-207", check=check, fix="Boot from the snapshot of a system disk, or from an image")
