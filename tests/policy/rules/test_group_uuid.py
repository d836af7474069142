from __future__ import annotations

import pytest

from policy.rules.group_uuid import RULE
from policy.testing import (
    UNKNOWN,
    Case,
    Resource,
    body,
    fails,
    instance,
    judge,
    passes,
    undetermined,
)

GROUP = "7b9f1d0c-2c41-4a6e-9d0b-0f5f2b3d8a11"


def extra(**hints: object) -> Resource:
    return instance(schedulerHints=[{"additionalProperties": hints}])


CASES = [
    passes("no hints", body()),
    passes("a UUID", body(hints={"group": GROUP})),
    passes("a UUID on a raw instance", instance(schedulerHints=[{"group": GROUP}])),
    passes("capitals are a UUID too", body(hints={"group": GROUP.upper()})),
    passes("a raw instance does not send an empty one", instance(schedulerHints=[{"group": ""}])),
    fails("an empty one", body(hints={"group": ""}), "os:scheduler_hints.group"),
    fails("a name", body(hints={"group": "web"}), "os:scheduler_hints.group"),
    fails("a name on a raw instance", instance(schedulerHints=[{"group": "web"}]), "schedulerHints[0].group"),
    fails("through additional properties", extra(group="web"), "schedulerHints[0].additionalProperties.group"),
    fails(
        "a raw instance refuses capitals",
        instance(schedulerHints=[{"group": GROUP.upper()}]),
        "schedulerHints[0].group",
    ),
    fails("a second block is never sent", instance(schedulerHints=[{}, {"group": GROUP}]), "schedulerHints[1]"),
    undetermined("a group of the same preview", body(hints={"group": UNKNOWN}), "os:scheduler_hints.group"),
    undetermined("hints that are not known yet", body(hints=UNKNOWN), "os:scheduler_hints"),
    undetermined("raw hints that are not known yet", instance(schedulerHints=UNKNOWN), "schedulerHints"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_group_uuid(case: Case) -> None:
    judge(RULE, case)
