from __future__ import annotations

import pytest

from policy.rules.no_auto_terminate import RULE
from policy.testing import (
    UNKNOWN,
    Case,
    body,
    fails,
    instance,
    judge,
    passes,
    undetermined,
)

CASES = [
    passes("none", body()),
    passes("a raw instance cannot say it", instance()),
    fails("a time", body(auto_terminate_time="2020-09-25T12:05:00Z"), "server.auto_terminate_time"),
    undetermined("not known yet", body(auto_terminate_time=UNKNOWN), "server.auto_terminate_time"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_no_auto_terminate(case: Case) -> None:
    judge(RULE, case)
