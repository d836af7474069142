from __future__ import annotations

from typing import Any

import pytest

from policy.facts import kinds
from policy.facts.facts import Phase
from policy.facts.previous import Kept
from policy.native import NATIVE
from policy.rules.no_delete_with_snapshots import RULE
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
    stack_fails,
    stack_passes,
    stack_silent,
    stack_undetermined,
    stated,
    thing,
)

CLOUD = cloud({"volume": {"v-1": {}}, "snapshot": {"nightly": {"volume_id": "v-1"}, "other": {"volume_id": "v-2"}}})
BEFORE = [kept(kinds.VOLUME, "data", "v-1"), kept(kinds.SERVER, "web", "s-1")]


def data(name: str, *, lasting: bool = False, **more: object) -> dict[str, object]:
    return {"name": name, "source_type": "blank", "delete_on_termination": not lasting, **more}


def own(*disks: dict[str, object], volume: str = "data", made: bool = True, **more: Any) -> list[Kept]:
    """A native server in the state that has the disk with a snapshot."""
    volumes = [{"name": volume, "id": "v-1", "made": made}]
    return [kept(NATIVE, "web", "s-1", outputs={"disks": list(disks), "volumes": volumes, **more})]


BOOT = {"source_type": "image", "uuid": "i", "delete_on_termination": True}
WEB = "web.disks[data]"

CASES = [
    stack_passes("it stays", thing(kinds.VOLUME, "data", {"size": 10}, id="v-1"), cloud=CLOUD, before=BEFORE),
    stack_passes("it goes and has none", cloud=CLOUD, before=[kept(kinds.VOLUME, "data", "v-3")]),
    stack_passes("it stays in the cloud", cloud=CLOUD, before=[kept(kinds.VOLUME, "data", "v-1", retained=True)]),
    stack_passes("while the cloud is changed", cloud=CLOUD, before=BEFORE, during=Phase.UPDATE),
    stack_passes("a state is read", cloud=CLOUD, before=BEFORE, during=Phase.STATE),
    stack_fails("it goes", stated(instance(), id="s-1"), cloud=CLOUD, before=BEFORE, at=["data"]),
    stack_fails("it goes beside a documented server", stated(body()), cloud=CLOUD, before=BEFORE, at=["data"]),
    stack_fails("it is replaced", thing(kinds.VOLUME, "data", {"size": 10}), cloud=CLOUD, before=BEFORE, at=["data"]),
    stack_silent("a silent cloud", before=BEFORE),
    stack_silent("a state that cannot be read", cloud=CLOUD, before="it is locked", because="it is locked"),
    stack_passes(
        "a native server keeps it",
        stated(native(disks=[data("data")]), id="s-1"),
        cloud=CLOUD,
        before=own(data("data")),
    ),
    stack_fails("a native server goes", cloud=CLOUD, before=own(data("data")), at=[WEB]),
    stack_passes("its disk outlives it", cloud=CLOUD, before=own(data("data", lasting=True))),
    stack_passes("a disk that it did not make", cloud=CLOUD, before=own(data("data"), made=False)),
    stack_fails(
        "it goes out of a native server", stated(native(), id="s-1"), cloud=CLOUD, before=own(data("data")), at=[WEB]
    ),
    stack_fails(
        "another disk of its name",
        stated(native(disks=[data("data", volume_type="SSD")]), id="s-1"),
        cloud=CLOUD,
        before=own(data("data", volume_type="SAS")),
        at=[WEB],
    ),
    stack_passes(
        "a native server that is replaced hands it on",
        stated(native(disks=[data("data")])),
        cloud=CLOUD,
        before=own(data("data")),
    ),
    stack_fails("a replaced one drops it", stated(native()), cloud=CLOUD, before=own(data("data")), at=[WEB]),
    stack_fails(
        "the boot disk of a replaced one",
        stated(native(imageRef=ABSENT, boot=BOOT)),
        cloud=CLOUD,
        before=own(volume="boot", boot=BOOT),
        at=["web.boot"],
    ),
    stack_passes(
        "the boot disk of one that stays",
        stated(native(imageRef=ABSENT, boot=BOOT), id="s-1"),
        cloud=CLOUD,
        before=own(volume="boot", boot=BOOT),
    ),
    stack_passes(
        "a boot disk that outlives its ECS",
        cloud=CLOUD,
        before=own(volume="boot", boot={**BOOT, "delete_on_termination": False}),
    ),
    stack_undetermined(
        "disks from elsewhere",
        stated(native(disks=UNKNOWN), id="s-1"),
        cloud=CLOUD,
        before=own(data("data")),
        at=["disks of 'web'"],
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_no_delete_with_snapshots(case: StackCase) -> None:
    judge_stack(RULE, case)
