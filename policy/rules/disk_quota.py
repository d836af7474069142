"""The disks of the stack fit the quota."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from policy.facts import kinds
from policy.facts.asking import Question
from policy.facts.facts import Facts, disks
from policy.facts.kinds import VOLUME
from policy.facts.members import Member
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
    """Add up all new disks of the stack, those that servers bring along too, and compare them with what is left."""
    made = [member for member in facts.new_members() if member.type in VOLUME.types]
    for members in facts.by_cloud([*made, *facts.new_servers()]):
        yield from settled(_cloud(members, facts))


def _cloud(members: list[Member], facts: Facts) -> Iterator[Outcome]:
    needed: dict[str, int] = defaultdict(int)
    for member in members:
        yield from settled(_server(member, facts, needed) if member.request is not None else _disk(member, needed))
    if needed:
        answer = facts.ask(members[0], VOLUME_LIMITS) or {}
        yield from over(LIMITS, needed, answer.get("absolute") or {}, f"{needed['disks']} new disks")


def _disk(member: Member, needed: dict[str, int]) -> Iterator[Outcome]:
    needed["disks"] += 1
    if member.inputs.get("size") is UNKNOWN:
        yield Undetermined(f"size of disk {member.name!r}")
    needed["GB of disk"] += whole(member.inputs.get("size")) or 0


def _server(member: Member, facts: Facts, needed: dict[str, int]) -> Iterator[Outcome]:
    count, boots = facts.count(member.asked), False
    for disk in disks(member.asked):
        yield from settled(_brought(disk, count, needed))
        boots = boots or (disk.known("boot_index") and whole(disk.value("boot_index")) == 0)
    if not boots and member.asked.server.given("imageRef"):
        yield from settled(_system_disk(member, facts, count, needed))


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
