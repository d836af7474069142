from __future__ import annotations

import pytest

from policy.rules.no_device_name import RULE
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
    passes("none", disks({})),
    passes("a raw instance cannot say it", instance(blockDevices=[{}])),
    fails("a name", disks({"device_name": "/dev/vdb"}), f"{DISKS}[0].device_name"),
    undetermined("not known yet", disks({"device_name": UNKNOWN}), f"{DISKS}[0].device_name"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_no_device_name(case: Case) -> None:
    judge(RULE, case)
