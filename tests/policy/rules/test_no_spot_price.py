from __future__ import annotations

import pytest

from policy.rules.no_spot_price import RULE
from policy.testing import (
    UNKNOWN,
    Case,
    body,
    fails,
    instance,
    judge,
    mixed,
    passes,
    undetermined,
)

CASES = [
    passes("none", body()),
    passes("on demand", body(extendparam={"marketType": "postpaid", "spotPrice": ""})),
    passes("metadata is free text", body(metadata={"marketType": "spot"})),
    passes("a raw instance cannot say it", instance(metadata={"spot": "yes"})),
    fails("a market type", body(extendparam={"marketType": "spot"}), "server.extendparam.marketType"),
    fails("a price", body(**{"os:extendparam": {"spotPrice": "0.1"}}), "server.os:extendparam.spotPrice"),
    fails("on the server itself", body(spot=True), "server.spot"),
    undetermined("parameters that are not known yet", body(extendparam=UNKNOWN), "server.extendparam"),
    mixed(
        "a market that is not known yet hides no price",
        body(extendparam={"marketType": UNKNOWN, "spotPrice": "0.1"}),
        failing=("server.extendparam.spotPrice",),
        unknown=("server.extendparam.marketType",),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_no_spot_price(case: Case) -> None:
    judge(RULE, case)
