from __future__ import annotations

import pytest

from policy.rules.security_groups_on_port import RULE
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
    passes("groups on a network", body(security_groups=[{"name": "web"}])),
    passes("a port without groups", body(networks=[{"port": "p-1"}])),
    passes("no groups on a port", instance(networks=[{"port": "p-1"}], securityGroups=[])),
    fails(
        "groups on a port",
        body(security_groups=[{"name": "web"}], networks=[{"port": "p-1"}]),
        "server.security_groups",
    ),
    fails(
        "groups on a port of the same preview",
        instance(securityGroups=["web"], networks=[{"port": UNKNOWN}]),
        "securityGroups",
    ),
    fails(
        "groups of the same preview",
        instance(securityGroups=UNKNOWN, networks=[{"port": "p-1"}]),
        "securityGroups",
    ),
    undetermined(
        "NICs that are not known yet", body(security_groups=[{"name": "web"}], networks=UNKNOWN), "server.networks"
    ),
    mixed(
        "one that is not known yet hides no other",
        instance(securityGroups=["web"], networks=[UNKNOWN, {"port": "p-1"}]),
        failing=("securityGroups",),
        unknown=("networks[0]",),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_security_groups_on_port(case: Case) -> None:
    judge(RULE, case)
