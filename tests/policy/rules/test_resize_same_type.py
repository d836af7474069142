from __future__ import annotations

import pytest

from policy.facts import kinds
from policy.facts.facts import Phase
from policy.native import NATIVE
from policy.rules.resize_same_type import RULE
from policy.testing import (
    ABSENT,
    UNKNOWN,
    FakeCloud,
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


def holding(flavor: dict[str, object]) -> FakeCloud:
    return cloud(
        {
            "flavor": {
                "s3.xlarge.2": {"extra_specs": {"resource_type": "IOoptimized"}},
                "kc1.large": {"extra_specs": {"resource_type": "Kunpeng"}},
            },
            "server": {"s-1": {"name": "web", "flavor": flavor}},
        }
    )


ARM, SMALL = holding({"id": "kc1.large"}), holding({"id": "s3.large.2"})
BY_NAME = holding({"original_name": "kc1.large"})
BEFORE = [kept(kinds.SERVER, "web", "s-1")]
SHOWN = {"flavorId": "s3.large.2", "flavorName": "s3.large.2"}

CASES = [
    stack_passes("a new ECS", stated(instance()), cloud=ARM),
    stack_passes("the same flavor", stated(instance(), id="s-1"), cloud=SMALL),
    stack_passes("the engine shows the same flavor", stated(instance(), id="s-1", shown=SHOWN), cloud=ARM),
    stack_passes("another of the same type", stated(instance(flavorId="s3.xlarge.2"), id="s-1"), cloud=SMALL),
    stack_passes("a flavor that the cloud does not have", stated(instance(flavorId="none"), id="s-1"), cloud=ARM),
    stack_passes("an ECS that the cloud does not have", stated(instance(), id="s-2"), cloud=ARM),
    stack_passes("a documented server alone makes no ECS that exists", stated(body()), cloud=ARM),
    stack_fails("another type", stated(instance(), id="s-1"), cloud=ARM, at=["flavorId"]),
    stack_fails(
        "by name, from a flavor that is shown by name",
        stated(instance(flavorId=ABSENT, flavorName="s3.large.2"), id="s-1"),
        cloud=BY_NAME,
        at=["flavorName"],
    ),
    stack_fails(
        "by way of a component of ours",
        stated(body()),
        stated(native(), parent="web", id="s-1"),
        cloud=ARM,
        at=["server.flavorRef"],
    ),
    stack_fails(
        "while the cloud is changed", stated(instance()), cloud=ARM, during=Phase.UPDATE, before=BEFORE, at=["flavorId"]
    ),
    stack_fails(
        "to a flavor of this stack",
        stated(instance(flavorId=ref("f")), id="s-1"),
        thing(kinds.FLAVOR, "f", {"extraSpecs": {"resource_type": "Kunpeng"}}),
        cloud=SMALL,
        at=["flavorId"],
    ),
    stack_undetermined(
        "a flavor from elsewhere", stated(instance(flavorId=UNKNOWN), id="s-1"), cloud=ARM, at=["flavorId"]
    ),
    stack_silent("a silent cloud", stated(instance(), id="s-1")),
    stack_passes("a new native server", stated(native()), cloud=ARM),
    stack_passes(
        "the state holds the same flavor",
        stated(native(), id="s-1"),
        cloud=ARM,
        before=[kept(NATIVE, "web", "s-1", outputs={"flavorRef": "s3.large.2"})],
    ),
    stack_passes(
        "a native server to another of the same type",
        stated(native(flavorRef="s3.xlarge.2"), id="s-1"),
        cloud=SMALL,
        before=[kept(NATIVE, "web", "s-1", outputs={"flavorRef": "s3.large.2"})],
    ),
    stack_fails(
        "a native server, of which the engine shows the new flavor already",
        stated(native(), id="s-1", shown={"flavorRef": "s3.large.2"}),
        cloud=ARM,
        before=[kept(NATIVE, "web", "s-1", outputs={"flavorRef": "kc1.large"})],
        at=["flavorRef"],
    ),
    stack_fails(
        "a native server while the cloud is changed",
        stated(native()),
        cloud=ARM,
        during=Phase.UPDATE,
        before=[kept(NATIVE, "web", "s-1", outputs={"flavorRef": "kc1.large"})],
        at=["flavorRef"],
    ),
    stack_fails(
        "the cloud tells where the state cannot be read",
        stated(native(), id="s-1"),
        cloud=ARM,
        before="it is locked",
        at=["flavorRef"],
    ),
    stack_passes(
        "a state that is read shows the flavor that is there",
        stated(native(), id="s-1", shown={"flavorRef": "s3.large.2"}),
        cloud=ARM,
        during=Phase.STATE,
    ),
    stack_passes(
        "a batch of another flavor is another batch", stated(native_batch(flavorRef="kc1.large"), id="r-1"), cloud=SMALL
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_resize_same_type(case: StackCase) -> None:
    judge_stack(RULE, case)
