"""The availability zone is mandatory when an ECS is created."""

from __future__ import annotations

from collections.abc import Iterator

from policy.rule import Finding, Rule
from policy.view import Request


def check(request: Request) -> Iterator[Finding]:
    """Refuse a server without an availability zone."""
    server = request.server
    if not server.given("availability_zone"):
        yield Finding(server.path_of("availability_zone"), "is missing")
    elif server.known("availability_zone") and not isinstance(server.value("availability_zone"), str):
        yield Finding(server.path_of("availability_zone"), "is not text")


RULE = Rule(id="ECS-103", check=check, fix="Name the availability zone, for example az1-dc1")
