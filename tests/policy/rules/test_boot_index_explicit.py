from __future__ import annotations

import pytest

from policy.rules.boot_index_explicit import RULE
from policy.testing import (
    UNKNOWN,
    Case,
    Resource,
    body,
    fails,
    instance,
    judge,
    passes,
    undetermined,
)

DISKS = "server.block_device_mapping_v2"


def disks(*devices: object, **server: object) -> Resource:
    return body(block_device_mapping_v2=list(devices), **server)


CASES = [
    passes("0 and -1", disks({"boot_index": 0}, {"boot_index": -1})),
    passes("quoted", disks({"boot_index": "0"}, {"boot_index": "-1"})),
    passes("the default of a body is -1", disks({})),
    fails("another boot order", disks({"boot_index": 1}), f"{DISKS}[0].boot_index"),
    fails("half of one", instance(blockDevices=[{"bootIndex": 0.5}]), "blockDevices[0].bootIndex"),
    fails("true", disks({"boot_index": True}), f"{DISKS}[0].boot_index"),
    passes("empty is unset", disks({"boot_index": ""})),
    fails(
        "a raw instance sends 0 for an unset one",
        instance(blockDevices=[{"bootIndex": 0}, {}]),
        "blockDevices[1].bootIndex",
    ),
    undetermined("not known yet", instance(blockDevices=[{"bootIndex": UNKNOWN}]), "blockDevices[0].bootIndex"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_boot_index_explicit(case: Case) -> None:
    judge(RULE, case)
