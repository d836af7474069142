from __future__ import annotations

import pytest

from policy.rules.disk_lifetime_explicit import RULE
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
    passes("true", disks({"delete_on_termination": True})),
    passes("false is somebody's decision", disks({"delete_on_termination": "False"})),
    passes("on a raw instance", instance(blockDevices=[{"deleteOnTermination": True}])),
    fails("unset", disks({}), f"{DISKS}[0].delete_on_termination"),
    fails("unset on a raw instance", instance(blockDevices=[{}]), "blockDevices[0].deleteOnTermination"),
    fails("neither", disks({"delete_on_termination": "never"}), f"{DISKS}[0].delete_on_termination"),
    undetermined(
        "not known yet",
        instance(blockDevices=[{"deleteOnTermination": UNKNOWN}]),
        "blockDevices[0].deleteOnTermination",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_disk_lifetime_explicit(case: Case) -> None:
    judge(RULE, case)
