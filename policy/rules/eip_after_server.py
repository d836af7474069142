"""An EIP is bound to the port of an ECS when the ECS exists."""

from __future__ import annotations

from collections.abc import Iterator

from policy.facts import kinds
from policy.facts.facts import Facts
from policy.facts.members import Member
from policy.rule import Finding, StackRule
from policy.unknown import UNKNOWN

BINDINGS = frozenset(
    {
        "openstack:networking/floatingIp:FloatingIp",
        "openstack:networking/floatingIpAssociate:FloatingIpAssociate",
    }
)


def check(member: Member, facts: Facts) -> Iterator[Finding]:
    """Refuse an EIP that is bound to the port of an ECS of this stack without waiting for the ECS."""
    if member.id is not None:
        return  # bound already
    if member.inputs.get("portId") is UNKNOWN and facts.stack.behind(member, "portId", kinds.SERVER.types):
        return  # it is told by an ECS, so by one that exists then
    for port in facts.input(member, "portId", kinds.PORT):
        for server in facts.users(port):
            if server.id is None and not facts.stack.waits_for(member, server):
                wrong = (
                    f"binds an EIP to the {port.shown} before the ECS {server.name!r} exists, or while it is created"
                )
                yield Finding("portId", wrong)


RULE = StackRule(id="ECS-114", check=check, fix="Let it depend on the ECS (`depends_on`)", on=BINDINGS)
