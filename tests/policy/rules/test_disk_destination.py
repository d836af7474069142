from __future__ import annotations

import pytest

from policy.rules.disk_destination import RULE
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
    passes("volume", disks({"destination_type": "volume"})),
    passes("the default", disks({})),
    passes("volume on a raw instance", instance(blockDevices=[{"destinationType": "volume"}])),
    fails("local", disks({"destination_type": "local"}), f"{DISKS}[0].destination_type"),
    fails(
        "local on a raw instance",
        instance(blockDevices=[{"destinationType": "local"}]),
        "blockDevices[0].destinationType",
    ),
    fails("a raw instance has no default", instance(blockDevices=[{}]), "blockDevices[0].destinationType"),
    undetermined("not known yet", disks({"destination_type": UNKNOWN}), f"{DISKS}[0].destination_type"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_disk_destination(case: Case) -> None:
    judge(RULE, case)
