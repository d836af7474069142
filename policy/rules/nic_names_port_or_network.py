"""A NIC names a port or a network."""

from __future__ import annotations

from collections.abc import Iterator

from policy.rule import Finding, Rule, for_each
from policy.view import Request, View


@for_each("networks")
def check(nic: View, _request: Request) -> Iterator[Finding]:
    """Refuse a NIC that names neither; a port or network of the same preview counts."""
    if not nic.given("port") and not nic.given("uuid"):
        # A fixed IP that lacks its network is one mistake, and ECS-303 tells it.
        if nic.given("fixed_ip") and nic.known("fixed_ip") and nic.value("fixed_ip") not in (None, ""):
            return
        yield Finding(nic.path, "names neither a port nor a network")
        return
    for key in ("port", "uuid"):
        if nic.given(key) and nic.known(key) and not isinstance(nic.value(key), str):
            yield Finding(nic.path_of(key), "is not text")


RULE = Rule(id="ECS-302", check=check, fix="Set port to a port's id, or uuid to a network's")
