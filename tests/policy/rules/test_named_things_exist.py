from __future__ import annotations

import pytest

from policy.facts import kinds
from policy.facts.facts import Phase
from policy.forms import BATCH
from policy.native import NATIVE
from policy.rules.named_things_exist import RULE
from policy.testing import (
    ABSENT,
    UNKNOWN,
    StackCase,
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
from policy.testing.requests import IMAGE, NETWORK

GROUP_ID = "0b4bc5a5-5a3b-4f6e-9d9b-5d5f0f8f1a11"
NOTHING = {
    "flavor": {"s3.large.2": None},
    "image": {IMAGE: None},
    "network": {NETWORK: None},
    "key_pair": {"ops": None},
}
OWN = [
    thing(kinds.FLAVOR, "f", {}),
    thing(kinds.IMAGE, "i", {}),
    thing(kinds.KEY_PAIR, "k", {"name": "ours"}),
    thing(kinds.NETWORK, "n", {}),
    thing(kinds.PORT, "p", {"networkId": ref("n")}),
    thing(kinds.VOLUME, "v", {"size": 10}),
    thing(kinds.GROUP, "g", {"policies": ["anti-affinity"]}),
]
DISKS = [{"source_type": kind, "uuid": f"no-{kind}"} for kind in ("image", "volume", "snapshot", "blank")]

HAS = [
    kept(
        NATIVE,
        "web",
        "s-1",
        outputs={"flavorRef": "s3.large.2", "imageRef": IMAGE, "key_name": "ops", "networks": [{"uuid": NETWORK}]},
    )
]

CASES = [
    stack_passes("all is in the cloud", stated(body()), stated(instance(), name="raw")),
    stack_passes(
        "all is of this stack",
        *OWN,
        stated(
            body(
                {"group": ref("g")},
                flavorRef=ref("f"),
                imageRef=ref("i"),
                key_name="ours",
                networks=[{"port": ref("p")}, {"uuid": ref("n")}],
                block_device_mapping_v2=[{"source_type": "volume", "uuid": ref("v")}],
            )
        ),
        cloud=cloud(NOTHING),
    ),
    stack_passes("an ECS that exists", stated(instance(), id="s-1"), cloud=cloud(NOTHING)),
    stack_passes("a group that is no UUID is another rule's", stated(body({"group": "mine"}))),
    stack_fails(
        "nothing is in the cloud",
        stated(body({"group": GROUP_ID})),
        cloud=cloud(NOTHING),
        at=[
            *["server.flavorRef", "server.imageRef", "server.key_name", "server.networks[0].uuid"],
            "os:scheduler_hints.group",
        ],
    ),
    stack_fails(
        "names that nothing has",
        stated(instance(flavorId=ABSENT, flavorName="big", networks=[{"name": "lan"}], imageId=ABSENT, imageName="os")),
        at=["flavorName", "networks[0].name", "imageName"],
    ),
    stack_fails(
        "ports and disks of a batch",
        stated(body(type=BATCH, networks=[{"port": "no-port", "uuid": "no"}], block_device_mapping_v2=DISKS)),
        at=["server.networks[0].port", *[f"server.block_device_mapping_v2[{place}].uuid" for place in range(3)]],
    ),
    stack_fails("while the cloud is changed", stated(instance(imageId="none")), during=Phase.UPDATE, at=["imageId"]),
    stack_passes(
        "while an ECS of this name is changed",
        stated(instance(imageId="none")),
        during=Phase.UPDATE,
        before=[kept(kinds.SERVER, "web", "s-1")],
    ),
    stack_undetermined(
        "a flavor and a disk from elsewhere",
        stated(instance(flavorId=UNKNOWN, blockDevices=[{"sourceType": "volume", "uuid": UNKNOWN}])),
        at=["flavorId", "blockDevices[0].uuid"],
    ),
    stack_silent("a silent cloud", stated(body()), stated(instance(), name="raw")),
    stack_passes(
        "a port on a network of this stack",
        thing(kinds.NETWORK, "lan", {}),
        thing(kinds.PORT, "p", {"networkId": ref("lan")}),
    ),
    stack_fails(
        "ports, disks and attachments name nothing",
        thing(kinds.PORT, "p", {"networkId": "none"}),
        thing(kinds.VOLUME, "i", {"imageId": "none"}),
        thing(kinds.VOLUME, "s", {"snapshotId": "none"}),
        thing(kinds.ATTACHED_DISK, "d", {"volumeId": "none"}),
        thing(kinds.ATTACHED_NIC, "n", {"portId": "none"}),
        cloud=cloud({word: {"none": None} for word in ("network", "image", "snapshot", "volume", "port")}),
        at=["networkId", "imageId", "snapshotId", "volumeId", "portId"],
    ),
    stack_passes(
        "a disk that exists",
        thing(kinds.VOLUME, "i", {"imageId": "none"}, id="v-1"),
        cloud=cloud({"image": {"none": None}}),
    ),
    stack_undetermined(
        "a port on a network from elsewhere", thing(kinds.PORT, "p", {"networkId": UNKNOWN}), at=["networkId"]
    ),
    stack_passes("a native server that exists", stated(native(), id="s-1"), cloud=cloud(NOTHING), before=HAS),
    stack_passes("a state is read", stated(native(), id="s-1"), cloud=cloud(NOTHING), during=Phase.STATE),
    stack_fails(
        "a native server with nothing",
        stated(
            native(
                imageRef=ABSENT,
                boot={"source_type": "image", "uuid": "none"},
                disks=[{"name": "d", "source_type": "snapshot", "uuid": "none"}],
                scheduler_hints={"group": GROUP_ID},
            )
        ),
        cloud=cloud(NOTHING),
        at=["flavorRef", "key_name", "networks[0].uuid", "boot.uuid", "disks[0].uuid", "scheduler_hints.group"],
    ),
    stack_fails(
        "a native server gets what is not there",
        stated(
            native(
                flavorRef="none",
                networks=[{"uuid": NETWORK}, {"uuid": "none"}],
                disks=[{"name": "d", "source_type": "volume", "uuid": "none"}],
            ),
            id="s-1",
        ),
        cloud=cloud(NOTHING),
        before=HAS,
        at=["flavorRef", "networks[1].uuid", "disks[0].uuid"],
    ),
    stack_silent(
        "a native server whose state cannot be read",
        stated(native(), id="s-1"),
        before="it is locked",
        because="it is locked",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_named_things_exist(case: StackCase) -> None:
    judge_stack(RULE, case)
