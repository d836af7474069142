from __future__ import annotations

import pytest

from policy.rules.batch_needs_image import RULE
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


def disks(*devices: object, **server: object) -> Resource:
    return body(block_device_mapping_v2=list(devices), **server)


SNAPSHOT = {"source_type": "snapshot", "boot_index": 0}
BOOT = {"source_type": "image", "boot_index": 0}

CASES = [
    passes("a raw instance asks for one ECS, and cannot say more", instance()),
    passes("an image", body(min_count=2)),
    passes("an image of the same preview", body(imageRef=UNKNOWN, min_count=2)),
    passes("counts of 1 are no batch", disks(SNAPSHOT, imageRef=ABSENT, min_count=1, max_count=1)),
    passes("an image on a disk is another rule's", disks(BOOT, imageRef=ABSENT, max_count=2)),
    passes("a source that may be an image too", disks({**BOOT, "source_type": UNKNOWN}, imageRef=ABSENT, max_count=2)),
    passes("nothing to boot from is another rule's", body(imageRef=ABSENT, min_count="2")),
    passes("a disk that does not boot is too", disks({**SNAPSHOT, "boot_index": -1}, imageRef=ABSENT, min_count="2")),
    fails("a snapshot", disks(SNAPSHOT, imageRef=ABSENT, max_count=2), "server.max_count"),
    fails("a minimum", disks(SNAPSHOT, imageRef=ABSENT, min_count="2"), "server.min_count"),
    undetermined(
        "a count that is not known yet", disks(SNAPSHOT, imageRef=ABSENT, max_count=UNKNOWN), "server.max_count"
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_batch_needs_image(case: Case) -> None:
    judge(RULE, case)
