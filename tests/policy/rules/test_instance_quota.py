from __future__ import annotations

import pytest

from policy.facts import kinds
from policy.forms import BATCH
from policy.native import NATIVE_BATCH
from policy.rules.instance_quota import RULE
from policy.testing import (
    UNKNOWN,
    StackCase,
    body,
    cloud,
    instance,
    judge_stack,
    kept,
    native,
    native_batch,
    ref,
    stack_fails,
    stack_passes,
    stack_silent,
    stack_undetermined,
    stated,
    thing,
)

QUOTA = {"maxTotalInstances": 10, "totalInstancesUsed": 8, "maxTotalCores": 40, "totalCoresUsed": 0}
CLOUD = cloud(limits=QUOTA)
BIG = thing(kinds.FLAVOR, "big", {"vcpus": 41, "ram": 1024})
THREE = [stated(instance(), name=f"web-{place}") for place in range(3)]

CASES = [
    stack_passes("it fits", stated(instance()), cloud=CLOUD),
    stack_passes("no limit", *THREE, cloud=cloud(limits={**QUOTA, "maxTotalInstances": -1})),
    stack_passes("a cloud that shows no quota", *THREE),
    stack_passes(
        "two exist", *[stated(instance(), name=f"web-{i}", id=f"s-{i}") for i in (0, 1)], *THREE[2:], cloud=CLOUD
    ),
    stack_passes("one is replaced", *THREE, before=[kept(kinds.SERVER, "web-0", "s-0")], cloud=CLOUD),
    stack_passes("each cloud for itself", *THREE[:2], stated(instance(), provider="west"), cloud=CLOUD),
    stack_passes("a flavor that the cloud does not have", stated(instance(flavorId="none")), cloud=CLOUD),
    stack_fails("three instances", *THREE, cloud=CLOUD, at=["stack"]),
    stack_fails("a documented batch", stated(body(type=BATCH, max_count=3)), cloud=CLOUD, at=["stack"]),
    stack_fails(
        "a component counts as what it makes",
        stated(body()),
        stated(native(), parent="web"),
        *THREE[:2],
        cloud=CLOUD,
        at=["stack"],
    ),
    stack_fails(
        "the cores of a flavor of this stack", stated(instance(flavorId=ref("big"))), BIG, cloud=CLOUD, at=["stack"]
    ),
    stack_fails(
        "memory", stated(body()), cloud=cloud(limits={"maxTotalRAMSize": 4095, "totalRAMUsed": 0}), at=["stack"]
    ),
    stack_undetermined("a count from elsewhere", stated(body(type=BATCH, max_count=UNKNOWN)), at=["server.max_count"]),
    stack_undetermined("a flavor from elsewhere", stated(instance(flavorId=UNKNOWN)), at=["flavorId"]),
    stack_silent("a silent cloud", *THREE),
    stack_silent("a state that cannot be read", *THREE, cloud=CLOUD, before="it is locked", because="it is locked"),
    stack_fails(
        "the provider that our components share reaches the stack's cloud",
        stated(native(), provider="ecs"),
        *THREE[1:],
        cloud=CLOUD,
        at=["stack"],
    ),
    stack_passes("another provider of ours, another cloud", stated(native(), provider="west"), *THREE[1:], cloud=CLOUD),
    stack_passes("native servers that exist", stated(native(), id="s-1"), *THREE[:2], cloud=CLOUD),
    stack_passes("a native batch counts its largest number", stated(native_batch(max_count=2)), cloud=CLOUD),
    stack_fails("a native batch is too large", stated(native_batch(max_count=3)), cloud=CLOUD, at=["stack"]),
    stack_fails(
        "a native batch of a component",
        stated(body(type=BATCH, max_count=3)),
        stated(native_batch(max_count=3), parent="web"),
        cloud=CLOUD,
        at=["stack"],
    ),
    stack_passes(
        "a batch grows within the quota",
        stated(native_batch(max_count=4), id="r-1"),
        cloud=CLOUD,
        before=[kept(NATIVE_BATCH, "web", "r-1", outputs={"members": [{"id": "a"}, {"id": "b"}]})],
    ),
    stack_fails(
        "a batch grows beyond it",
        stated(native_batch(max_count=5), id="r-1"),
        cloud=CLOUD,
        before=[kept(NATIVE_BATCH, "web", "r-1", outputs={"members": [{"id": "a"}, {"id": "b"}]})],
        at=["stack"],
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_instance_quota(case: StackCase) -> None:
    judge_stack(RULE, case)
