from __future__ import annotations

import pytest

from policy.rules.login import RULE
from policy.testing import (
    ABSENT,
    UNKNOWN,
    Case,
    body,
    fails,
    instance,
    judge,
    passes,
    secret,
    undetermined,
)

CASES = [
    passes("a key", body(key_name="ops")),
    passes("a password", body(key_name=ABSENT, adminPass=secret("correct horse"))),
    passes("a password that is not known yet", instance(keyPair=ABSENT, adminPass=secret(UNKNOWN))),
    passes("the password of a Windows ECS", instance(keyPair=ABSENT, metadata={"admin_pass": secret("correct horse")})),
    fails("neither", body(key_name=ABSENT), "server.key_name"),
    fails("neither on a raw instance", instance(keyPair=ABSENT), "keyPair"),
    fails("both", body(adminPass="name_xx1"), "server.key_name"),
    undetermined("metadata that may hold a password", body(key_name=ABSENT, metadata=UNKNOWN), "server.metadata"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_login(case: Case) -> None:
    judge(RULE, case)
