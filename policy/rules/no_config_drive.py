"""A config drive is not supported."""

from __future__ import annotations

from collections.abc import Iterator

from policy.rule import Finding, Rule
from policy.view import Request, flag


def check(request: Request) -> Iterator[Finding]:
    """Refuse a config drive; false asks for none."""
    server = request.server
    value = server.value("config_drive")
    if server.given("config_drive") and flag(value) is not False:
        yield Finding(server.path_of("config_drive"), "is not supported")


RULE = Rule(id="ECS-105", check=check, fix="Leave it out, and hand information to the ECS by user_data or metadata")
