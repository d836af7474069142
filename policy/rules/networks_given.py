"""An ECS has at least one NIC."""

from __future__ import annotations

from collections.abc import Iterator

from policy.rule import Finding, Rule
from policy.view import Request


def check(request: Request) -> Iterator[Finding]:
    """Refuse a server without networks; a network mode instead of them is not part of this API."""
    server = request.server
    if request.raw and server.value("network_mode") not in (None, ""):
        yield Finding(
            server.path_of("network_mode"), "stands in place of networks", "Leave it out, and list the networks"
        )
        return
    networks = server.value("networks")
    path = server.path_of("networks")
    if networks is None:
        yield Finding(path, "is missing")
    elif not isinstance(networks, list):
        yield Finding(path, "is not a list of NICs")
    elif not networks:
        yield Finding(path, "is empty")


RULE = Rule(id="ECS-301", check=check, fix="List at least one NIC, each with the uuid of a network or a port")
