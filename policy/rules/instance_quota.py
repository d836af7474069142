"""The servers of the stack fit the quota."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from policy.facts import kinds
from policy.facts.facts import Facts
from policy.facts.members import Member
from policy.rule import Finding, Outcome, WholeRule, settled
from policy.view import whole

LIMITS = {
    "instances": ("maxTotalInstances", "totalInstancesUsed"),
    "vCPUs": ("maxTotalCores", "totalCoresUsed"),
    "MB of RAM": ("maxTotalRAMSize", "totalRAMUsed"),
}


def check(facts: Facts) -> Iterator[Outcome]:
    """Add up what all new servers of the stack take, for each cloud, and compare it with what is left."""
    added = {member.urn: count for member, count in facts.added()}
    for servers in facts.by_cloud(facts.stack.members[urn] for urn in added):
        yield from settled(_cloud(servers, added, facts))


def _cloud(servers: list[Member], added: Mapping[str, int], facts: Facts) -> Iterator[Outcome]:
    needed: dict[str, int] = defaultdict(int)
    for server in servers:
        yield from settled(_server(server, added[server.urn], facts, needed))
    answer = facts.ask(servers[0], kinds.COMPUTE_LIMITS) or {}
    yield from over(LIMITS, needed, answer.get("absolute") or {}, f"{len(servers)} new servers")


def _server(server: Member, count: int, facts: Facts, needed: dict[str, int]) -> Iterator[Outcome]:
    yield from ()
    needed["instances"] += count
    for flavor in facts.things(server, server.asked.server, "flavorRef", kinds.FLAVOR)[:1]:
        own = flavor.member is not None
        needed["vCPUs"] += count * (whole(flavor.stated("vcpus") if own else flavor.said("vcpus")) or 0)
        needed["MB of RAM"] += count * (whole(flavor.stated("ram") if own else flavor.said("ram")) or 0)


def over(
    limits: dict[str, tuple[str, str]], needed: dict[str, int], absolute: dict[str, object], what: str
) -> Iterator[Finding]:
    """Yield what is needed beyond what a service's limits leave; a limit below 0 is none."""
    for unit, (most, used) in limits.items():
        limit, have = whole(absolute.get(most)), whole(absolute.get(used)) or 0
        if needed.get(unit) and limit is not None and 0 <= limit < have + needed[unit]:
            left = max(0, limit - have)
            yield Finding(
                "stack", f"needs {needed[unit]} {unit} for {what}; the quota is {limit}, of which {left} are left"
            )


RULE = WholeRule(id="ECS-122", check=check, fix="State fewer or smaller ones, or have the quota raised")
