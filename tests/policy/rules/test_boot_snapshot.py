from __future__ import annotations

import pytest

from policy.facts import kinds
from policy.rules.boot_snapshot import RULE
from policy.testing import (
    ABSENT,
    UNKNOWN,
    StackCase,
    Stated,
    body,
    cloud,
    instance,
    judge_stack,
    native,
    ref,
    stack_fails,
    stack_passes,
    stack_silent,
    stack_undetermined,
    stated,
    thing,
)

CLOUD = cloud(
    {
        "snapshot": {
            "of-data": {"volume_id": "data"},
            "of-system": {"volume_id": "system"},
            "of-gone": {"volume_id": "x"},
        },
        "volume": {"data": {"bootable": "false"}, "system": {"bootable": "true"}},
    }
)


def documented(uuid: object, source: str = "snapshot", index: object = 0) -> Stated:
    disk = {"source_type": source, "destination_type": "volume", "boot_index": index, "uuid": uuid}
    return stated(body(imageRef=ABSENT, block_device_mapping_v2=[disk]))


def raw(uuid: object, source: str = "snapshot") -> Stated:
    return stated(instance(blockDevices=[{"sourceType": source, "bootIndex": 0, "uuid": uuid}]))


OF_DATA = thing(kinds.VOLUME, "v", {"snapshotId": "of-data", "size": 10})
PATH = "server.block_device_mapping_v2[0].uuid"

CASES = [
    stack_passes("a system disk's", documented("of-system"), cloud=CLOUD),
    stack_passes("a data disk's as a data disk", documented("of-data", index=-1), cloud=CLOUD),
    stack_passes("a snapshot that the cloud does not have", raw("none"), cloud=CLOUD),
    stack_passes("a snapshot of what is gone", raw("of-gone"), cloud=CLOUD),
    stack_passes(
        "a disk of a system disk's",
        raw(ref("v"), "volume"),
        thing(kinds.VOLUME, "v", {"snapshotId": "of-system"}),
        cloud=CLOUD,
    ),
    stack_fails("a data disk's", documented("of-data"), cloud=CLOUD, at=[PATH]),
    stack_fails("a data disk's, raw", raw("of-data"), cloud=CLOUD, at=["blockDevices[0].uuid"]),
    stack_fails("by way of a disk of this stack", documented(ref("v"), "volume"), OF_DATA, cloud=CLOUD, at=[PATH]),
    stack_undetermined("a snapshot from elsewhere", documented(UNKNOWN), at=[PATH]),
    stack_undetermined("an index from elsewhere", documented("of-data", index=UNKNOWN), at=[f"{PATH[:-4]}boot_index"]),
    stack_silent("a silent cloud", raw("of-data")),
    stack_fails(
        "a native boot disk",
        stated(native(imageRef=ABSENT, boot={"source_type": "snapshot", "uuid": "of-data"})),
        cloud=CLOUD,
        at=["boot.uuid"],
    ),
    stack_passes(
        "a native data disk",
        stated(native(disks=[{"name": "d", "source_type": "snapshot", "uuid": "of-data"}])),
        cloud=CLOUD,
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_boot_snapshot(case: StackCase) -> None:
    judge_stack(RULE, case)
