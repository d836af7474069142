from __future__ import annotations

import pytest

from policy.facts import kinds
from policy.forms import BATCH
from policy.rules.no_disks_on_bms import RULE
from policy.testing import (
    ABSENT,
    UNKNOWN,
    StackCase,
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
        "flavor": {
            "physical.o2": {"extra_specs": {"resource_type": "ironic"}},
            "physical.s1": {"extra_specs": {"capabilities:hypervisor_type": "ironic"}},
        }
    }
)
DISKS = [{"source_type": "blank", "boot_index": -1, "volume_size": 40}]
RAW = [{"sourceType": "blank", "bootIndex": -1, "volumeSize": 40}]
DATA = [{"name": "data", "source_type": "blank", "volume_size": 40, "delete_on_termination": True}]
PATH = "server.block_device_mapping_v2"

CASES = [
    stack_passes("an ECS with disks", stated(body(block_device_mapping_v2=DISKS)), cloud=CLOUD),
    stack_passes("a BMS without disks", stated(body(flavorRef="physical.o2", block_device_mapping_v2=[])), cloud=CLOUD),
    stack_passes(
        "a flavor that the cloud does not have", stated(instance(flavorId="none", blockDevices=RAW)), cloud=CLOUD
    ),
    stack_fails("by id", stated(body(flavorRef="physical.o2", block_device_mapping_v2=DISKS)), cloud=CLOUD, at=[PATH]),
    stack_fails(
        "by name",
        stated(instance(flavorId=ABSENT, flavorName="physical.s1", blockDevices=RAW)),
        cloud=CLOUD,
        at=["blockDevices"],
    ),
    stack_fails(
        "a flavor of this stack, and disks that are not known yet",
        stated(body(type=BATCH, flavorRef=ref("f"), block_device_mapping_v2=UNKNOWN)),
        thing(kinds.FLAVOR, "f", {"extraSpecs": {"resource_type": "ironic"}}),
        at=[PATH],
    ),
    stack_fails(
        "by way of a component of ours",
        stated(body(flavorRef="physical.o2", block_device_mapping_v2=DISKS)),
        stated(native(flavorRef="physical.o2", disks=DATA), parent="web"),
        cloud=CLOUD,
        at=[PATH],
    ),
    stack_undetermined(
        "a flavor from elsewhere",
        stated(body(flavorRef=UNKNOWN, block_device_mapping_v2=DISKS)),
        at=["server.flavorRef"],
    ),
    stack_undetermined(
        "extra specs that are not known yet",
        stated(instance(flavorId=ref("f"), blockDevices=RAW)),
        thing(kinds.FLAVOR, "f", {"extraSpecs": UNKNOWN}),
        at=["extraSpecs of flavor 'f'"],
    ),
    stack_silent("a silent cloud", stated(instance(blockDevices=RAW))),
    stack_passes(
        "a disk is attached to an ECS",
        stated(instance(), name="web"),
        thing(kinds.ATTACHED_DISK, "a", {"instanceId": ref("web"), "volumeId": "v"}),
        cloud=cloud({"flavor": {"s3.large.2": {"extra_specs": {"resource_type": "IOoptimizedS3"}}}}),
    ),
    stack_fails(
        "a disk is attached to a BMS",
        stated(instance(flavorId="physical.o2"), name="web"),
        thing(kinds.ATTACHED_DISK, "a", {"instanceId": ref("web"), "volumeId": "v"}),
        cloud=CLOUD,
        at=["instanceId"],
    ),
    stack_fails("native data disks", stated(native(flavorRef="physical.o2", disks=DATA)), cloud=CLOUD, at=["disks"]),
    stack_fails(
        "a native boot disk",
        stated(native(flavorRef="physical.o2", imageRef=ABSENT, boot={"source_type": "snapshot", "uuid": "s"})),
        cloud=CLOUD,
        at=["boot"],
    ),
    stack_fails(
        "a disk is attached to a native BMS",
        stated(native(flavorRef="physical.o2"), name="web"),
        thing(kinds.ATTACHED_DISK, "a", {"instanceId": ref("web"), "volumeId": "v"}),
        cloud=CLOUD,
        at=["instanceId"],
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_no_disks_on_bms(case: StackCase) -> None:
    judge_stack(RULE, case)
