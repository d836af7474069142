"""The flavor is mandatory."""

from __future__ import annotations

from collections.abc import Iterator

from policy.rule import Finding, Rule
from policy.view import Request, whole


def check(request: Request) -> Iterator[Finding]:
    """Refuse a server without a flavor; the flavor of another resource's output counts as given, and so does an id of digits alone."""
    server = request.server
    path = server.path_of("flavorRef")
    if not server.given("flavorRef"):
        yield Finding(path, "is missing")
    elif server.known("flavorRef"):
        value = server.value("flavorRef")
        if not isinstance(value, str):
            if whole(value) is None:
                yield Finding(path, "is not text")
        elif not value.strip("/"):
            yield Finding(path, "names no flavor")


RULE = Rule(id="ECS-102", check=check, fix="Name a flavor by its id, for example c3.2xlarge, or by its URL")
