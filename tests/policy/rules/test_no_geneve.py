from __future__ import annotations

import pytest

from policy.facts import kinds
from policy.forms import BATCH
from policy.rules.no_geneve import RULE
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

CLOUD = cloud(
    {
        "network": {
            "fast": {"provider:network_type": "geneve"},
            "many": {"segments": [{"provider:network_type": "vxlan"}, {"provider:network_type": "geneve"}]},
            "hidden": {},
        },
        "port": {"p-fast": {"network_id": "fast"}},
    }
)
FAST = thing(kinds.NETWORK, "lan", {"segments": [{"networkType": "geneve"}]})
ATTACH = "openstack:compute/interfaceAttach:InterfaceAttach"
HIDDEN = "the cloud does not show `provider:network_type` to this user"

CASES = [
    stack_passes("a network of ECSs", stated(body()), stated(instance(), name="raw")),
    stack_passes("a network that the cloud does not have", stated(body(networks=[{"uuid": "none"}]))),
    stack_passes("one of this stack", stated(body(networks=[{"uuid": ref("lan")}])), thing(kinds.NETWORK, "lan", {})),
    stack_fails("by id", stated(body(networks=[{"uuid": "fast"}])), cloud=CLOUD, at=["server.networks[0]"]),
    stack_fails("by name", stated(instance(networks=[{"name": "fast"}])), cloud=CLOUD, at=["networks[0]"]),
    stack_fails(
        "in one of its segments", stated(instance(networks=[{"uuid": "many"}])), cloud=CLOUD, at=["networks[0]"]
    ),
    stack_fails(
        "behind a port", stated(body(type=BATCH, networks=[{"port": "p-fast"}])), cloud=CLOUD, at=["server.networks[0]"]
    ),
    stack_fails("of this stack", stated(instance(networks=[{"uuid": ref("lan")}])), FAST, at=["networks[0]"]),
    stack_fails(
        "behind a port of this stack",
        stated(body(networks=[{"port": ref("port")}])),
        thing(kinds.PORT, "port", {"networkId": ref("lan")}),
        FAST,
        at=["server.networks[0]"],
    ),
    stack_fails(
        "an interface that is attached later",
        thing(ATTACH, "eth1", {"networkId": "fast"}),
        cloud=CLOUD,
        at=["networkId"],
    ),
    stack_fails("an interface at a port", thing(ATTACH, "eth1", {"portId": "p-fast"}), cloud=CLOUD, at=["portId"]),
    stack_undetermined(
        "a network from elsewhere", stated(body(networks=[{"uuid": UNKNOWN}])), at=["server.networks[0].uuid"]
    ),
    stack_silent("a silent cloud", stated(instance())),
    stack_silent(
        "a cloud that hides the type", stated(instance(networks=[{"uuid": "hidden"}])), cloud=CLOUD, because=HIDDEN
    ),
    stack_fails("a native server", stated(native(networks=[{"uuid": "fast"}])), cloud=CLOUD, at=["networks[0]"]),
    stack_fails(
        "a native server of a component, on one of this stack",
        stated(body(networks=[{"uuid": ref("lan")}])),
        stated(native(networks=[{"uuid": ref("lan")}]), parent="web"),
        FAST,
        at=["server.networks[0]"],
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_no_geneve(case: StackCase) -> None:
    judge_stack(RULE, case)
