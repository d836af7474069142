"""A full-ECS image creates no ECS through this API."""

from __future__ import annotations

from collections.abc import Iterator

from policy.facts.facts import Facts
from policy.facts.members import Member
from policy.facts.thing import Thing
from policy.rule import Finding, Outcome, StackRule, settled

MARK = "__whole_image"


def check(member: Member, facts: Facts) -> Iterator[Outcome]:
    """Refuse an image that holds the data disks of an ECS beside its system disk, by which way ever the ECS gets it."""
    yield from settled(_found(member, facts))


def _found(member: Member, facts: Facts) -> Iterator[Outcome]:
    for path, image in facts.images(member):
        if _is_full(image):
            yield Finding(path, f"comes from the full-ECS {image.shown}")


def _is_full(image: Thing) -> bool:
    stated = image.stated("properties")
    mark = stated.get(MARK) if isinstance(stated, dict) else image.said(MARK)
    return str(mark).lower() == "true"


RULE = StackRule(id="ECS-115", check=check, fix="Use an image of a system disk alone")
