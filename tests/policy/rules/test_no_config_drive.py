from __future__ import annotations

import pytest

from policy.rules.no_config_drive import RULE
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
    passes("false asks for none", instance(configDrive=False)),
    passes("false may be quoted", body(config_drive="False")),
    fails("true", instance(configDrive=True), "configDrive"),
    fails("quoted", body(config_drive="true"), "server.config_drive"),
    fails("a disk's id", body(config_drive="d-1"), "server.config_drive"),
    undetermined("not known yet", instance(configDrive=UNKNOWN), "configDrive"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_no_config_drive(case: Case) -> None:
    judge(RULE, case)
