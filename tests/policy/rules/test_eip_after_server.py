from __future__ import annotations

import pytest

from policy.facts import kinds
from policy.forms import BATCH
from policy.rules.eip_after_server import RULE
from policy.testing import (
    UNKNOWN,
    StackCase,
    body,
    cloud,
    instance,
    judge_stack,
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

ASSOCIATE = "openstack:networking/floatingIpAssociate:FloatingIpAssociate"
EIP = "openstack:networking/floatingIp:FloatingIp"
PORT = thing(kinds.PORT, "port", {"networkId": NETWORK})
WEB = stated(instance(networks=[{"port": ref("port")}]))
BODY = stated(body(networks=[{"port": ref("port")}]))
BATCH_OF = stated(body(type=BATCH, networks=[{"port": ref("port")}]))
BIND = thing(ASSOCIATE, "bind", {"floatingIp": "80.1.2.3", "portId": ref("port")})
LATER = thing(ASSOCIATE, "bind", {"floatingIp": "80.1.2.3", "portId": ref("port")}, after=["web"])
P1 = cloud({"port": {"p-1": {"network_id": NETWORK}}})

CASES = [
    stack_passes("it waits for the instance", PORT, WEB, LATER),
    stack_passes("it waits for the documented server", PORT, BODY, LATER),
    stack_passes("a port that no ECS has", PORT, stated(instance()), BIND),
    stack_passes("an EIP that is bound to nothing", PORT, WEB, thing(EIP, "eip", {"pool": "admin_external_net"})),
    stack_passes("it is bound already", PORT, WEB, thing(ASSOCIATE, "bind", {"portId": ref("port")}, id="b-1")),
    stack_passes("the ECS exists", PORT, stated(instance(networks=[{"port": ref("port")}]), id="s-1"), BIND),
    stack_fails("beside the instance", PORT, WEB, BIND, at=["portId"]),
    stack_fails("beside the documented server", PORT, BODY, BIND, at=["portId"]),
    stack_fails("beside a batch", PORT, BATCH_OF, BIND, at=["portId"]),
    stack_fails(
        "an EIP itself, at a port of the cloud",
        stated(instance(networks=[{"port": "p-1"}])),
        thing(EIP, "eip", {"portId": "p-1"}),
        cloud=P1,
        at=["portId"],
    ),
    stack_fails(
        "by way of a component of ours",
        PORT,
        BODY,
        stated(native(networks=[{"port": ref("port")}]), parent="web"),
        BIND,
        at=["portId"],
    ),
    stack_passes("a port that the cloud does not have", WEB, PORT, thing(EIP, "eip", {"portId": "p-2"})),
    stack_undetermined("a port from elsewhere", PORT, WEB, thing(EIP, "eip", {"portId": UNKNOWN}), at=["portId"]),
    stack_silent("a port of a silent cloud", WEB, PORT, thing(EIP, "eip", {"portId": "p-1"})),
    stack_fails("beside a native server", PORT, stated(native(networks=[{"port": ref("port")}])), BIND, at=["portId"]),
    stack_passes("it waits for a native server", PORT, stated(native(networks=[{"port": ref("port")}])), LATER),
    stack_passes("a port that the ECS tells", stated(native()), thing(ASSOCIATE, "bind", {"portId": ref("web")})),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_eip_after_server(case: StackCase) -> None:
    judge_stack(RULE, case)
