from __future__ import annotations

import pytest

from policy.rules.zone_given import RULE
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
    passes("a zone", body(availability_zone="az1-dc1")),
    passes(
        "a raw instance's hint is sent as its zone", instance(availabilityZone=ABSENT, availabilityZoneHints="az1-dc1")
    ),
    passes("an output counts as given", instance(availabilityZone=UNKNOWN)),
    fails("none", body(availability_zone=ABSENT), "server.availability_zone"),
    fails("null", body(availability_zone=None), "server.availability_zone"),
    fails("none on a raw instance", instance(availabilityZone=ABSENT), "availabilityZone"),
    fails("an empty one", instance(availabilityZone=""), "availabilityZone"),
    fails("a list", body(availability_zone=["az1-dc1"]), "server.availability_zone"),
    undetermined("the whole server is not known yet", body(whole=UNKNOWN), "server"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_zone_given(case: Case) -> None:
    judge(RULE, case)
