"""The cloud knows a description."""

from __future__ import annotations

from collections.abc import Iterator

from policy.facts import kinds
from policy.facts.facts import Facts
from policy.facts.members import COMPONENTS, NATIVES, Member
from policy.rule import Finding, StackRule
from policy.rules.description_microversion import FIRST


def check(member: Member, facts: Facts) -> Iterator[Finding]:
    """Refuse a description where the newest microversion of the cloud is older than the first that knows one."""
    server = member.asked.server
    if not server.given("description"):
        return  # the empty one is the default, and is not sent
    newest = tuple(facts.ask(member, kinds.NEWEST_COMPUTE) or ())
    if newest and newest < FIRST and server.value("description"):
        wrong = f"is not known to this cloud, whose newest microversion is {'.'.join(map(str, newest))}"
        yield Finding(server.path_of("description"), wrong)


RULE = StackRule(id="ECS-108", check=check, fix="Leave it out, or say it in metadata", on=COMPONENTS | NATIVES)
