from __future__ import annotations

import pytest

from policy.rules.disk_source_type import RULE
from policy.testing import (
    UNKNOWN,
    Case,
    Resource,
    body,
    fails,
    instance,
    judge,
    mixed,
    passes,
    undetermined,
)

DISKS = "server.block_device_mapping_v2"


def disks(*devices: object, **server: object) -> Resource:
    return body(block_device_mapping_v2=list(devices), **server)


CASES = [
    passes("no disks", body()),
    passes("the four kinds", disks(*({"source_type": kind} for kind in ("volume", "image", "snapshot", "blank")))),
    passes("on a raw instance", instance(blockDevices=[{"sourceType": "image"}])),
    fails("another one", disks({"source_type": "backup"}), f"{DISKS}[0].source_type"),
    fails("none", instance(blockDevices=[{}]), "blockDevices[0].sourceType"),
    fails("in capitals", instance(blockDevices=[{"sourceType": "Image"}]), "blockDevices[0].sourceType"),
    fails("a text for a disk", disks("d-1"), f"{DISKS}[0].source_type"),
    fails("no list", body(block_device_mapping_v2="d-1"), DISKS),
    undetermined("not known yet", disks({"source_type": UNKNOWN}), f"{DISKS}[0].source_type"),
    mixed(
        "a disk that is not known yet hides no other",
        disks(UNKNOWN, {"source_type": "backup"}),
        failing=(f"{DISKS}[1].source_type",),
        unknown=(f"{DISKS}[0]",),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_disk_source_type(case: Case) -> None:
    judge(RULE, case)
