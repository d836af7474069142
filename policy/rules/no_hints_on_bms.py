"""A BMS flavor has no scheduler hints."""

from __future__ import annotations

from collections.abc import Iterator

from policy.facts import kinds
from policy.facts.facts import Facts
from policy.facts.members import Member
from policy.rule import Finding, StackRule


def check(member: Member, facts: Facts) -> Iterator[Finding]:
    """Refuse scheduler hints beside a BMS flavor."""
    hints = member.asked.hints
    if not any(hints.given(key) for key in hints.all_keys()):
        return
    for flavor in facts.things(member, member.asked.server, "flavorRef", kinds.FLAVOR):
        if facts.is_bms(flavor):
            yield Finding(hints.path, f"are not available for the BMS {flavor.shown}")


RULE = StackRule(id="ECS-506", check=check, fix="Leave the hints out, or choose a flavor of ECSs")
