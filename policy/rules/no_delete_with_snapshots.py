"""A disk with snapshots cannot be deleted."""

from __future__ import annotations

from collections.abc import Iterator

from policy.facts.doomed import Doomed
from policy.facts.facts import Facts
from policy.rule import Finding, Outcome, WholeRule, settled


def check(facts: Facts) -> Iterator[Outcome]:
    """Refuse a change that deletes or replaces a disk which has snapshots: it would fail half way."""
    for gone in facts.going():
        yield from settled(_one(gone, facts))


def _one(gone: Doomed, facts: Facts) -> Iterator[Finding]:
    found = facts.snapshots_of(facts.asker(gone), gone.id)
    if found:
        listed = ", ".join(str(one.get("name") or one.get("id")) for one in found[:3])
        wrong = f"is a disk that would be deleted, and has {len(found)} snapshots ({listed}), with which it cannot be"
        yield Finding(gone.name, wrong)


RULE = WholeRule(id="ECS-215", check=check, fix="Delete its snapshots first, or keep the disk in the stack")
