from __future__ import annotations

from typing import Any

import pytest

from policy.facts import kinds
from policy.facts.facts import Phase
from policy.facts.previous import Kept
from policy.native import NATIVE
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
    native,
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


def own(port: object, name: str = "web", **more: Any) -> Stated:
    return stated(native(networks=[{"port": port}]), name=name, **more)


def has(*ports: str) -> list[Kept]:
    return [kept(NATIVE, "web", "s-1", outputs={"networks": [{"port": port} for port in ports]})]


CASES = [
    stack_passes("it is free", documented("free"), cloud=CLOUD),
    stack_passes("a network and no port", stated(body())),
    stack_passes("a port that the cloud does not have", raw("none"), cloud=CLOUD),
    stack_passes("one of this stack that one ECS has", raw(ref("p")), P),
    stack_passes("the ECS that exists has it", raw("taken", id="s-9"), cloud=CLOUD),
    stack_passes(
        "the ECS that has it is replaced", raw("taken"), cloud=CLOUD, before=[kept(kinds.SERVER, "web", "s-9")]
    ),
    stack_passes("a component names the port of what it makes", documented(ref("p")), own(ref("p"), parent="web"), P),
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
    stack_passes("it is free, native", own("free"), cloud=CLOUD),
    stack_passes("the native server has it by its state", own("taken", id="s-1"), cloud=CLOUD, before=has("taken")),
    stack_passes("the native server has it in the cloud", own("taken", id="s-9"), cloud=CLOUD),
    stack_passes("a native server gets a free one", own("free", id="s-1"), cloud=CLOUD, before=has("other")),
    stack_passes("a state is read", own("taken", id="s-1"), cloud=CLOUD, during=Phase.STATE),
    stack_fails("another ECS has it, native", own("taken"), cloud=CLOUD, at=["networks[0].port"]),
    stack_fails(
        "a native server gets one in place that another ECS has",
        own("taken", id="s-1"),
        cloud=CLOUD,
        before=has("other"),
        at=["networks[0].port"],
    ),
    stack_fails(
        "so does one of a component",
        documented("taken"),
        own("taken", id="s-1", parent="web"),
        cloud=CLOUD,
        at=[PATH],
    ),
    stack_fails(
        "while the cloud is changed, native",
        own("taken"),
        during=Phase.UPDATE,
        cloud=CLOUD,
        before=has("other"),
        at=["networks[0].port"],
    ),
    stack_fails(
        "while the cloud is changed, once for a component and what it makes",
        documented("taken"),
        own("taken", parent="web"),
        during=Phase.UPDATE,
        cloud=CLOUD,
        at=[PATH],
    ),
    stack_undetermined("a port from elsewhere, native", own(UNKNOWN), at=["networks[0].port"]),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_port_free(case: StackCase) -> None:
    judge_stack(RULE, case)
