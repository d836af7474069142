"""What a request names exists."""

from __future__ import annotations

import json
from collections.abc import Iterator

from policy.facts import kinds
from policy.facts.facts import Facts, disks
from policy.facts.kinds import Kind
from policy.facts.members import SERVERS, Member
from policy.rule import Finding, Outcome, StackRule, settled
from policy.view import View

INPUTS: dict[str, tuple[tuple[str, Kind], ...]] = {
    **dict.fromkeys(kinds.PORT.types, (("networkId", kinds.NETWORK),)),
    **dict.fromkeys(kinds.VOLUME.types, (("imageId", kinds.IMAGE), ("snapshotId", kinds.SNAPSHOT))),
    kinds.ATTACHED_DISK: (("volumeId", kinds.VOLUME),),
    kinds.ATTACHED_NIC: (("networkId", kinds.NETWORK), ("portId", kinds.PORT)),
}
"""What other resources than a server name, and would be created with."""

SOURCES = {"image": kinds.IMAGE, "volume": kinds.VOLUME, "snapshot": kinds.SNAPSHOT}


def check(member: Member, facts: Facts) -> Iterator[Outcome]:
    """Refuse a flavor, image, key pair, network, port, disk, snapshot or server group that neither stack nor cloud has.

    Ports, disks and attachments of the stack are judged too. Of a native server that exists, what is new to it.
    """
    if member.type in INPUTS:
        for key, kind in INPUTS[member.type]:
            yield from settled(_input(member, facts, key, kind))
        return
    server, hints = member.asked.server, member.asked.hints
    for key, kind in (("flavorRef", kinds.FLAVOR), ("imageRef", kinds.IMAGE), ("key_name", kinds.KEY_PAIR)):
        yield from settled(_missing(member, facts, server, key, kind))
    yield from settled(_nics(member, facts))
    yield from settled(_disks(member, facts))
    yield from settled(_group(member, facts, hints))


def _input(member: Member, facts: Facts, key: str, kind: Kind) -> Iterator[Finding]:
    value = member.inputs.get(key)
    if value not in (None, "") and not facts.input(member, key, kind):
        yield Finding(key, f"names the {kind.word} {json.dumps(value)}, which neither stack nor cloud has")


def _nics(member: Member, facts: Facts) -> Iterator[Outcome]:
    for nic in member.asked.server.each("networks"):
        # Beside a port the network has no effect, which is another rule's.
        key, kind = ("port", kinds.PORT) if not nic.unknown and nic.given("port") else ("uuid", kinds.NETWORK)
        yield from settled(_missing(member, facts, nic, key, kind))


def _disks(member: Member, facts: Facts) -> Iterator[Outcome]:
    for disk in disks(member.asked):
        yield from settled(_disk(member, facts, disk))


def _disk(member: Member, facts: Facts, disk: View) -> Iterator[Outcome]:
    kind = SOURCES.get(str(disk.value("source_type")))
    if kind is not None:
        yield from _missing(member, facts, disk, "uuid", kind)


def _group(member: Member, facts: Facts, hints: View) -> Iterator[Outcome]:
    # What is no UUID is refused for that.
    if not hints.given("group") or not hints.known("group") or kinds.is_id(str(hints.value("group"))):
        yield from _missing(member, facts, hints, "group", kinds.GROUP)


def _missing(member: Member, facts: Facts, view: View, key: str, kind: Kind) -> Iterator[Outcome]:
    # A value of another shape is refused by the rule for its key.
    if not view.given(key) or (view.known(key) and not isinstance(view.value(key), str)):
        return
    if facts.fresh(member, view, key) and not facts.things(member, view, key, kind):
        yield Finding(view.path_of(key), f"names the {kind.word} {view.shown(key)}, which neither stack nor cloud has")


RULE = StackRule(
    id="ECS-120",
    check=check,
    fix="Correct it, or make it in this stack",
    on=SERVERS | frozenset(INPUTS),
    creation=True,
)
