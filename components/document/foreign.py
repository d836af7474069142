"""Fields of other APIs of such a cloud, and of the native one, that ask for what this API cannot do.

The document's tables do not have them, so that they would be refused as unknown anyhow; here they are refused with the reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from components.problems import Problem


class Foreign(NamedTuple):
    """What some fields ask for: their restriction, the sentence, the fix, and the values that ask for nothing of it."""

    restriction: str
    keys: tuple[str, ...]
    wrong: str
    fix: str
    harmless: tuple[Any, ...] = (None,)


EIP = Foreign(
    "ECS-114",
    ("publicip", "public_ip", "eip", "floating_ip", "floatingip"),
    "binds an EIP at creation, which this API cannot do",
    "Remove it, and bind the EIP to the ECS's port after it exists",
)
SPOT = Foreign(
    "ECS-116",
    ("marketType", "market_type", "spotPrice", "spot_price", "spot", "interruption_policy"),
    "asks for a spot price ECS",
    "Remove it: this API creates pay-per-use ECSs",
    (None, "", "postpaid"),
)
PERIOD = Foreign(
    "ECS-117",
    ("chargingMode", "charging_mode", "periodType", "period_type", "periodNum", "period_num", "isAutoRenew"),
    "asks for a yearly/monthly ECS",
    "Remove it: this API creates pay-per-use ECSs",
    (None, "", "postPaid", "0", 0),
)
HOST = Foreign(
    "ECS-113",
    ("host", "hypervisor_hostname", "OS-EXT-SRV-ATTR:host", "OS-EXT-SRV-ATTR:hypervisor_hostname"),
    "names a host",
    "Remove it; for a host of your own use tenancy and dedicated_host_id",
    (None, "", [], {}),
)
HOST_HINT = HOST._replace(keys=("force_hosts", "force_nodes"))
EXTENDED = ("extendparam", "os:extendparam")


def foreign(request: Mapping[str, Any]) -> Iterator[Problem]:
    """Every mistake of a request, as it was written, that is a field of another API; none of what is no request at all."""
    server, hints = request.get("server"), request.get("os:scheduler_hints")
    if not isinstance(server, dict):
        return
    yield from _found("server", server, EIP, SPOT, PERIOD, HOST)
    for key in EXTENDED:
        yield from _found(f"server.{key}", server.get(key), SPOT, PERIOD)
    nics = server.get("networks")
    for place, nic in enumerate(nics if isinstance(nics, list) else ()):
        yield from _found(f"server.networks[{place}]", nic, EIP)
    if isinstance(hints, dict):
        yield from _found("os:scheduler_hints", hints, HOST_HINT)
        if any("host" in text.lower() for text in _texts(hints.get("query"))):
            yield Problem("os:scheduler_hints.query", "picks a host by a query", HOST.fix, HOST.restriction)


def _found(path: str, holder: Any, *sorts: Foreign) -> Iterator[Problem]:
    if not isinstance(holder, dict):
        return
    for sort in sorts:
        for key in sort.keys:
            if holder.get(key) not in sort.harmless:
                yield Problem(f"{path}.{key}", sort.wrong, sort.fix, sort.restriction)


def _texts(query: Any) -> Iterator[str]:
    if isinstance(query, str):
        yield query
    for part in query if isinstance(query, list) else ():
        yield from _texts(part)
