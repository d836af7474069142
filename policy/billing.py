"""Where other APIs of such a cloud write how an ECS is paid for: read by the two rules on billing."""

from __future__ import annotations

from collections.abc import Iterator

from policy.view import Request, View


def places(request: Request) -> Iterator[View]:
    """Yield the objects in which a way of paying can be written; the inputs of a raw instance have none."""
    if request.raw:
        return
    yield request.server
    if not request.server.unknown:
        yield request.server.at("extendparam")
        yield request.server.at("os:extendparam")
