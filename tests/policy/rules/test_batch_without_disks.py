from __future__ import annotations

import pytest

from policy.rules.batch_without_disks import RULE
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


SNAPSHOT = {"source_type": "snapshot", "boot_index": 0}

CASES = [
    passes("a raw instance asks for one ECS, and cannot say more", instance()),
    passes("a batch without disks", body(min_count=2, max_count=3)),
    passes("a disk without a batch", disks({})),
    passes("counts of 1 are no batch", disks({}, min_count="1", max_count="1")),
    passes("disks that boot without an image are another rule's", disks(SNAPSHOT, imageRef=ABSENT, max_count=2)),
    fails("disks of which none boots", disks({"source_type": "blank"}, imageRef=ABSENT, max_count=2), DISKS),
    fails("a disk in a batch", disks({}, max_count=2), DISKS),
    fails("a disk in a batch by its minimum", disks({}, min_count=2), DISKS),
    fails("a batch is one whatever the minimum is", disks({}, min_count=UNKNOWN, max_count=2), DISKS),
    undetermined("a count that is not known yet", disks({}, max_count=UNKNOWN), "server.max_count"),
    undetermined("disks that are not known yet", body(block_device_mapping_v2=UNKNOWN, max_count=2), DISKS),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_batch_without_disks(case: Case) -> None:
    judge(RULE, case)
