"""A file injection that fails makes the whole creation fail."""

from __future__ import annotations

from collections.abc import Iterator

from policy.rule import Finding, Rule
from policy.view import Request


def check(request: Request) -> Iterator[Finding]:
    """Warn of injected files."""
    server = request.server
    if server.value("personality") is not None and server.given("personality"):
        yield Finding(server.path_of("personality"), "injects files: if that fails, the creation fails")


RULE = Rule(id="ECS-112", check=check, fix="Write the files by user_data")
