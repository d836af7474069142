from __future__ import annotations

import pytest

from policy.rules.no_eip import RULE
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
    passes("a raw instance cannot say it", instance()),
    fails("on the server", body(publicip={"id": "e-1"}), "server.publicip"),
    fails("on a NIC", body(networks=[{"uuid": "n-1", "floating_ip": "192.0.2.7"}]), "server.networks[0].floating_ip"),
    undetermined("not known yet", body(eip=UNKNOWN), "server.eip"),
    mixed(
        "a NIC that is not known yet hides no other",
        body(networks=[UNKNOWN, {"uuid": "n-1", "eip": "192.0.2.7"}]),
        failing=("server.networks[1].eip",),
        unknown=("server.networks[0]",),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_no_eip(case: Case) -> None:
    judge(RULE, case)
