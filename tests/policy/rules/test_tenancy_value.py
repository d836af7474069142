from __future__ import annotations

import pytest

from policy.rules.tenancy_value import RULE
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


def extra(**hints: object) -> Resource:
    return instance(schedulerHints=[{"additionalProperties": hints}])


CASES = [
    passes("none", body()),
    passes("shared", body(hints={"tenancy": "shared"})),
    passes("dedicated", extra(tenancy="dedicated")),
    fails("another", body(hints={"tenancy": "private"}), "os:scheduler_hints.tenancy"),
    fails("an empty one", body(hints={"tenancy": ""}), "os:scheduler_hints.tenancy"),
    fails("another on a raw instance", extra(tenancy="default"), "schedulerHints[0].additionalProperties.tenancy"),
    undetermined("not known yet", body(hints={"tenancy": UNKNOWN}), "os:scheduler_hints.tenancy"),
    undetermined(
        "additional properties may hold one",
        instance(schedulerHints=[{"additionalProperties": UNKNOWN}]),
        "schedulerHints[0].additionalProperties",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_tenancy_value(case: Case) -> None:
    judge(RULE, case)
