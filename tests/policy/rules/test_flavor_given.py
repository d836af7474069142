from __future__ import annotations

import pytest

from policy.rules.flavor_given import RULE
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
    passes("an id", body(flavorRef="c3.2xlarge")),
    passes("a URL", body(flavorRef="https://ecs.example/v2.1/flavors/c3.2xlarge")),
    passes("a raw instance's flavor name counts", instance(flavorId=ABSENT, flavorName="c3.2xlarge")),
    passes("an output counts as given", body(flavorRef=UNKNOWN)),
    fails("none", body(flavorRef=ABSENT), "server.flavorRef"),
    fails("none on a raw instance", instance(flavorId=ABSENT), "flavorId"),
    fails("an empty one", instance(flavorId=""), "flavorId"),
    passes("a number, as Nova takes one", body(flavorRef=2)),
    fails("a number that is not whole", body(flavorRef=2.5), "server.flavorRef"),
    fails("a URL that ends in nothing", body(flavorRef="//"), "server.flavorRef"),
    undetermined("the whole server is not known yet", body(whole=UNKNOWN), "server"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_flavor_given(case: Case) -> None:
    judge(RULE, case)
