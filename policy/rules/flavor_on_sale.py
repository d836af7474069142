"""The flavor can be bought in the availability zone."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policy.facts import kinds
from policy.facts.facts import Facts
from policy.facts.members import Member
from policy.rule import Finding, StackRule

IN_ZONE = re.compile(r"([^,()\s]+)\(([^()]*)\)")
GONE = {"abandon": "is no longer sold", "sellout": "is sold out"}


def check(member: Member, facts: Facts) -> Iterator[Finding]:
    """Refuse a flavor that is abandoned or sold out; what is said of the zone wins over what is said of the region."""
    server, hints = member.asked.server, member.asked.hints
    if not hints.unknown and hints.value("tenancy") == "dedicated":
        return  # a Dedicated Host is bought already
    if not facts.fresh(member, server, "flavorRef"):
        return
    for flavor in facts.things(member, server, "flavorRef", kinds.FLAVOR):
        specs = facts.extra_specs(flavor)
        zones = dict(IN_ZONE.findall(str(specs.get("cond:operation:az", ""))))
        status, where = str(specs.get("cond:operation:status", "")), ""
        if zones:
            zone = str(server.value("availability_zone"))
            if zone in zones:
                status, where = zones[zone], f" in {zone}"
        if status in GONE:
            yield Finding(server.path_of("flavorRef"), f"names the {flavor.shown}, which {GONE[status]}{where}")


RULE = StackRule(id="ECS-121", check=check, fix="Choose a flavor that is on sale there, or another AZ", creation=True)
