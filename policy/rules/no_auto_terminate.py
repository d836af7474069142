"""auto_terminate_time is not supported yet."""

from __future__ import annotations

from collections.abc import Iterator

from policy.rule import Finding, Rule
from policy.view import Request


def check(request: Request) -> Iterator[Finding]:
    """Refuse a time of automatic release."""
    server = request.server
    value = server.value("auto_terminate_time")
    if value is not None:
        yield Finding(server.path_of("auto_terminate_time"), "is not supported yet")


RULE = Rule(id="ECS-107", check=check, fix="Leave it out, and destroy the stack when its time has come")
