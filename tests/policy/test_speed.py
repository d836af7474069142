"""What the pack costs: the rules alone in CPU time, and what starting it imports."""

from __future__ import annotations

import subprocess
import sys
import time

from policy.forms import FORMS
from policy.rules import RULES
from policy.testing import body, instance

SERVERS = 1_000
SECONDS = 0.5


def test_all_rules_decide_a_thousand_servers_in_half_a_second_of_cpu() -> None:
    disks = [{"source_type": "blank", "volume_size": 40, "boot_index": "-1", "delete_on_termination": "true"}] * 2
    requests = [
        body(block_device_mapping_v2=disks, metadata={"tier": "web"}, security_groups=[{"name": "web"}]),
        instance(metadata={"tier": "web"}, userData="#!/bin/sh\n", schedulerHints=[{"additionalProperties": {}}]),
    ]
    started = time.process_time()
    for place in range(SERVERS):
        resource = requests[place % 2]
        view = FORMS[resource.type](resource.inputs)
        for rule in RULES:
            rule.answer(view)
    assert time.process_time() - started < SECONDS


def test_the_pack_starts_without_the_components_libraries() -> None:
    program = (
        "import sys, policy.pack; print(*sorted({'pulumi_openstack', 'pydantic', 'hypothesis'} & set(sys.modules)))"
    )
    loaded = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert loaded.stdout.strip() == ""
