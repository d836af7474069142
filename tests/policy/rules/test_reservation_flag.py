from __future__ import annotations

import pytest

from policy.rules.reservation_flag import RULE
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
    passes("true", body(return_reservation_id=True)),
    passes("quoted, as the document does", body(return_reservation_id="true")),
    passes("a raw instance cannot say it", instance()),
    fails("a word", body(return_reservation_id="please"), "server.return_reservation_id"),
    fails("a number", body(return_reservation_id=1), "server.return_reservation_id"),
    undetermined("not known yet", body(return_reservation_id=UNKNOWN), "server.return_reservation_id"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_reservation_flag(case: Case) -> None:
    judge(RULE, case)
