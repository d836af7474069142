"""A full-ECS image creates no ECS through this API."""

from __future__ import annotations

from collections.abc import Iterator

from policy.facts import kinds
from policy.facts.facts import Facts
from policy.facts.members import SERVERS, Member
from policy.facts.thing import Thing
from policy.rule import Finding, Outcome, StackRule, settled

MARK = "__whole_image"


def check(member: Member, facts: Facts) -> Iterator[Outcome]:
    """Refuse an image that holds the data disks of an ECS beside its system disk, by which way ever the ECS gets it."""
    yield from settled(_found(member, facts))


def _found(member: Member, facts: Facts) -> Iterator[Outcome]:
    found = facts.images(member) if member.type in SERVERS else _attached(member, facts)
    for path, image in found:
        if _is_full(image):
            yield Finding(path, f"comes from the full-ECS {image.shown}")


def _attached(member: Member, facts: Facts) -> Iterator[tuple[str, Thing]]:
    for volume in facts.input(member, "volumeId", kinds.VOLUME):
        if volume.member is not None:
            yield from (("volumeId", image) for image in facts.input(volume.member, "imageId", kinds.IMAGE))


def _is_full(image: Thing) -> bool:
    stated = image.stated("properties")
    mark = stated.get(MARK) if isinstance(stated, dict) else image.said(MARK)
    return str(mark).lower() == "true"


RULE = StackRule(
    id="ECS-115",
    check=check,
    fix="Use an image of a system disk alone",
    on=SERVERS | {kinds.ATTACHED_DISK},
)
