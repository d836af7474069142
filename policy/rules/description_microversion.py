"""A description needs microversion 2.19 or later."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policy.rule import Finding, Rule
from policy.view import Request

FIRST = (2, 19)
LONGEST = 255
VERSION = re.compile(r"(?:compute )?([0-9]{1,3})\.([0-9]{1,3})\Z")


def check(request: Request) -> Iterator[Finding]:
    """Refuse a description in a request that states an older microversion, and one that no microversion accepts."""
    server = request.server
    description = server.value("description")
    if description is None:
        return
    path = server.path_of("description")
    if not isinstance(description, str):
        yield Finding(path, "is not text")
    elif len(description) > LONGEST:
        yield Finding(path, f"has {len(description)} characters", f"Shorten it to {LONGEST} characters")
    stated = request.top.value("microversion")
    version = VERSION.match(stated) if isinstance(stated, str) else None
    if version and (int(version[1]), int(version[2])) < FIRST:
        yield Finding(path, f"is not known to microversion {version[1]}.{version[2]}")


RULE = Rule(id="ECS-108", check=check, fix="Send a text, with microversion 2.19 or later, or leave it out")
