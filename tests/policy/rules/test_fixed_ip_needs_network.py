from __future__ import annotations

import pytest

from policy.pack import policies
from policy.rules.fixed_ip_needs_network import RULE
from policy.testing import (
    UNKNOWN,
    Case,
    Pack,
    body,
    fails,
    instance,
    judge,
    passes,
    undetermined,
)

CASES = [
    passes("with its network", body(networks=[{"uuid": "n-1", "fixed_ip": "10.0.0.2"}])),
    passes("with a network of the same preview", instance(networks=[{"uuid": UNKNOWN, "fixedIpV4": "10.0.0.2"}])),
    passes("with a network's name", instance(networks=[{"name": "lan", "fixedIpV4": "10.0.0.2"}])),
    passes("an empty one is none", body(networks=[{"port": "p-1", "fixed_ip": ""}])),
    fails("without a network", instance(networks=[{"fixedIpV4": "10.0.0.2"}]), "networks[0].fixedIpV4"),
    fails(
        "a port is no network", body(networks=[{"port": "p-1", "fixed_ip": "10.0.0.2"}]), "server.networks[0].fixed_ip"
    ),
    undetermined("not known yet", body(networks=[{"port": "p-1", "fixed_ip": UNKNOWN}]), "server.networks[0].fixed_ip"),
]


def test_beside_a_port_the_fix_is_not_to_name_a_network_that_would_be_void() -> None:
    nic = {"port": "p-1", "fixedIpV4": "10.0.0.2"}
    (report,) = Pack(policies([RULE])).analyze(instance(networks=[nic]))
    assert "Leave it out: the port has an address of its own. [ECS-303," in report.text


@pytest.mark.parametrize("case", CASES, ids=str)
def test_fixed_ip_needs_network(case: Case) -> None:
    judge(RULE, case)
