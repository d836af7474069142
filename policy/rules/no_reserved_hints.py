"""The reserved scheduler hints are not supported."""

from __future__ import annotations

from collections.abc import Iterator

from policy.rule import Finding, Outcome, Rule, settled
from policy.view import Request, View

RESERVED = ("different_host", "same_host", "cidr", "build_near_host_ip")


def check(request: Request) -> Iterator[Outcome]:
    """Refuse each reserved hint."""
    for key in RESERVED:
        yield from settled(_refused(request.hints, key))


def _refused(hints: View, key: str) -> Iterator[Finding]:
    if hints.value(key) is not None and hints.given(key):
        yield Finding(hints.path_of(key), "is reserved and not supported")


RULE = Rule(id="ECS-503", check=check, fix="Leave it out; to keep ECSs apart name an anti-affinity group in group")
