from __future__ import annotations

import pytest

from policy.forms import BATCH
from policy.rules.one_boot_disk import RULE
from policy.testing import (
    ABSENT,
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


def batch(*devices: object) -> Resource:
    return body(type=BATCH, block_device_mapping_v2=list(devices))


CASES = [
    passes("no disks", body()),
    passes(
        "one of two", disks({"source_type": "volume", "boot_index": "0"}, {"source_type": "blank", "boot_index": "-1"})
    ),
    passes("a blank data disk beside an image", disks({"source_type": "blank"})),
    passes("a raw disk without an index is another rule's", instance(blockDevices=[{"bootIndex": 0}, {}])),
    passes("a raw volume without an index boots", instance(blockDevices=[{"sourceType": "volume"}])),
    fails("two", disks({"boot_index": 0}, {"boot_index": "0"}), f"{DISKS}[1].boot_index"),
    fails(
        "three on a raw instance",
        instance(blockDevices=[{"bootIndex": 0}, {"bootIndex": 0}, {"bootIndex": 0}]),
        "blockDevices[1].bootIndex",
        "blockDevices[2].bootIndex",
    ),
    passes("our component attaches a volume after it booted from its image", disks({"source_type": "volume"})),
    fails("a volume, and nothing boots", disks({"source_type": "volume"}, imageRef=ABSENT), f"{DISKS}[0]"),
    fails("a volume beside an image in a batch", batch({"source_type": "volume"}), f"{DISKS}[0]"),
    fails(
        "a volume on a raw instance",
        instance(blockDevices=[{"sourceType": "volume", "bootIndex": -1}]),
        "blockDevices[0]",
    ),
    fails(
        "two are two whatever the third is",
        disks({"boot_index": 0}, {"boot_index": 0}, {"boot_index": UNKNOWN}),
        f"{DISKS}[1].boot_index",
    ),
    undetermined(
        "a second one that is not known yet",
        disks({"boot_index": 0}, {"boot_index": UNKNOWN}),
        f"{DISKS}[1].boot_index",
    ),
    undetermined(
        "two that are not known yet",
        disks({"source_type": "blank", "boot_index": UNKNOWN}, {"source_type": "blank", "boot_index": UNKNOWN}),
        f"{DISKS}[0].boot_index",
    ),
    undetermined(
        "a source that may be a volume, and nothing boots",
        disks({"source_type": UNKNOWN, "boot_index": -1}, imageRef=ABSENT),
        f"{DISKS}[0].source_type",
    ),
    undetermined("disks that are not known yet", instance(blockDevices=UNKNOWN), "blockDevices"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_one_boot_disk(case: Case) -> None:
    judge(RULE, case)
