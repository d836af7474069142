from __future__ import annotations

from typing import Any

import pytest

from policy.facts import kinds
from policy.facts.previous import Kept
from policy.forms import BATCH
from policy.native import NATIVE
from policy.rules.disk_quota import RULE
from policy.testing import (
    ABSENT,
    UNKNOWN,
    StackCase,
    Stated,
    body,
    cloud,
    instance,
    judge_stack,
    kept,
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
    limits={
        "maxTotalVolumes": 10,
        "totalVolumesUsed": 7,
        "maxTotalVolumeGigabytes": 1000,
        "totalGigabytesUsed": 900,
    }
)


def blank(size: object, index: object = -1) -> dict[str, object]:
    return {"source_type": "blank", "destination_type": "volume", "boot_index": index, "volume_size": size}


def volume(name: str, size: object, **more: Any) -> Stated:
    return thing(kinds.VOLUME, name, {"size": size}, **more)


RAW = {"sourceType": "blank", "destinationType": "volume", "bootIndex": -1, "volumeSize": 60}


def data(name: str, size: object) -> dict[str, object]:
    return {"name": name, "source_type": "blank", "volume_size": size, "delete_on_termination": True}


def had(*disks: dict[str, object]) -> list[Kept]:
    return [kept(NATIVE, "web", "s-1", outputs={"disks": list(disks)})]


CASES = [
    stack_passes("it fits", stated(body(block_device_mapping_v2=[blank(99)])), cloud=CLOUD),
    stack_passes("disks that are there", volume("v", 500, id="v-1"), cloud=CLOUD),
    stack_passes("a disk that is replaced", volume("v", 500), before=[kept(kinds.VOLUME, "v", "v-1")], cloud=CLOUD),
    stack_passes("an ECS that exists", stated(body(block_device_mapping_v2=[blank(500)]), id="s-1"), cloud=CLOUD),
    stack_passes("an image that the cloud does not have", stated(instance(imageId="none")), cloud=CLOUD),
    stack_fails("too large a disk", volume("v", 101), cloud=CLOUD, at=["stack"]),
    stack_fails("together they are", volume("v", 50), stated(instance(blockDevices=[RAW])), cloud=CLOUD, at=["stack"]),
    stack_fails("the fourth is one too many", *[volume(f"v-{i}", 1) for i in range(4)], cloud=CLOUD, at=["stack"]),
    stack_fails(
        "each ECS of a batch brings its own",
        stated(body(type=BATCH, max_count=2, block_device_mapping_v2=[blank(60)])),
        cloud=CLOUD,
        at=["stack", "stack"],
    ),
    stack_fails(
        "a system disk as large as its flavor says",
        stated(instance(flavorId=ref("f"))),
        thing(kinds.FLAVOR, "f", {"disk": 101}),
        cloud=CLOUD,
        at=["stack"],
    ),
    stack_undetermined("a size from elsewhere", volume("v", UNKNOWN), cloud=CLOUD, at=["size of disk 'v'"]),
    stack_undetermined(
        "a size of an ECS from elsewhere",
        stated(body(block_device_mapping_v2=[blank(UNKNOWN)])),
        cloud=CLOUD,
        at=["server.block_device_mapping_v2[0].volume_size"],
    ),
    stack_silent("a silent cloud", volume("v", 1)),
    stack_silent(
        "a state that cannot be read", volume("v", 1), cloud=CLOUD, before="it is locked", because="it is locked"
    ),
    stack_fails("data disks of a native server", stated(native(disks=[data("a", 101)])), cloud=CLOUD, at=["stack"]),
    stack_fails(
        "its boot disk counts too",
        stated(
            native(
                imageRef=ABSENT, boot={"source_type": "image", "uuid": "i", "volume_size": 60}, disks=[data("a", 41)]
            )
        ),
        cloud=CLOUD,
        at=["stack"],
    ),
    stack_fails(
        "those of a component count once",
        stated(body(block_device_mapping_v2=[blank(60)])),
        stated(native(disks=[data("a", 101)]), parent="web"),
        cloud=CLOUD,
        at=["stack"],
    ),
    stack_passes(
        "disks that a native server has",
        stated(native(disks=[data("a", 500)]), id="s-1"),
        cloud=CLOUD,
        before=had(data("a", 500)),
    ),
    stack_fails(
        "a native server gets one too many GB in place",
        stated(native(disks=[data("a", 500), data("b", 101)]), id="s-1"),
        cloud=CLOUD,
        before=had(data("a", 500)),
        at=["stack"],
    ),
    stack_fails(
        "a disk grows beyond the quota",
        stated(native(disks=[data("a", 601)]), id="s-1"),
        cloud=CLOUD,
        before=had(data("a", 500)),
        at=["stack"],
    ),
    stack_passes(
        "a disk grows within it",
        stated(native(disks=[data("a", 600)]), id="s-1"),
        cloud=CLOUD,
        before=had(data("a", 500)),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_disk_quota(case: StackCase) -> None:
    judge_stack(RULE, case)
