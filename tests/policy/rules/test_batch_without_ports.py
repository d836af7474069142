from __future__ import annotations

import pytest

from policy.rules.batch_without_ports import RULE
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
    passes("a raw instance asks for one ECS, and cannot say more", instance()),
    passes("a batch on a network", body(min_count=2)),
    passes("a port without a batch", body(networks=[{"port": "p-1"}])),
    passes("an empty fixed IP is none", body(min_count=2, networks=[{"uuid": "n-1", "fixed_ip": ""}])),
    fails("a port", body(max_count=2, networks=[{"port": "p-1"}]), "server.networks[0].port"),
    fails(
        "a fixed IP",
        body(max_count=2, networks=[{"uuid": "n-1", "fixed_ip": "10.0.0.2"}]),
        "server.networks[0].fixed_ip",
    ),
    undetermined(
        "a count that is not known yet", body(max_count=UNKNOWN, networks=[{"port": "p-1"}]), "server.max_count"
    ),
    undetermined(
        "a fixed IP that is not known yet",
        body(max_count=2, networks=[{"uuid": "n-1", "fixed_ip": UNKNOWN}]),
        "server.networks[0].fixed_ip",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_batch_without_ports(case: Case) -> None:
    judge(RULE, case)
