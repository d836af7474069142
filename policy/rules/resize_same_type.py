"""A resize keeps the resource type."""

from __future__ import annotations

from collections.abc import Iterator

from policy.facts import kinds
from policy.facts.asking import SilentError
from policy.facts.facts import Facts, Phase
from policy.facts.members import Member
from policy.facts.thing import Thing
from policy.forms import INSTANCE
from policy.native import NATIVE
from policy.rule import Finding, StackRule

TYPE = "resource_type"


def check(member: Member, facts: Facts) -> Iterator[Finding]:
    """Refuse a new flavor whose resource type is not the one of the flavor that the ECS has in the cloud.

    A batch is replaced by another flavor, and so is none of this rule's.
    """
    server = member.asked.server
    for flavor in facts.things(member, server, "flavorRef", kinds.FLAVOR):
        if _unchanged(member, facts, flavor):
            return
        there = facts.server(member)
        had = None if there is None else there.get("flavor")
        if not isinstance(had, dict):
            return
        ident = str(had.get("id") or "")
        name = flavor.said("name")
        if ident == flavor.id or (name is not None and had.get("original_name") == name):
            return
        old = facts.called(member, ident or str(had.get("original_name")), kinds.FLAVOR, by_name=not ident)
        for one in old:
            types = [str(facts.extra_specs(each).get(TYPE)) for each in (one, flavor)]
            if types[0] != types[1]:
                wrong = f"resizes from the {one.shown} of type {types[0]} to the {flavor.shown} of type {types[1]}"
                yield Finding(server.path_of("flavorRef"), wrong)


def _unchanged(member: Member, facts: Facts, flavor: Thing) -> bool:
    """Say whether it is known without asking the cloud that the ECS has this flavor already."""
    if member.type == NATIVE:
        return flavor.id is not None and _stood(member, facts) == flavor.id
    if member.id is None or flavor.member is not None:
        return False
    return member.shown.get("flavorId") == flavor.id and member.shown.get("flavorName") == flavor.said("name")


def _stood(member: Member, facts: Facts) -> object:
    """Return the flavor that the state holds: during a preview the engine shows the new one in its place."""
    if facts.phase is Phase.STATE:
        return member.shown.get("flavorRef")
    try:
        kept = facts.before(member)
    except SilentError:
        return None  # then the cloud is asked
    return None if kept is None else kept.outputs.get("flavorRef")


RULE = StackRule(
    id="ECS-601",
    check=check,
    fix="Choose a flavor of the same type, or replace the ECS",
    on=frozenset({INSTANCE, NATIVE}),
)
