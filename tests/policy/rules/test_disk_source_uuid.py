from __future__ import annotations

import pytest

from policy.rules.disk_source_uuid import RULE
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
    passes("an image's id", disks({"source_type": "image", "uuid": "i-1"})),
    passes(
        "the id of a volume of the same preview", instance(blockDevices=[{"sourceType": "volume", "uuid": UNKNOWN}])
    ),
    passes("none for a blank disk", disks({"source_type": "blank"})),
    passes("no source is another rule's", disks({"uuid": "i-1"})),
    fails("a volume without one", disks({"source_type": "volume"}), f"{DISKS}[0].uuid"),
    fails("an empty one", instance(blockDevices=[{"sourceType": "snapshot", "uuid": ""}]), "blockDevices[0].uuid"),
    fails("one for a blank disk", disks({"source_type": "blank", "uuid": "i-1"}), f"{DISKS}[0].uuid"),
    fails("a number", disks({"source_type": "image", "uuid": 7}), f"{DISKS}[0].uuid"),
    undetermined(
        "a source that is not known yet", disks({"source_type": UNKNOWN, "uuid": "i-1"}), f"{DISKS}[0].source_type"
    ),
    undetermined(
        "an id for a blank disk that may be none", disks({"source_type": "blank", "uuid": UNKNOWN}), f"{DISKS}[0].uuid"
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_disk_source_uuid(case: Case) -> None:
    judge(RULE, case)
