"""return_reservation_id is true or false."""

from __future__ import annotations

from collections.abc import Iterator

from policy.rule import Finding, Rule
from policy.view import Request, flag

KEY = "return_reservation_id"


def check(request: Request) -> Iterator[Finding]:
    """Refuse another value: without the reservation's id the created ECSs cannot be queried."""
    value = request.server.value(KEY)
    if value is not None and flag(value) is None:
        yield Finding(request.server.path_of(KEY), f"is {request.server.shown(KEY)}, neither true nor false")


RULE = Rule(id="ECS-404", check=check, fix="Set it to true or to false")
