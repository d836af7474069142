"""Beside a port, a network and a fixed IP have no effect."""

from __future__ import annotations

from collections.abc import Iterator

from policy.rule import Finding, Outcome, Rule, for_each, settled
from policy.view import Request, View


@for_each("networks")
def check(nic: View, _request: Request) -> Iterator[Outcome]:
    """Warn of what a port makes void."""
    # A fixed IP that lacks its network is one mistake, port or not, and ECS-303 tells it.
    if nic.given("port") and nic.given("uuid"):
        for key in ("uuid", "fixed_ip"):
            yield from settled(_void(nic, key))


def _void(nic: View, key: str) -> Iterator[Finding]:
    if nic.value(key) not in (None, ""):
        yield Finding(nic.path_of(key), "has no effect beside port")


RULE = Rule(id="ECS-304", check=check, fix="Keep the port alone, or leave the port out")
