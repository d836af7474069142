"""No ECS is created in the internal high-speed network of BMSs."""

from __future__ import annotations

from collections.abc import Iterator

from policy.facts import kinds
from policy.facts.asking import SilentError
from policy.facts.facts import Facts
from policy.facts.members import SERVERS, Member
from policy.facts.thing import Thing
from policy.rule import Finding, Outcome, StackRule, settled
from policy.view import View

GENEVE = "geneve"


def check(member: Member, facts: Facts) -> Iterator[Outcome]:
    """Refuse a network of type geneve, also behind a port.

    A network that the stack makes without a type gets the cloud's default, which is not the one of the BMSs.
    """
    if member.request is None:
        yield from settled(_interface(member, facts))
        return
    for nic in member.request.server.each("networks"):
        yield from settled(_nic(member, facts, nic))


def _nic(member: Member, facts: Facts, nic: View) -> Iterator[Finding]:
    for network in facts.networks(member, nic):
        if _is_geneve(network):
            yield Finding(nic.path, f"is in the {network.shown}, which is of type geneve")


def _interface(member: Member, facts: Facts) -> Iterator[Finding]:
    for port in facts.input(member, "portId", kinds.PORT):
        yield from _interfaces("portId", facts.network_of(port))
    yield from _interfaces("networkId", facts.input(member, "networkId", kinds.NETWORK))


def _interfaces(path: str, networks: list[Thing]) -> Iterator[Finding]:
    for network in networks:
        if _is_geneve(network):
            yield Finding(path, f"is in the {network.shown}, which is of type geneve")


def _is_geneve(network: Thing) -> bool:
    if network.member is not None:
        segments = network.stated("segments")
        first = segments[0] if isinstance(segments, list) and segments else {}
        return isinstance(first, dict) and first.get("networkType") == GENEVE
    kind = network.said("provider:network_type")
    parts = network.said("segments")
    if kind is None and not parts:
        raise SilentError("the cloud does not show `provider:network_type` to this user")
    return kind == GENEVE or any(part.get("provider:network_type") == GENEVE for part in parts or ())


RULE = StackRule(
    id="ECS-305",
    check=check,
    fix="Use a network of ECSs",
    on=SERVERS | {kinds.ATTACHED_NIC},
)
