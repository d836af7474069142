from __future__ import annotations

import pytest

from policy.rules.no_guest_format import RULE
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
    fails("swap", disks({"guest_format": "swap"}), f"{DISKS}[0].guest_format"),
    fails(
        "ext4 on a raw instance", instance(blockDevices=[{}, {"guestFormat": "ext4"}]), "blockDevices[1].guestFormat"
    ),
    undetermined("not known yet", instance(blockDevices=[{"guestFormat": UNKNOWN}]), "blockDevices[0].guestFormat"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_no_guest_format(case: Case) -> None:
    judge(RULE, case)
