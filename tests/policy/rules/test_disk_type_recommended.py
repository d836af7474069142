from __future__ import annotations

import pytest

from policy.rules.disk_type_recommended import RULE
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
    passes("a type", disks({"source_type": "image", "volume_type": "SAS"})),
    passes("a type that is not known yet is one", disks({"source_type": "image", "volume_type": UNKNOWN})),
    passes("a blank disk", instance(blockDevices=[{"sourceType": "blank"}])),
    fails("an image without one", disks({"source_type": "image"}), f"{DISKS}[0].volume_type"),
    fails("on a raw instance", instance(blockDevices=[{"sourceType": "image"}]), "blockDevices[0].volumeType"),
    undetermined("a source that is not known yet", disks({"source_type": UNKNOWN}), f"{DISKS}[0].source_type"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_disk_type_recommended(case: Case) -> None:
    judge(RULE, case)
