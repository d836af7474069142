"""A batch names no port and no fixed IP."""

from __future__ import annotations

from collections.abc import Iterator

from policy.batch import is_batch, subject
from policy.rule import Finding, Outcome, Rule, Undetermined, for_each
from policy.view import Request, View


@for_each("networks")
def each(nic: View, request: Request) -> Iterator[Outcome]:
    """Refuse what only one ECS can have."""
    for key in ("port", "fixed_ip"):
        if not nic.given(key):
            continue
        if is_batch(request) is None:
            yield Undetermined(request.server.path_of(subject(request)))
        elif key == "port" or nic.value(key) not in (None, ""):
            yield Finding(nic.path_of(key), "belongs to one ECS, but more than one is asked for")


def check(request: Request) -> Iterator[Outcome]:
    """Check each NIC where more than one ECS is asked for, or may be."""
    if is_batch(request) is not False:
        yield from each(request)


RULE = Rule(id="ECS-405", check=check, fix="Name networks by uuid alone in a batch")
