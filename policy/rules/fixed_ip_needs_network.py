"""A fixed IP needs its network."""

from __future__ import annotations

from collections.abc import Iterator

from policy.rule import Finding, Rule, for_each
from policy.view import Request, View


@for_each("networks")
def check(nic: View, _request: Request) -> Iterator[Finding]:
    """Refuse a fixed IP without a network; an empty one counts as absent."""
    if nic.given("uuid"):
        return
    if nic.value("fixed_ip") not in (None, ""):
        yield Finding(nic.path_of("fixed_ip"), "is set, but the network's uuid is not")


RULE = Rule(id="ECS-303", check=check, fix="Name the network in uuid beside it, or leave the fixed IP out")
