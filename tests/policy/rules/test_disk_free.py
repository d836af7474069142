from __future__ import annotations

from typing import Any

import pytest

from policy.facts import kinds
from policy.facts.facts import Phase
from policy.facts.previous import Kept
from policy.native import NATIVE
from policy.rules.disk_free import RULE
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
    {
        "volume": {
            "free": {"attachments": []},
            "taken": {"attachments": [{"server_id": "s-9"}]},
            "shared": {"multiattach": True, "attachments": [{"server_id": "s-9"}]},
        }
    }
)
PATH = "server.block_device_mapping_v2[0].uuid"
V = thing(kinds.VOLUME, "v", {"size": 10})


def documented(uuid: object, name: str = "web", **more: Any) -> Stated:
    return stated(body(block_device_mapping_v2=[{"source_type": "volume", "uuid": uuid}]), name=name, **more)


def raw(uuid: object, name: str = "web", **more: Any) -> Stated:
    return stated(instance(blockDevices=[{"sourceType": "volume", "uuid": uuid}]), name=name, **more)


def own(uuid: object, name: str = "web", **more: Any) -> Stated:
    disk = {"name": "data", "source_type": "volume", "uuid": uuid, "delete_on_termination": False}
    return stated(native(disks=[disk]), name=name, **more)


def has(uuid: str) -> list[Kept]:
    return [kept(NATIVE, "web", "s-1", outputs={"disks": [{"name": "data", "source_type": "volume", "uuid": uuid}]})]


CASES = [
    stack_passes("it is free", documented("free"), cloud=CLOUD),
    stack_passes("it may be shared", documented("shared"), raw("shared", "other"), cloud=CLOUD),
    stack_passes("a disk that the cloud does not have", raw("none"), cloud=CLOUD),
    stack_passes("one of this stack that one ECS has", raw(ref("v")), V),
    stack_passes("an ECS that exists has it", raw("taken", id="s-9"), cloud=CLOUD),
    stack_passes(
        "the ECS that has it is replaced", raw("taken"), cloud=CLOUD, before=[kept(kinds.SERVER, "web", "s-9")]
    ),
    stack_passes("no disk but an image", stated(body(block_device_mapping_v2=[{"source_type": "image", "uuid": "i"}]))),
    stack_fails("another ECS has it", documented("taken"), cloud=CLOUD, at=[PATH]),
    stack_fails("another ECS has it, raw", raw("taken"), cloud=CLOUD, at=["blockDevices[0].uuid"]),
    stack_fails(
        "while the cloud is changed", raw("taken"), during=Phase.UPDATE, cloud=CLOUD, at=["blockDevices[0].uuid"]
    ),
    stack_fails("two new ECSs name it", documented("free"), documented("free", "b"), cloud=CLOUD, at=[PATH, PATH]),
    stack_fails(
        "two ECSs name one of this stack",
        raw(ref("v")),
        documented(ref("v"), "b"),
        V,
        at=["blockDevices[0].uuid", PATH],
    ),
    stack_undetermined("a disk from elsewhere", documented(UNKNOWN), at=[PATH]),
    stack_silent("a silent cloud", raw("taken")),
    stack_silent(
        "a state that cannot be read", raw("taken"), cloud=CLOUD, before="it is locked", because="it is locked"
    ),
    stack_passes("a free disk is attached", thing(kinds.ATTACHED_DISK, "a", {"volumeId": "free"}), cloud=CLOUD),
    stack_passes(
        "an attachment that exists", thing(kinds.ATTACHED_DISK, "a", {"volumeId": "taken"}, id="s/v"), cloud=CLOUD
    ),
    stack_fails(
        "a taken disk is attached", thing(kinds.ATTACHED_DISK, "a", {"volumeId": "taken"}), cloud=CLOUD, at=["volumeId"]
    ),
    stack_fails(
        "one of this stack is attached and named",
        raw(ref("v")),
        V,
        thing(kinds.ATTACHED_DISK, "a", {"volumeId": ref("v")}),
        at=["blockDevices[0].uuid", "volumeId"],
    ),
    stack_undetermined(
        "an attached disk from elsewhere", thing(kinds.ATTACHED_DISK, "a", {"volumeId": UNKNOWN}), at=["volumeId"]
    ),
    stack_passes(
        "an image of the same id is no disk",
        stated(body(block_device_mapping_v2=[{"source_type": "image", "uuid": "free"}]), name="image"),
        raw("free"),
        cloud=CLOUD,
    ),
    stack_passes("it is free, native", own("free"), cloud=CLOUD),
    stack_passes("the native server has it by its state", own("taken", id="s-1"), cloud=CLOUD, before=has("taken")),
    stack_passes("the native server has it in the cloud", own("taken", id="s-9"), cloud=CLOUD),
    stack_fails("another ECS has it, native", own("taken"), cloud=CLOUD, at=["disks[0].uuid"]),
    stack_fails(
        "a native server gets one in place that another ECS has",
        own("taken", id="s-1"),
        cloud=CLOUD,
        before=has("other"),
        at=["disks[0].uuid"],
    ),
    stack_fails(
        "a boot disk that another ECS has",
        stated(native(imageRef=ABSENT, boot={"source_type": "volume", "uuid": "taken"})),
        cloud=CLOUD,
        at=["boot.uuid"],
    ),
    stack_fails("a data disk of a component", documented("taken"), own("taken", parent="web"), cloud=CLOUD, at=[PATH]),
    stack_fails(
        "two native servers name one of this stack", own(ref("v")), own(ref("v"), "b"), V, at=["disks[0].uuid"] * 2
    ),
    stack_undetermined("a disk from elsewhere, native", own(UNKNOWN), at=["disks[0].uuid"]),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_disk_free(case: StackCase) -> None:
    judge_stack(RULE, case)
