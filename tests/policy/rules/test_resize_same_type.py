from __future__ import annotations

import pytest

from policy.facts import kinds
from policy.facts.facts import Phase
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
        stated(instance(), parent="web", id="s-1"),
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
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_resize_same_type(case: StackCase) -> None:
    judge_stack(RULE, case)
