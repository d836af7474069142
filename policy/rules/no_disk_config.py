"""OS-DCF:diskConfig is not supported."""

from __future__ import annotations

from collections.abc import Iterator

from policy.rule import Finding, Rule
from policy.view import Request

KEY = "OS-DCF:diskConfig"


def check(request: Request) -> Iterator[Finding]:
    """Refuse a disk configuration mode."""
    value = request.server.value(KEY)
    if value is not None:
        yield Finding(request.server.path_of(KEY), "is not supported")


RULE = Rule(id="ECS-106", check=check, fix="Leave it out")
