"""The group of an ECS keeps its members apart."""

from __future__ import annotations

from collections.abc import Iterator

from policy.facts import kinds
from policy.facts.facts import Facts
from policy.facts.members import Member
from policy.facts.thing import Thing
from policy.options import defaults
from policy.rule import Finding, StackRule


def check(member: Member, facts: Facts) -> Iterator[Finding]:
    """Name a server group whose policy is not advised; the configuration can allow others than anti-affinity."""
    hints = member.asked.hints
    if not hints.given("group"):
        return
    options = {**defaults("ECS-502"), **member.asked.options.get("ECS-502", {})}
    stated = options["policies"]
    allowed = stated if isinstance(stated, list) else []
    for group in facts.things(member, hints, "group", kinds.GROUP):
        for policy in _policies(group):
            if policy not in allowed:
                yield Finding(hints.path_of("group"), f"is the {group.shown}, whose policy is {policy}")


def _policies(group: Thing) -> list[str]:
    stated = group.stated("policies")
    if isinstance(stated, str):
        return [stated]
    if not isinstance(stated, list):
        stated = group.said("policies") or [group.said("policy")]
    return [str(policy) for policy in stated if policy]


RULE = StackRule(id="ECS-502", check=check, fix="Use a group of policy anti-affinity")
