from __future__ import annotations

import pytest

from policy.rules.name_length import RULE
from policy.testing import (
    ABSENT,
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
    passes("one character is enough", body(name="w")),
    passes("255 characters are not too many", body(name="w" * 255)),
    passes("characters are counted, not bytes", body(name="é" * 255)),
    passes("a raw instance without a name is named by the engine", instance(name=ABSENT)),
    fails("256 characters are too many", body(name="w" * 256), "server.name"),
    fails("an empty name is none", instance(name=""), "name"),
    fails("a body names the server itself", body(name=ABSENT), "server.name"),
    fails("a number is no name", body(name=7), "server.name"),
    undetermined("an output's length is not known yet", body(name=UNKNOWN), "server.name"),
    undetermined("nor a raw instance's", instance(name=UNKNOWN), "name"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_name_length(case: Case) -> None:
    judge(RULE, case)
