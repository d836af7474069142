"""A fixed IP needs its network."""

from __future__ import annotations

from collections.abc import Iterator

from policy.rule import Finding, Rule, for_each
from policy.view import Request, View

BESIDE_A_PORT = "Leave it out: the port has an address of its own"


@for_each("networks")
def check(nic: View, _request: Request) -> Iterator[Finding]:
    """Refuse a fixed IP without a network; an empty one counts as absent."""
    if nic.given("uuid"):
        return
    if nic.value("fixed_ip") not in (None, ""):
        # A network beside a port would have no effect, and neither would the address.
        fix = BESIDE_A_PORT if nic.given("port") else None
        yield Finding(nic.path_of("fixed_ip"), "is set, but the network's uuid is not", fix)


RULE = Rule(id="ECS-303", check=check, fix="Name the network in uuid beside it, or leave the fixed IP out")
