"""The hint group is a UUID, and the hints are one object."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policy.facts.kinds import GROUP
from policy.rule import Finding, Outcome, Rule, settled
from policy.view import Request

UUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\Z")


def check(request: Request) -> Iterator[Outcome]:
    """Refuse a group that is no UUID, and on a raw instance one in capitals or a second block of hints."""
    yield from settled(_blocks(request))
    hints = request.hints
    group = hints.value("group")
    if group is None or (request.raw and group == ""):
        return
    path = hints.path_of("group")
    if not isinstance(group, str) or not UUID.match(group):
        yield Finding(path, f"is {hints.shown('group')}, not a UUID")
    elif request.raw and group != group.lower():
        yield Finding(path, "is a UUID in capitals, which this resource refuses at apply", "Write it in small letters")


def _blocks(request: Request) -> Iterator[Outcome]:
    blocks = request.top.value("schedulerHints") if request.raw else None
    for place in range(1, len(blocks) if isinstance(blocks, list) else 0):
        yield Finding(
            f"schedulerHints[{place}]", "is never sent: the hints are one object", "Put all hints in one block"
        )


RULE = Rule(
    id="ECS-501",
    check=check,
    fix="Set group to the id of a server group, 8-4-4-4-12 hexadecimal digits",
    known_from=GROUP.types,
)
