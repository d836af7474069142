"""An existing port is used by no other ECS."""

from __future__ import annotations

from collections.abc import Iterator

from policy.facts import kinds
from policy.facts.facts import Facts
from policy.facts.members import Member
from policy.rule import Finding, Outcome, StackRule, settled
from policy.view import View


def check(member: Member, facts: Facts) -> Iterator[Outcome]:
    """Refuse a port that another ECS has, in the cloud or in this stack."""
    for nic in member.asked.server.each("networks"):
        yield from settled(_nic(member, facts, nic))


def _nic(member: Member, facts: Facts, nic: View) -> Iterator[Finding]:
    if not nic.given("port") or not facts.fresh(member, nic, "port"):
        return
    found = facts.things(member, nic, "port", kinds.PORT)
    for port in found if len(found) == 1 else ():
        holder = port.said("device_id")
        other = facts.other_user(member, port)
        if other is None and holder and holder != facts.ident(member) and not facts.goes_away(str(holder)):
            other = f"{port.said('device_owner') or 'a device'} {holder}"
        if other:
            yield Finding(nic.path_of("port"), f"is the {port.shown}, which {other} has")


RULE = StackRule(id="ECS-306", check=check, fix="Name a port that is free, or a network in its place", creation=True)
