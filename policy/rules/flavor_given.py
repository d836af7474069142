"""The flavor is mandatory."""

from __future__ import annotations

from collections.abc import Iterator

from policy.rule import Finding, Rule
from policy.view import Request


def check(request: Request) -> Iterator[Finding]:
    """Refuse a server without a flavor; the flavor of another resource's output counts as given."""
    server = request.server
    if not server.given("flavorRef"):
        yield Finding(server.path_of("flavorRef"), "is missing")
    elif server.known("flavorRef") and not isinstance(server.value("flavorRef"), str):
        yield Finding(server.path_of("flavorRef"), "is not text")


RULE = Rule(id="ECS-102", check=check, fix="Name a flavor by its id, for example c3.2xlarge, or by its URL")
