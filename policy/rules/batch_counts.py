"""The counts of a batch are at least 1, and min_count is at most max_count."""

from __future__ import annotations

from collections.abc import Iterator

from policy.rule import Finding, Outcome, Rule, settled
from policy.view import Request, View, whole


def check(request: Request) -> Iterator[Outcome]:
    """Refuse counts that are no whole numbers above 0, and a maximum below the minimum."""
    for key in ("min_count", "max_count"):
        yield from settled(_count(request.server, key))
    yield from settled(_order(request.server))


def _count(server: View, key: str) -> Iterator[Finding]:
    value = server.value(key)
    if value is None:
        return
    number = whole(value)
    if number is None or number < 1:
        yield Finding(server.path_of(key), f"is {server.shown(key)}, not a whole number above 0")


def _order(server: View) -> Iterator[Finding]:
    if server.value("max_count") is None or server.value("min_count") is None:
        return
    least, most = whole(server.value("min_count")), whole(server.value("max_count"))
    if least is not None and most is not None and 1 <= most < least:
        yield Finding(server.path_of("max_count"), f"is {most}, less than min_count, which is {least}")


RULE = Rule(id="ECS-401", check=check, fix="Set whole numbers with 1 <= min_count <= max_count")
