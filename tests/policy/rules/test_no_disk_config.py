from __future__ import annotations

import pytest

from policy.rules.no_disk_config import RULE
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
    fails("AUTO", body(**{"OS-DCF:diskConfig": "AUTO"}), "server.OS-DCF:diskConfig"),
    fails("MANUAL", body(**{"OS-DCF:diskConfig": "MANUAL"}), "server.OS-DCF:diskConfig"),
    undetermined("not known yet", body(**{"OS-DCF:diskConfig": UNKNOWN}), "server.OS-DCF:diskConfig"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_no_disk_config(case: Case) -> None:
    judge(RULE, case)
