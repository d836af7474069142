from __future__ import annotations

import pytest

from policy.rules.nic_names_port_or_network import RULE
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
    passes("a port alone", body(networks=[{"port": "p-1"}])),
    passes("a network alone", body(networks=[{"uuid": "n-1"}])),
    passes("a network made in the same preview", instance(networks=[{"uuid": UNKNOWN}])),
    passes("a port made in the same preview", body(networks=[{"port": UNKNOWN}])),
    passes("a raw NIC may name a network by its name", instance(networks=[{"name": "lan"}])),
    fails("neither", body(networks=[{}]), "server.networks[0]"),
    passes("a fixed IP alone is ECS-303's", instance(networks=[{"fixedIpV4": "10.0.0.2"}])),
    fails("an empty fixed IP alone", body(networks=[{"fixed_ip": ""}]), "server.networks[0]"),
    fails("a fixed IP that is not known yet", instance(networks=[{"fixedIpV4": UNKNOWN}]), "networks[0]"),
    fails("empty ones", body(networks=[{"uuid": "n-1"}, {"uuid": "", "port": None}]), "server.networks[1]"),
    fails("a text for a NIC", body(networks=["n-1"]), "server.networks[0]"),
    fails("a number for a network", body(networks=[{"uuid": 7}]), "server.networks[0].uuid"),
    undetermined("a list that is not known yet", body(networks=UNKNOWN), "server.networks"),
    mixed(
        "a NIC that is not known yet hides no other",
        instance(networks=[UNKNOWN, {}]),
        failing=("networks[1]",),
        unknown=("networks[0]",),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_nic_names_port_or_network(case: Case) -> None:
    judge(RULE, case)
