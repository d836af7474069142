from __future__ import annotations

import pytest

from policy.rules.networks_given import RULE
from policy.testing import (
    ABSENT,
    UNKNOWN,
    Case,
    body,
    fails,
    instance,
    judge,
    passes,
    undetermined,
    unknown,
)

CASES = [
    passes("one NIC", body()),
    passes("a NIC that is not known yet is one", body(networks=[UNKNOWN])),
    fails("none", body(networks=ABSENT), "server.networks"),
    fails("an empty list", body(networks=[]), "server.networks"),
    fails("an empty list on a raw instance", instance(networks=[]), "networks"),
    fails("no list", body(networks="auto"), "server.networks"),
    fails("a network mode is none", instance(networks=ABSENT, networkMode="auto"), "networkMode"),
    undetermined("a list that is not known yet may be empty", instance(networks=UNKNOWN), "networks"),
    undetermined("an array's sentinel too", instance(networks=unknown("array")), "networks"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_networks_given(case: Case) -> None:
    judge(RULE, case)
