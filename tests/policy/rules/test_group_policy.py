from __future__ import annotations

from typing import Any

import pytest

from policy.facts import kinds
from policy.forms import BATCH
from policy.rules.group_policy import RULE
from policy.testing import (
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

APART, CLOSE, NEW = (f"0b4bc5a5-5a3b-4f6e-9d9b-5d5f0f8f1a1{place}" for place in range(3))
CLOUD = cloud(
    {"group": {APART: {"policies": ["anti-affinity"]}, CLOSE: {"policies": ["affinity"]}, NEW: {"policy": "affinity"}}}
)
G = thing(kinds.GROUP, "g", {"policies": "affinity"})


def raw(group: object, **more: Any) -> Stated:
    return stated(instance(schedulerHints=[{"group": group}]), **more)


PATH = "os:scheduler_hints.group"

CASES = [
    stack_passes("no group", stated(body()), stated(instance(), name="raw")),
    stack_passes("apart", stated(body({"group": APART})), cloud=CLOUD),
    stack_passes("a group that the cloud does not have", raw(APART)),
    stack_passes("apart in this stack", raw(ref("g")), thing(kinds.GROUP, "g", {"policies": "anti-affinity"})),
    stack_fails("together", stated(body({"group": CLOSE})), cloud=CLOUD, at=[PATH]),
    stack_fails("together, raw", raw(CLOSE), cloud=CLOUD, at=["schedulerHints[0].group"]),
    stack_fails("an ECS that exists", raw(CLOSE, id="s-1"), cloud=CLOUD, at=["schedulerHints[0].group"]),
    stack_fails("as newer clouds show it", stated(body({"group": NEW}, type=BATCH)), cloud=CLOUD, at=[PATH]),
    stack_fails("together in this stack", stated(body({"group": ref("g")})), G, at=[PATH]),
    stack_undetermined("a group from elsewhere", stated(body({"group": UNKNOWN})), at=[PATH]),
    stack_undetermined(
        "a policy that is not known yet",
        raw(ref("g")),
        thing(kinds.GROUP, "g", {"policies": UNKNOWN}),
        at=["policies of server group 'g'"],
    ),
    stack_silent("a silent cloud", raw(CLOSE)),
    stack_fails(
        "a native server", stated(native(scheduler_hints={"group": ref("g")})), G, at=["scheduler_hints.group"]
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_group_policy(case: StackCase) -> None:
    judge_stack(RULE, case)
