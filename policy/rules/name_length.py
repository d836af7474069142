"""The name has 1 to 255 characters."""

from __future__ import annotations

from collections.abc import Iterator

from policy.rule import Finding, Rule
from policy.view import Request

LONGEST = 255


def check(request: Request) -> Iterator[Finding]:
    """Refuse a name that is missing, empty, too long or no text. A raw instance without a name is named by the engine."""
    server = request.server
    name = server.value("name")
    path = server.path_of("name")
    if name is None:
        if not request.raw:
            yield Finding(path, "is missing")
    elif not isinstance(name, str):
        yield Finding(path, "is not text")
    elif not 1 <= len(name) <= LONGEST:
        yield Finding(path, f"has {len(name)} characters" if name else "is empty")


RULE = Rule(id="ECS-101", check=check, fix="Give a name of 1 to 255 characters")
