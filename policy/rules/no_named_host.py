"""An ECS is not created on a host of one's choice."""

from __future__ import annotations

from collections.abc import Iterator

from policy.rule import Finding, Outcome, Rule, Undetermined, settled
from policy.view import UNKNOWN, Request, View

HOSTS = ("hypervisor_hostname", "host", "OS-EXT-SRV-ATTR:host", "OS-EXT-SRV-ATTR:hypervisor_hostname")
HINTS = ("force_hosts", "force_nodes", "query")


def check(request: Request) -> Iterator[Outcome]:
    """Refuse az:host, az:host:node, a hypervisor host name, and a scheduler hint that picks a host."""
    yield from settled(_zone(request.server))
    for key in HOSTS:
        yield from settled(_given(request.server, key))
    for key in HINTS:
        yield from settled(_hint(request, key))


def _zone(server: View) -> Iterator[Outcome]:
    zone = server.value("availability_zone")
    if isinstance(zone, str) and ":" in zone:
        path = server.path_of("availability_zone")
        yield Finding(path, f"names a host: {server.shown('availability_zone')}", "Name the zone alone, without :host")


def _given(server: View, key: str) -> Iterator[Outcome]:
    value = server.value(key)
    if value is not None and server.given(key):
        yield Finding(server.path_of(key), "names a host")


def _hint(request: Request, key: str) -> Iterator[Outcome]:
    value = request.hints.value(key)
    if key != "query":
        if value is not None and request.hints.given(key):
            yield Finding(request.hints.path_of(key), "names a host")
        return
    texts = list(_texts(value))
    if any(isinstance(text, str) and "host" in text.lower() for text in texts):
        yield Finding(request.hints.path_of(key), "picks a host by a query")
    elif UNKNOWN in texts:
        yield Undetermined(request.hints.path_of(key))


def _texts(query: object) -> Iterator[object]:
    if isinstance(query, list):
        for part in query:
            yield from _texts(part)
    else:
        yield query


RULE = Rule(id="ECS-113", check=check, fix="Leave it out; for a host of your own use tenancy and dedicated_host_id")
