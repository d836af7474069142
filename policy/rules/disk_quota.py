"""The disks of the stack fit the quota."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from policy.facts import kinds
from policy.facts.asking import Question
from policy.facts.facts import Facts, disks
from policy.facts.kinds import VOLUME
from policy.facts.members import Member
from policy.native import NATIVE
from policy.rule import Finding, Outcome, Undetermined, WholeRule, settled
from policy.rules.instance_quota import over
from policy.unknown import UNKNOWN
from policy.view import View, whole

VOLUME_LIMITS = Question("block_storage", "/limits", "limits")
LIMITS = {
    "disks": ("maxTotalVolumes", "totalVolumesUsed"),
    "GB of disk": ("maxTotalVolumeGigabytes", "totalGigabytesUsed"),
}


def check(facts: Facts) -> Iterator[Outcome]:
    """Add up all new disks of the stack, those that servers bring along or get too, and compare them with what is left."""
    made = [member for member in facts.new_members() if member.type in VOLUME.types]
    added = {member.urn: count for member, count in facts.added()}
    servers = [facts.stack.members[urn] for urn in added]
    for members in facts.by_cloud([*made, *servers, *facts.natives_that_stay(NATIVE)]):
        yield from settled(_cloud(members, added, facts))


def _cloud(members: list[Member], added: Mapping[str, int], facts: Facts) -> Iterator[Outcome]:
    needed: dict[str, int] = defaultdict(int)
    for member in members:
        if member.request is None:
            yield from settled(_disk(member, needed))
        elif member.urn in added:
            yield from settled(_server(member, added[member.urn], facts, needed))
        else:
            yield from settled(_more(member, facts, needed))
    if any(needed.values()):
        answer = facts.ask(members[0], VOLUME_LIMITS) or {}
        yield from over(LIMITS, needed, answer.get("absolute") or {}, f"{needed['disks']} new disks")


def _disk(member: Member, needed: dict[str, int]) -> Iterator[Outcome]:
    needed["disks"] += 1
    if member.inputs.get("size") is UNKNOWN:
        yield Undetermined(f"size of disk {member.name!r}")
    needed["GB of disk"] += whole(member.inputs.get("size")) or 0


def _server(member: Member, count: int, facts: Facts, needed: dict[str, int]) -> Iterator[Outcome]:
    boots = False
    for disk in disks(member.asked):
        yield from settled(_brought(disk, count, needed))
        boots = boots or (disk.known("boot_index") and whole(disk.value("boot_index")) == 0)
    if not boots and member.asked.server.given("imageRef"):
        yield from settled(_system_disk(member, facts, count, needed))


def _more(member: Member, facts: Facts, needed: dict[str, int]) -> Iterator[Outcome]:
    """Count the data disks that a native server gets in place, and by how much those that it has grow."""
    kept = facts.before(member)
    before = {} if kept is None else {disk.get("name"): disk for disk in kept.outputs.get("disks") or ()}
    for disk in disks(member.asked):
        if disk.unknown or disk.value("boot_index") == 0:
            continue
        there = before.get(disk.value("name"))
        if there is None:
            yield from settled(_brought(disk, 1, needed))
        elif disk.given("volume_size"):
            more = (whole(disk.value("volume_size")) or 0) - (whole(there.get("volume_size")) or 0)
            needed["GB of disk"] += max(0, more)


def _system_disk(member: Member, facts: Facts, count: int, needed: dict[str, int]) -> Iterator[Finding]:
    """Count the system disk of an image: shared storage as large as the flavor or the image says."""
    yield from ()
    needed["disks"] += count
    flavors = facts.things(member, member.asked.server, "flavorRef", kinds.FLAVOR)[:1]
    images = facts.things(member, member.asked.server, "imageRef", kinds.IMAGE)[:1]
    stated = [flavor.said("disk") or flavor.stated("disk") for flavor in flavors]
    stated += [image.said("min_disk") or image.stated("minDiskGb") for image in images]
    sizes = [1, *(whole(size) or 0 for size in stated)]
    needed["GB of disk"] += count * max(sizes)


def _brought(disk: View, count: int, needed: dict[str, int]) -> Iterator[Finding]:
    yield from ()
    if disk.value("source_type") != "volume" and disk.value("destination_type") != "local":
        size = whole(disk.value("volume_size")) or 0
        needed["disks"] += count
        needed["GB of disk"] += count * size


RULE = WholeRule(id="ECS-213", check=check, fix="State fewer or smaller disks, or have the quota raised")
