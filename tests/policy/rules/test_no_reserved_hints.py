from __future__ import annotations

import pytest

from policy.rules.no_reserved_hints import RULE
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
    passes("no hints", body()),
    passes("empty ones are none", body(hints={"different_host": [], "cidr": ""})),
    fails("different_host", body(hints={"different_host": ["s-1"]}), "os:scheduler_hints.different_host"),
    fails("cidr", body(hints={"cidr": "/24"}), "os:scheduler_hints.cidr"),
    fails(
        "two on a raw instance",
        instance(schedulerHints=[{"sameHosts": ["s-1"], "buildNearHostIp": "10.0.0.0/24"}]),
        "schedulerHints[0].sameHosts",
        "schedulerHints[0].buildNearHostIp",
    ),
    fails("through additional properties", extra(same_host="s-1"), "schedulerHints[0].additionalProperties.same_host"),
    undetermined("not known yet", body(hints={"same_host": UNKNOWN}), "os:scheduler_hints.same_host"),
    undetermined(
        "additional properties may hold one",
        instance(schedulerHints=[{"additionalProperties": UNKNOWN}]),
        "schedulerHints[0].additionalProperties",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_no_reserved_hints(case: Case) -> None:
    judge(RULE, case)
