from __future__ import annotations

import pytest

from policy.rules.dedicated_host_needs_tenancy import RULE
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
    passes("none", body(hints={"tenancy": "shared"})),
    passes("a DeH", body(hints={"tenancy": "dedicated", "dedicated_host_id": "h-1"})),
    passes("a DeH of the same preview", extra(tenancy="dedicated", dedicated_host_id=UNKNOWN)),
    fails(
        "a DeH in the shared pool",
        body(hints={"tenancy": "shared", "dedicated_host_id": "h-1"}),
        "os:scheduler_hints.dedicated_host_id",
    ),
    fails(
        "the shared pool is the default",
        extra(dedicated_host_id="h-1"),
        "schedulerHints[0].additionalProperties.dedicated_host_id",
    ),
    undetermined(
        "a tenancy that is not known yet",
        body(hints={"tenancy": UNKNOWN, "dedicated_host_id": "h-1"}),
        "os:scheduler_hints.tenancy",
    ),
    undetermined(
        "a DeH that may be none",
        body(hints={"dedicated_host_id": UNKNOWN}),
        "os:scheduler_hints.dedicated_host_id",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_dedicated_host_needs_tenancy(case: Case) -> None:
    judge(RULE, case)
