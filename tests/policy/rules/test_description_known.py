from __future__ import annotations

import pytest

from policy.forms import BATCH
from policy.rules.description_known import RULE
from policy.testing import (
    UNKNOWN,
    StackCase,
    body,
    cloud,
    instance,
    judge_stack,
    native,
    native_batch,
    stack_fails,
    stack_passes,
    stack_silent,
    stack_undetermined,
    stated,
)

OLD, FIRST = cloud(newest=(2, 18)), cloud(newest=(2, 19))
SHOP = {"description": "the shop"}

CASES = [
    stack_passes("none", stated(native()), cloud=OLD),
    stack_passes("the empty default", stated(native(description="")), cloud=OLD),
    stack_passes("a raw instance cannot say it", stated(instance(description="the shop")), cloud=OLD),
    stack_passes("the first cloud that knows it", stated(native(**SHOP)), cloud=FIRST),
    stack_passes("a cloud that tells no microversion", stated(native(**SHOP)), cloud=cloud(newest=())),
    stack_fails("an old cloud", stated(native(**SHOP)), cloud=OLD, at=["description"]),
    stack_fails(
        "an old cloud without any", stated(native_batch(**SHOP)), cloud=cloud(newest=(0, 0)), at=["description"]
    ),
    stack_undetermined(
        "one from elsewhere may be empty", stated(native(description=UNKNOWN)), cloud=OLD, at=["description"]
    ),
    stack_fails(
        "by way of a component of ours",
        stated(body(**SHOP)),
        stated(native(**SHOP), parent="web"),
        cloud=OLD,
        at=["server.description"],
    ),
    stack_fails(
        "a batch of a component",
        stated(body(type=BATCH, **SHOP)),
        stated(native_batch(**SHOP), parent="web"),
        cloud=OLD,
        at=["server.description"],
    ),
    stack_silent("a silent cloud", stated(native(**SHOP))),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_description_known(case: StackCase) -> None:
    judge_stack(RULE, case)
