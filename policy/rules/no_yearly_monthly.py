"""No yearly or monthly ECS through this API: it creates pay-per-use ECSs only."""

from __future__ import annotations

from collections.abc import Iterator

from policy.billing import places
from policy.rule import Finding, Outcome, Rule, settled
from policy.view import Request, View

KEYS = ("chargingMode", "charging_mode", "periodType", "period_type", "periodNum", "period_num", "isAutoRenew")
PAY_PER_USE = (None, "", "postPaid", "0", 0, False)


def check(request: Request) -> Iterator[Outcome]:
    """Refuse the ways in which other APIs of such a cloud ask for a subscription."""
    for place in places(request):
        for key in KEYS:
            yield from settled(_subscription(place, key))


def _subscription(place: View, key: str) -> Iterator[Finding]:
    if place.value(key) not in PAY_PER_USE:
        yield Finding(place.path_of(key), "asks for a yearly/monthly ECS")


RULE = Rule(id="ECS-117", check=check, fix="Leave it out: this API creates pay-per-use ECSs")
