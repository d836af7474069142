from __future__ import annotations

import pytest

from policy.facts import kinds
from policy.forms import BATCH
from policy.native import NATIVE
from policy.rules.flavor_on_sale import RULE
from policy.testing import (
    ABSENT,
    UNKNOWN,
    StackCase,
    body,
    cloud,
    instance,
    judge_stack,
    kept,
    native,
    ref,
    stack_fails,
    stack_passes,
    stack_silent,
    stack_undetermined,
    stated,
    thing,
)


def sold(**specs: str) -> dict[str, dict[str, dict[str, object]]]:
    return {"flavor": {"s3.large.2": {"extra_specs": {f"cond:operation:{key}": value for key, value in specs.items()}}}}


OUT = cloud(sold(status="sellout"))

CASES = [
    stack_passes("it is on sale", stated(body()), stated(instance(), name="raw")),
    stack_passes(
        "in this zone it is",
        stated(body()),
        cloud=cloud(sold(status="abandon", az="az1-dc1(normal), az2-dc1(sellout)")),
    ),
    stack_passes("a Dedicated Host is bought already", stated(body({"tenancy": "dedicated"})), cloud=OUT),
    stack_passes("a flavor that the cloud does not have", stated(body(flavorRef="none"))),
    stack_passes("an ECS that exists", stated(instance(), id="s-1"), cloud=OUT),
    stack_fails("it is sold out", stated(body()), cloud=OUT, at=["server.flavorRef"]),
    stack_fails(
        "by name, sold out in this zone",
        stated(instance(flavorId=ABSENT, flavorName="s3.large.2")),
        cloud=cloud(sold(status="normal", az="az1-dc1(sellout),az2-dc1(normal)")),
        at=["flavorName"],
    ),
    stack_fails(
        "a flavor of this stack",
        stated(body(type=BATCH, flavorRef=ref("f"))),
        thing(kinds.FLAVOR, "f", {"extraSpecs": {"cond:operation:status": "abandon"}}),
        at=["server.flavorRef"],
    ),
    stack_undetermined("a flavor from elsewhere", stated(body(flavorRef=UNKNOWN)), at=["server.flavorRef"]),
    stack_undetermined(
        "a zone from elsewhere",
        stated(instance(availabilityZone=UNKNOWN)),
        cloud=cloud(sold(az="az1-dc1(sellout)")),
        at=["availabilityZone"],
    ),
    stack_silent("a silent cloud", stated(body())),
    stack_fails("a native server", stated(native()), cloud=OUT, at=["flavorRef"]),
    stack_passes(
        "a native server that has it",
        stated(native(), id="s-1"),
        cloud=OUT,
        before=[kept(NATIVE, "web", "s-1", outputs={"flavorRef": "s3.large.2"})],
    ),
    stack_fails(
        "a native server is resized to it",
        stated(native(), id="s-1"),
        cloud=OUT,
        before=[kept(NATIVE, "web", "s-1", outputs={"flavorRef": "s3.medium.2"})],
        at=["flavorRef"],
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_flavor_on_sale(case: StackCase) -> None:
    judge_stack(RULE, case)
