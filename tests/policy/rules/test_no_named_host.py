from __future__ import annotations

import pytest

from policy.rules.no_named_host import RULE
from policy.testing import (
    ABSENT,
    UNKNOWN,
    Case,
    body,
    fails,
    instance,
    judge,
    mixed,
    passes,
    undetermined,
)

CASES = [
    passes("a zone alone", body()),
    passes("a hint about memory", instance(schedulerHints=[{"queries": ['[">=","$free_ram_mb",1024]']}])),
    fails("zone and host", body(availability_zone="az1-dc1:host-3"), "server.availability_zone"),
    fails("zone, host and node", instance(availabilityZone="az1-dc1:host-3:node-1"), "availabilityZone"),
    fails("no host, but a colon", instance(availabilityZone="az1-dc1:"), "availabilityZone"),
    fails(
        "in the hint", instance(availabilityZone=ABSENT, availabilityZoneHints="az1:host-3"), "availabilityZoneHints"
    ),
    fails("a hypervisor", instance(hypervisorHostname="host-3"), "hypervisorHostname"),
    fails("a host in a body", body(host="host-3"), "server.host"),
    fails(
        "a query that picks a host",
        instance(schedulerHints=[{"queries": ['["=","$hypervisor_hostname","host-3"]']}]),
        "schedulerHints[0].queries",
    ),
    fails(
        "a nested query",
        body(hints={"query": ["and", ["=", "$host", "host-3"]]}),
        "os:scheduler_hints.query",
    ),
    undetermined(
        "a query that may pick one",
        instance(schedulerHints=[{"queries": [UNKNOWN]}]),
        "schedulerHints[0].queries",
    ),
    fails("a forced host", body(hints={"force_hosts": "host-3"}), "os:scheduler_hints.force_hosts"),
    undetermined("a zone that is not known yet", body(availability_zone=UNKNOWN), "server.availability_zone"),
    mixed(
        "a zone that is not known yet hides no hypervisor",
        instance(availabilityZone=UNKNOWN, hypervisorHostname="host-3"),
        failing=("hypervisorHostname",),
        unknown=("availabilityZone",),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_no_named_host(case: Case) -> None:
    judge(RULE, case)
