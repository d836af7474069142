from __future__ import annotations

import pytest

from policy.facts import kinds
from policy.facts.facts import Phase
from policy.rules.disk_zone import RULE
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
        "volume": {"here": {"availability_zone": "az1-dc1"}, "there": {"availability_zone": "az2-dc1"}},
        "snapshot": {"of-there": {"volume_id": "there"}},
        "server": {"s-1": {"OS-EXT-AZ:availability_zone": "az1-dc1"}},
    }
)
ATTACH = "openstack:compute/volumeAttach:VolumeAttach"
PATH = "server.block_device_mapping_v2[0].uuid"
THERE = thing(kinds.VOLUME, "v", {"availabilityZone": "az2-dc1", "size": 10})


def documented(uuid: object, source: str = "volume", **server: object) -> Stated:
    return stated(body(block_device_mapping_v2=[{"source_type": source, "uuid": uuid}], **server))


def raw(uuid: object, **server: object) -> Stated:
    return stated(instance(blockDevices=[{"sourceType": "volume", "uuid": uuid}], **server))


def attach(server: object, volume: object) -> Stated:
    return thing(ATTACH, "attach", {"instanceId": server, "volumeId": volume})


CASES = [
    stack_passes("the same zone", documented("here"), attach("s-1", "here"), cloud=CLOUD),
    stack_passes("a disk that the cloud does not have", raw("none"), cloud=CLOUD),
    stack_passes("no zone is stated", raw("there", availabilityZone=ABSENT), cloud=CLOUD),
    stack_fails("another zone", documented("there"), cloud=CLOUD, at=[PATH]),
    stack_fails("a snapshot of a disk there", documented("of-there", "snapshot"), cloud=CLOUD, at=[PATH]),
    stack_fails("a disk of this stack there", raw(ref("v")), THERE, at=["blockDevices[0].uuid"]),
    stack_fails("attached later", stated(instance()), THERE, attach(ref("web"), ref("v")), at=["volumeId"]),
    stack_fails("attached to an ECS of the cloud", attach("s-1", "there"), cloud=CLOUD, at=["volumeId"]),
    stack_fails(
        "while the cloud is changed", raw("there"), during=Phase.UPDATE, cloud=CLOUD, at=["blockDevices[0].uuid"]
    ),
    stack_undetermined("a disk from elsewhere", documented(UNKNOWN), at=[PATH]),
    stack_undetermined(
        "a zone from elsewhere", raw("here", availabilityZone=UNKNOWN), cloud=CLOUD, at=["availabilityZone"]
    ),
    stack_undetermined(
        "a disk whose zone the cloud chooses",
        raw(ref("v")),
        thing(kinds.VOLUME, "v", {"size": 10}),
        at=["availabilityZone of disk 'v'"],
    ),
    stack_silent("a silent cloud", documented("there")),
    stack_passes(
        "a disk is made where its snapshot is",
        thing(kinds.VOLUME, "v", {"snapshotId": "of-there", "availabilityZone": "az2-dc1"}),
        cloud=CLOUD,
    ),
    stack_passes("a blank disk is made", thing(kinds.VOLUME, "v", {"availabilityZone": "az2-dc1"})),
    stack_fails(
        "a disk is made of a snapshot elsewhere",
        thing(kinds.VOLUME, "v", {"snapshotId": "of-there", "availabilityZone": "az1-dc1"}),
        cloud=CLOUD,
        at=["snapshotId"],
    ),
    stack_undetermined(
        "the zone of such a disk is not known yet",
        thing(kinds.VOLUME, "v", {"snapshotId": "of-there", "availabilityZone": UNKNOWN}),
        cloud=CLOUD,
        at=["availabilityZone"],
    ),
    stack_fails(
        "a data disk of a native server",
        stated(native(disks=[{"name": "d", "source_type": "volume", "uuid": "there"}])),
        cloud=CLOUD,
        at=["disks[0].uuid"],
    ),
    stack_fails(
        "the second disk of a component is the first data disk of what it makes",
        documented("there"),
        stated(
            native(
                imageRef=ABSENT,
                boot={"source_type": "volume", "uuid": "here"},
                disks=[{"name": "d", "source_type": "volume", "uuid": "there"}],
            ),
            parent="web",
        ),
        cloud=CLOUD,
        at=["server.block_device_mapping_v2[1].uuid"],
    ),
    stack_fails("attached to a native server", stated(native()), THERE, attach(ref("web"), ref("v")), at=["volumeId"]),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_disk_zone(case: StackCase) -> None:
    judge_stack(RULE, case)
