"""A disk and its ECS are in the same availability zone."""

from __future__ import annotations

from collections.abc import Iterator

from policy.facts import kinds
from policy.facts.facts import Facts, disks
from policy.facts.members import SERVERS, Member
from policy.facts.thing import Thing
from policy.rule import Finding, Outcome, StackRule, settled
from policy.unknown import UNKNOWN, NotYetKnownError
from policy.view import View


def check(member: Member, facts: Facts) -> Iterator[Outcome]:
    """Refuse an existing disk, or a snapshot of one, that is in another AZ than the ECS, at creation and when it is attached.

    A disk that the stack makes of a snapshot is in the AZ that it states, and the snapshot has to be there.
    """
    if member.request is None:
        yield from settled((_attached if member.type == kinds.ATTACHED_DISK else _made)(member, facts))
        return
    server = member.request.server
    if server.given("availability_zone"):
        for disk in disks(member.request):
            yield from settled(_disk(member, facts, disk, server))


def _disk(member: Member, facts: Facts, disk: View, server: View) -> Iterator[Finding]:
    source = disk.value("source_type")
    things: list[Thing] = []
    if source == "volume":
        things = facts.things(member, disk, "uuid", kinds.VOLUME)
    elif source == "snapshot":
        snapshots = facts.things(member, disk, "uuid", kinds.SNAPSHOT)
        things = [volume for snapshot in snapshots for volume in facts.snapshot_volume(snapshot)]
    for thing in things:
        yield from _compared(disk.path_of("uuid"), thing, str(server.value("availability_zone")))


def _attached(member: Member, facts: Facts) -> Iterator[Finding]:
    for server in facts.input(member, "instanceId", kinds.SERVER):
        stated = server.stated("availabilityZone") or server.stated("availability_zone")
        zone = stated or server.said("OS-EXT-AZ:availability_zone")
        if isinstance(zone, str) and zone:
            for volume in facts.input(member, "volumeId", kinds.VOLUME):
                yield from _compared("volumeId", volume, zone)


def _made(member: Member, facts: Facts) -> Iterator[Finding]:
    zone = member.inputs.get("availabilityZone")
    for snapshot in facts.input(member, "snapshotId", kinds.SNAPSHOT):
        if zone is UNKNOWN:
            raise NotYetKnownError("availabilityZone")
        if isinstance(zone, str) and zone:
            for volume in facts.snapshot_volume(snapshot):
                yield from _compared("snapshotId", volume, zone, "disk")


def _compared(path: str, volume: Thing, zone: str, what: str = "ECS") -> Iterator[Finding]:
    there = volume.stated("availabilityZone") or volume.said("availability_zone")
    if there is None:
        raise NotYetKnownError(f"availabilityZone of {volume.shown}")
    if there != zone:
        yield Finding(path, f"is the {volume.shown} in {there}, the {what} is in {zone}")


RULE = StackRule(
    id="ECS-212",
    check=check,
    fix="Put both in the same AZ",
    on=SERVERS | {kinds.ATTACHED_DISK, *kinds.VOLUME.types},
)
