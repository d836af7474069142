from __future__ import annotations

import pytest

from policy.facts import kinds
from policy.forms import BATCH
from policy.rules.no_hints_on_bms import RULE
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

CLOUD = cloud({"flavor": {"physical.o2": {"extra_specs": {"resource_type": "ironic"}}}})
HINTS = {"tenancy": "shared"}
RAW = [{"group": "g-1"}]

CASES = [
    stack_passes("an ECS with hints", stated(body(HINTS)), cloud=CLOUD),
    stack_passes("a BMS without hints", stated(body({}, flavorRef="physical.o2")), cloud=CLOUD),
    stack_passes("a raw one", stated(instance(flavorId="physical.o2")), cloud=CLOUD),
    stack_passes("a flavor that the cloud does not have", stated(body(HINTS, flavorRef="none"))),
    stack_fails("by id", stated(body(HINTS, flavorRef="physical.o2")), cloud=CLOUD, at=["os:scheduler_hints"]),
    stack_fails(
        "by name",
        stated(instance(flavorId=ABSENT, flavorName="physical.o2", schedulerHints=RAW)),
        cloud=CLOUD,
        at=["schedulerHints[0]"],
    ),
    stack_fails(
        "a flavor of this stack",
        stated(body({"group": UNKNOWN}, type=BATCH, flavorRef=ref("f"))),
        thing(kinds.FLAVOR, "f", {"extraSpecs": {"capabilities:hypervisor_type": "ironic"}}),
        at=["os:scheduler_hints"],
    ),
    stack_fails(
        "by way of a component of ours",
        stated(body({"group": "g-1"}, flavorRef="physical.o2")),
        stated(native(flavorRef="physical.o2", scheduler_hints={"group": "g-1"}), parent="web"),
        cloud=CLOUD,
        at=["os:scheduler_hints"],
    ),
    stack_undetermined("a flavor from elsewhere", stated(body(HINTS, flavorRef=UNKNOWN)), at=["server.flavorRef"]),
    stack_undetermined(
        "hints from elsewhere", stated(body(UNKNOWN, flavorRef="physical.o2")), cloud=CLOUD, at=["os:scheduler_hints"]
    ),
    stack_silent("a silent cloud", stated(body(HINTS))),
    stack_fails(
        "a native server",
        stated(native(flavorRef="physical.o2", scheduler_hints=HINTS)),
        cloud=CLOUD,
        at=["scheduler_hints"],
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_no_hints_on_bms(case: StackCase) -> None:
    judge_stack(RULE, case)
