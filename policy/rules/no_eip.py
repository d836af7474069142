"""An EIP is not bound at creation."""

from __future__ import annotations

from collections.abc import Iterator

from policy.rule import Finding, Outcome, Rule, settled
from policy.view import Request, View

KEYS = ("publicip", "public_ip", "eip", "floating_ip", "floatingip")


def check(request: Request) -> Iterator[Outcome]:
    """Refuse what other APIs and older clients take for an EIP, on the server and on its NICs."""
    if request.raw:
        return  # its inputs have no key for an EIP
    yield from settled(_refused(request.server))
    for nic in request.server.each("networks"):
        yield from settled(_refused(nic))


def _refused(view: View) -> Iterator[Finding]:
    for key in KEYS:
        if view.value(key) is not None:
            yield Finding(view.path_of(key), "binds an EIP at creation, which this API cannot do")


RULE = Rule(id="ECS-114", check=check, fix="Leave it out, and bind the EIP to the ECS's port after it exists")
