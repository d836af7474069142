"""A DeH is named only with a dedicated tenancy."""

from __future__ import annotations

from collections.abc import Iterator

from policy.rule import Finding, Rule
from policy.view import Request


def check(request: Request) -> Iterator[Finding]:
    """Refuse the id of a DeH in a shared pool, which is the default."""
    hints = request.hints
    if not hints.given("dedicated_host_id"):
        return
    tenancy = hints.value("tenancy")
    if tenancy != "dedicated" and hints.value("dedicated_host_id") not in (None, ""):
        state = "not set" if tenancy in (None, "") else hints.shown("tenancy")
        yield Finding(hints.path_of("dedicated_host_id"), f"has no effect while tenancy is {state}")


RULE = Rule(id="ECS-505", check=check, fix="Set tenancy to dedicated beside it, or leave it out")
