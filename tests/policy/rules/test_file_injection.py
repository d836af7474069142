from __future__ import annotations

import pytest

from policy.rules.file_injection import RULE
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
    passes("an empty list", instance(personalities=[])),
    fails("a file", body(personality=[{"path": "/etc/motd", "contents": "aGk="}]), "server.personality"),
    fails(
        "a file of a raw instance", instance(personalities=[{"file": "/etc/motd", "content": "hi"}]), "personalities"
    ),
    undetermined("not known yet", instance(personalities=UNKNOWN), "personalities"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_file_injection(case: Case) -> None:
    judge(RULE, case)
