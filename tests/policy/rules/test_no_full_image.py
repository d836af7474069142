from __future__ import annotations

import pytest

from policy.facts import kinds
from policy.forms import BATCH
from policy.rules.no_full_image import RULE
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

FULL = {"properties": {"__whole_image": "true"}}
CLOUD = cloud({"image": {"full": {"__whole_image": "true"}, "plain": {}}})


def disk(source: str, uuid: object) -> dict[str, object]:
    return {"source_type": source, "destination_type": "volume", "boot_index": 0, "uuid": uuid}


CASES = [
    stack_passes("an image of a system disk", stated(body()), stated(instance(), name="raw")),
    stack_passes("an image that the cloud does not have", stated(body(imageRef="none"))),
    stack_passes("an image that this stack uploads", stated(body(imageRef=ref("i"))), thing(kinds.IMAGE, "i", {})),
    stack_fails("by id", stated(body(imageRef="full")), cloud=CLOUD, at=["server.imageRef"]),
    stack_fails("by name", stated(instance(imageId=ABSENT, imageName="full")), cloud=CLOUD, at=["imageName"]),
    stack_fails("in a batch", stated(body(type=BATCH, imageRef="full")), cloud=CLOUD, at=["server.imageRef"]),
    stack_fails(
        "as the source of a disk",
        stated(body(imageRef=ABSENT, block_device_mapping_v2=[disk("image", "full")])),
        cloud=CLOUD,
        at=["server.block_device_mapping_v2[0].uuid"],
    ),
    stack_fails(
        "by way of a disk of this stack",
        stated(instance(imageId=ABSENT, blockDevices=[{"sourceType": "volume", "uuid": ref("v"), "bootIndex": 0}])),
        thing(kinds.VOLUME, "v", {"imageId": "full"}),
        cloud=CLOUD,
        at=["blockDevices[0].uuid"],
    ),
    stack_fails("of this stack", stated(instance(imageId=ref("i"))), thing(kinds.IMAGE, "i", FULL), at=["imageId"]),
    stack_undetermined("an id from elsewhere", stated(body(imageRef=UNKNOWN)), at=["server.imageRef"]),
    stack_undetermined(
        "properties that are not known yet",
        stated(instance(imageId=ref("i"))),
        thing(kinds.IMAGE, "i", {"properties": UNKNOWN}),
        at=["properties of image 'i'"],
    ),
    stack_silent("a silent cloud", stated(instance())),
    stack_passes(
        "a disk of a plain image is attached",
        thing(kinds.VOLUME, "v", {"imageId": "plain"}),
        thing(kinds.ATTACHED_DISK, "a", {"volumeId": ref("v")}),
        cloud=CLOUD,
    ),
    stack_fails(
        "a disk of a full-ECS image is attached",
        thing(kinds.VOLUME, "v", {"imageId": "full"}),
        thing(kinds.ATTACHED_DISK, "a", {"volumeId": ref("v")}),
        cloud=CLOUD,
        at=["volumeId"],
    ),
    stack_fails("a native server", stated(native(imageRef="full")), cloud=CLOUD, at=["imageRef"]),
    stack_fails(
        "a native data disk",
        stated(native(disks=[{"name": "d", "source_type": "image", "uuid": "full"}])),
        cloud=CLOUD,
        at=["disks[0].uuid"],
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_no_full_image(case: StackCase) -> None:
    judge_stack(RULE, case)
