"""A disk with snapshots cannot be deleted."""

from __future__ import annotations

from collections.abc import Iterator

from policy.facts.facts import Facts
from policy.facts.kinds import VOLUME
from policy.facts.members import Member
from policy.facts.previous import Kept
from policy.rule import Finding, Outcome, WholeRule, settled


def check(facts: Facts) -> Iterator[Outcome]:
    """Refuse a change that deletes or replaces a disk which has snapshots: it would fail half way."""
    gone = [kept for kept in facts.going() if kept.type in VOLUME.types and not kept.retained]
    for kept in gone:
        yield from settled(_one(kept, facts.asker(kept), facts))


def _one(kept: Kept, member: Member, facts: Facts) -> Iterator[Finding]:
    found = facts.snapshots_of(member, kept.id)
    if found:
        name = kept.urn.rsplit("::", 1)[-1]
        listed = ", ".join(str(one.get("name") or one.get("id")) for one in found[:3])
        wrong = f"is a disk that would be deleted, and has {len(found)} snapshots ({listed}), with which it cannot be"
        yield Finding(name, wrong)


RULE = WholeRule(id="ECS-215", check=check, fix="Delete its snapshots first, or keep the disk in the stack")
