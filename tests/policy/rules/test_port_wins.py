from __future__ import annotations

import pytest

from policy.rules.port_wins import RULE
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
    passes("a port alone", body(networks=[{"port": "p-1", "fixed_ip": ""}])),
    passes("a network and a fixed IP", instance(networks=[{"uuid": "n-1", "fixedIpV4": "10.0.0.2"}])),
    passes("a fixed IP without its network is ECS-303's", body(networks=[{"port": "p-1", "fixed_ip": "10.0.0.2"}])),
    passes("a raw one too", instance(networks=[{"port": UNKNOWN, "fixedIpV4": UNKNOWN}])),
    fails("a network beside a port", body(networks=[{"uuid": "n-1", "port": "p-1"}]), "server.networks[0].uuid"),
    fails(
        "a network's name and a fixed IP beside a port of the same preview",
        instance(networks=[{"name": "lan", "fixedIpV4": "10.0.0.2", "port": UNKNOWN}]),
        "networks[0].name",
        "networks[0].fixedIpV4",
    ),
    undetermined(
        "a network that is not known yet", body(networks=[{"uuid": UNKNOWN, "port": "p-1"}]), "server.networks[0].uuid"
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_port_wins(case: Case) -> None:
    judge(RULE, case)
