from __future__ import annotations

import pytest

from policy.rules.metadata_strings import RULE
from policy.testing import (
    UNKNOWN,
    Case,
    body,
    fails,
    instance,
    judge,
    mixed,
    passes,
    secret,
    undetermined,
)

CASES = [
    passes("none", body()),
    passes("strings", body(metadata={"name": "name_xx1", "id": ""})),
    passes("255 characters", instance(metadata={"k" * 255: "v" * 255})),
    passes("a secret of 255 characters", instance(metadata={"admin_pass": secret("v" * 255)})),
    fails("a number", body(metadata={"tier": 1}), "server.metadata.tier"),
    fails("null", body(metadata={"tier": None}), "server.metadata.tier"),
    fails("an object", body(metadata={"tier": {"a": "b"}}), "server.metadata.tier"),
    fails("256 characters", instance(metadata={"tier": "v" * 256}), "metadata.tier"),
    fails("a secret of 256 characters", instance(metadata={"admin_pass": secret("v" * 256)}), "metadata.admin_pass"),
    fails("a key of 256 characters", instance(metadata={"k" * 256: "v"}), "metadata"),
    fails("a key that is no name", body(metadata={"a key": 1}), 'server.metadata["a key"]'),
    fails("no object", body(metadata="tier=1"), "server.metadata"),
    undetermined("a value that is not known yet", instance(metadata={"net": UNKNOWN}), "metadata.net"),
    undetermined("not known yet at all", body(metadata=UNKNOWN), "server.metadata"),
    mixed(
        "a value that is not known yet hides no other",
        body(metadata={"net": UNKNOWN, "tier": 1}),
        failing=("server.metadata.tier",),
        unknown=("server.metadata.net",),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_metadata_strings(case: Case) -> None:
    judge(RULE, case)
