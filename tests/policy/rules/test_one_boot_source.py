from __future__ import annotations

import pytest

from policy.rules.one_boot_source import RULE
from policy.testing import (
    ABSENT,
    UNKNOWN,
    Case,
    body,
    fails,
    instance,
    judge,
    passes,
    undetermined,
)

CASES = [
    passes("an image alone", body()),
    passes("an image by name on a raw instance", instance(imageId=ABSENT, imageName="ubuntu-24.04")),
    passes("an image of the same preview", instance(imageId=UNKNOWN)),
    passes("a boot disk alone", body(imageRef=ABSENT, block_device_mapping_v2=[{"boot_index": "0"}])),
    passes("a raw disk without an index is sent as the boot disk", instance(imageId=ABSENT, blockDevices=[{}])),
    passes("an image and a data disk", body(block_device_mapping_v2=[{"boot_index": -1}])),
    passes("two boot disks are another rule's", body(imageRef=ABSENT, block_device_mapping_v2=[{"boot_index": 0}] * 2)),
    passes(
        "a volume that nothing boots beside is another rule's",
        body(imageRef=ABSENT, block_device_mapping_v2=[{"source_type": "volume"}]),
    ),
    passes("a raw one too", instance(blockDevices=[{"sourceType": "volume", "bootIndex": -1}])),
    fails("nothing boots", body(imageRef=ABSENT), "server.imageRef"),
    fails(
        "a body's disk without an index does not boot",
        body(imageRef="", block_device_mapping_v2=[{}]),
        "server.imageRef",
    ),
    fails(
        "a blank disk has nothing to boot",
        body(imageRef=ABSENT, block_device_mapping_v2=[{"source_type": "blank", "boot_index": 0}]),
        "server.block_device_mapping_v2[0].source_type",
    ),
    fails("nothing boots on a raw instance", instance(imageId=ABSENT), "imageId"),
    fails("an image beside a boot disk", body(block_device_mapping_v2=[{"boot_index": "0"}]), "server.imageRef"),
    fails(
        "an image's name beside a boot disk",
        instance(imageId=ABSENT, imageName="ubuntu", blockDevices=[{"bootIndex": 0}]),
        "imageName",
    ),
    fails("a raw instance does not send its image beside disks", instance(blockDevices=[{"bootIndex": -1}]), "imageId"),
    undetermined(
        "an index that is not known yet",
        body(imageRef=ABSENT, block_device_mapping_v2=[{"boot_index": UNKNOWN}]),
        "server.block_device_mapping_v2[0].boot_index",
    ),
    undetermined("disks that are not known yet", instance(blockDevices=UNKNOWN), "blockDevices"),
    undetermined("a disk that is not known yet", instance(blockDevices=[UNKNOWN]), "blockDevices[0]"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_one_boot_source(case: Case) -> None:
    judge(RULE, case)
