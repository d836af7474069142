"""tenancy is shared or dedicated."""

from __future__ import annotations

from collections.abc import Iterator

from policy.rule import Finding, Rule
from policy.view import Request


def check(request: Request) -> Iterator[Finding]:
    """Refuse another tenancy."""
    hints = request.hints
    if hints.value("tenancy") not in (None, "shared", "dedicated"):
        yield Finding(hints.path_of("tenancy"), f"is {hints.shown('tenancy')}")


RULE = Rule(id="ECS-504", check=check, fix="Set it to shared or to dedicated, or leave it out: the default is shared")
