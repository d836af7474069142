from __future__ import annotations

import pytest

from policy.rules.no_yearly_monthly import RULE
from policy.testing import (
    UNKNOWN,
    Case,
    body,
    fails,
    instance,
    judge,
    passes,
    undetermined,
)

CASES = [
    passes("none", body()),
    passes("pay per use", body(extendparam={"chargingMode": "0", "periodNum": 0, "isAutoRenew": False})),
    passes("pay per use in a word", body(extendparam={"chargingMode": "postPaid"})),
    passes("a raw instance cannot say it", instance(metadata={"charging_mode": "1"})),
    fails("a subscription", body(extendparam={"chargingMode": "prePaid"}), "server.extendparam.chargingMode"),
    fails("its number", body(extendparam={"chargingMode": 1}), "server.extendparam.chargingMode"),
    fails("a period", body(**{"os:extendparam": {"periodType": "month"}}), "server.os:extendparam.periodType"),
    fails("a renewal", body(isAutoRenew=True), "server.isAutoRenew"),
    undetermined("parameters that are not known yet", body(extendparam=UNKNOWN), "server.extendparam"),
    undetermined(
        "a mode that is not known yet", body(extendparam={"chargingMode": UNKNOWN}), "server.extendparam.chargingMode"
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_no_yearly_monthly(case: Case) -> None:
    judge(RULE, case)
