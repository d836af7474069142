from __future__ import annotations

from typing import Any

import pytest

from policy.facts import kinds
from policy.facts.facts import Phase
from policy.rules.port_free import RULE
from policy.testing import (
    UNKNOWN,
    StackCase,
    Stated,
    body,
    cloud,
    instance,
    judge_stack,
    kept,
    ref,
    stack_fails,
    stack_passes,
    stack_silent,
    stack_undetermined,
    stated,
    thing,
)
from policy.testing.requests import NETWORK

CLOUD = cloud({"port": {"free": {"device_id": ""}, "taken": {"device_id": "s-9", "device_owner": "compute:az1-dc1"}}})
PATH = "server.networks[0].port"
P = thing(kinds.PORT, "p", {"networkId": NETWORK})


def documented(port: object, name: str = "web", **more: Any) -> Stated:
    return stated(body(networks=[{"port": port}]), name=name, **more)


def raw(port: object, name: str = "web", **more: Any) -> Stated:
    return stated(instance(networks=[{"port": port}]), name=name, **more)


CASES = [
    stack_passes("it is free", documented("free"), cloud=CLOUD),
    stack_passes("a network and no port", stated(body())),
    stack_passes("a port that the cloud does not have", raw("none"), cloud=CLOUD),
    stack_passes("one of this stack that one ECS has", raw(ref("p")), P),
    stack_passes("the ECS that exists has it", raw("taken", id="s-9"), cloud=CLOUD),
    stack_passes(
        "the ECS that has it is replaced", raw("taken"), cloud=CLOUD, before=[kept(kinds.SERVER, "web", "s-9")]
    ),
    stack_passes("a component names the port of what it makes", documented(ref("p")), raw(ref("p"), parent="web"), P),
    stack_fails("another ECS has it", documented("taken"), cloud=CLOUD, at=[PATH]),
    stack_fails("another ECS has it, raw", raw("taken"), cloud=CLOUD, at=["networks[0].port"]),
    stack_fails("while the cloud is changed", raw("taken"), during=Phase.UPDATE, cloud=CLOUD, at=["networks[0].port"]),
    stack_fails(
        "two new ECSs name it", documented("free"), raw("free", "b"), cloud=CLOUD, at=[PATH, "networks[0].port"]
    ),
    stack_fails("two ECSs name one of this stack", documented(ref("p")), documented(ref("p"), "b"), P, at=[PATH, PATH]),
    stack_fails(
        "a new ECS names the port of one that exists",
        raw(ref("p"), id="s-1"),
        raw(ref("p"), "b"),
        P,
        at=["networks[0].port"],
    ),
    stack_undetermined("a port from elsewhere", documented(UNKNOWN), at=[PATH]),
    stack_silent("a silent cloud", raw("taken")),
    stack_silent(
        "a state that cannot be read", raw("taken"), cloud=CLOUD, before="it is locked", because="it is locked"
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_port_free(case: StackCase) -> None:
    judge_stack(RULE, case)
