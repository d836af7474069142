"""Security groups have no effect on a NIC that names an existing port."""

from __future__ import annotations

from collections.abc import Iterator

from policy.rule import Finding, Outcome, Rule, Undetermined, settled
from policy.view import Request


def check(request: Request) -> Iterator[Outcome]:
    """Name the NICs on which the security groups have no effect."""
    server = request.server
    if not server.given("security_groups"):
        return
    ports = []
    for outcome in settled(_ports(request)):
        if not isinstance(outcome, Finding):
            yield outcome
        else:
            ports.append(outcome.path)
    if ports:
        named = ", ".join(ports)
        many = "which name existing ports" if len(ports) > 1 else "which names an existing port"
        yield Finding(server.path_of("security_groups"), f"has no effect on {named}, {many}")


def _ports(request: Request) -> Iterator[Outcome]:
    for nic in request.server.each("networks"):
        if nic.unknown:
            yield Undetermined(nic.path)
        elif nic.given("port"):
            yield Finding(nic.path, "names an existing port")


RULE = Rule(id="ECS-109", check=check, fix="Give the security groups to the port itself")
