from __future__ import annotations

import pytest

from policy.rules.batch_counts import RULE
from policy.testing import (
    UNKNOWN,
    Case,
    body,
    fails,
    instance,
    judge,
    mixed,
    passes,
    undetermined,
)

CASES = [
    passes("none", body()),
    passes("both", body(min_count="2", max_count="3")),
    passes("the maximum defaults to the minimum", body(min_count=2)),
    passes("a raw instance cannot say it", instance()),
    fails("0", body(min_count=0), "server.min_count"),
    fails("a word", body(max_count="two"), "server.max_count"),
    fails("half", body(min_count=1, max_count=2.5), "server.max_count"),
    fails("a maximum below the minimum", body(min_count=3, max_count=2), "server.max_count"),
    undetermined("not known yet", body(min_count=UNKNOWN), "server.min_count"),
    mixed(
        "one that is not known yet hides no other",
        body(min_count=UNKNOWN, max_count=0),
        failing=("server.max_count",),
        unknown=("server.min_count",),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_batch_counts(case: Case) -> None:
    judge(RULE, case)
