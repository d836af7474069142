"""No spot price ECS through this API."""

from __future__ import annotations

from collections.abc import Iterator

from policy.billing import places
from policy.rule import Finding, Outcome, Rule, settled
from policy.view import Request, View

KEYS = ("marketType", "market_type", "spotPrice", "spot_price", "spot", "interruption_policy")
ON_DEMAND = (None, "", "postpaid")


def check(request: Request) -> Iterator[Outcome]:
    """Refuse the ways in which other APIs of such a cloud ask for a spot price."""
    for place in places(request):
        for key in KEYS:
            yield from settled(_spot(place, key))


def _spot(place: View, key: str) -> Iterator[Finding]:
    if place.value(key) not in ON_DEMAND:
        yield Finding(place.path_of(key), "asks for a spot price ECS")


RULE = Rule(id="ECS-116", check=check, fix="Leave it out: this API creates pay-per-use ECSs")
