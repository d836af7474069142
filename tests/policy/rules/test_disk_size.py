from __future__ import annotations

import pytest

from policy.rules.disk_size import RULE
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
    passes("a number", disks({"source_type": "blank", "volume_size": 40})),
    passes("quoted", disks({"source_type": "image", "volume_size": "40"})),
    passes("a volume has its own", disks({"source_type": "volume"})),
    passes("so has a snapshot", instance(blockDevices=[{"sourceType": "snapshot"}])),
    passes("a size is a size whatever the source", disks({"source_type": UNKNOWN, "volume_size": 40})),
    fails("missing for a blank disk", disks({"source_type": "blank"}), f"{DISKS}[0].volume_size"),
    fails("missing for an image", instance(blockDevices=[{"sourceType": "image"}]), "blockDevices[0].volumeSize"),
    fails("0", instance(blockDevices=[{"sourceType": "blank", "volumeSize": 0}]), "blockDevices[0].volumeSize"),
    fails("half a GB", disks({"source_type": "blank", "volume_size": 0.5}), f"{DISKS}[0].volume_size"),
    fails("a word", disks({"source_type": "volume", "volume_size": "large"}), f"{DISKS}[0].volume_size"),
    undetermined("not known yet", disks({"source_type": "blank", "volume_size": UNKNOWN}), f"{DISKS}[0].volume_size"),
    undetermined("a source that may need one", disks({"source_type": UNKNOWN}), f"{DISKS}[0].source_type"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_disk_size(case: Case) -> None:
    judge(RULE, case)
