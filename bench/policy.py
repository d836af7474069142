"""What the policy pack costs: the rules alone, and a preview with the whole pack beside one with a trivial one."""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.engine import Program
from bench.results import Measured, Row, circumstances, publish, table
from bench.targets import Sandbox
from policy.forms import FORMS
from policy.rules import RULES
from policy.testing import body, instance

RUNS = 5
PREVIEWS = 3
ALONE = (1_000, 10_000)
SERVERS = (1_000,)
FORMED = {"raw": "plain raw instances", "component": "our component `Server`"}

INTRODUCTION = """\
Min / median / max of the runs. The *trivial* pack is `bench/trivial`: one rule that finds nothing, on the vendor's SDK, which decodes
every resource for it; of the rules alone (those on the request) it is one call that finds nothing, after the same reading of the request.
The ratio is the whole pack's median divided by the trivial one's. The previews are the real CLI's, of `bench/servers` on a sandbox whose
quotas are unlimited, the two packs in turn. CPU is that of all processes of the CLI: it tells the same on a busy machine.
"""

Judged = Callable[[Any], object]


def say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def requests() -> list[Any]:
    """A documented body with disks, and a raw instance with hints: what rules have to look at."""
    disks = [{"source_type": "blank", "volume_size": 40, "boot_index": "-1", "delete_on_termination": "true"}] * 2
    return [
        body(block_device_mapping_v2=disks, metadata={"tier": "web"}, security_groups=[{"name": "web"}]),
        instance(metadata={"tier": "web"}, userData="#!/bin/sh\n", schedulerHints=[{"additionalProperties": {}}]),
    ]


def every_rule(request: Any) -> object:
    return [rule.answer(request) for rule in RULES]


def nothing(request: Any) -> object:
    del request
    return []


def cpu(judged: Judged, servers: int) -> float:
    """Return the seconds of CPU that reading and judging as many servers takes."""
    given = requests()
    begun = time.process_time()
    for place in range(servers):
        one = given[place % len(given)]
        judged(FORMS[one.type](one.inputs))
    return time.process_time() - begun


def alone() -> list[Row]:
    rows = []
    each: dict[int, Measured] = {}
    for servers in ALONE:
        took: Measured = [[], []]
        for _ in range(RUNS):
            for found, judged in zip(took, (every_rule, nothing), strict=True):
                found.append(cpu(judged, servers))
        target = "< 0.5" if servers == ALONE[0] else ""
        rows.append(Row("all rules, in process", f"{servers:,}", "s of CPU", target, took, f"{len(RULES)} rules"))
        each[servers] = [[one / servers for one in found] for found in took]
    few, many = ALONE
    grown: Measured = [[b / a for a, b in zip(*pair, strict=True)] for pair in zip(each[few], each[many], strict=True)]
    how = f"CPU of a server among {many:,}, divided by that of one among {few:,}"
    rows.append(Row("growth of a server's cost", f"{many:,}", "times", "does not grow", grown, how))
    return rows


def previews(program: Program, form: str, servers: int) -> list[Row]:
    walls: Measured = [[], []]
    costs: Measured = [[], []]
    for _ in range(PREVIEWS):
        for place, pack in enumerate(("whole", "trivial")):
            made = program.preview(pack, form, servers)
            walls[place].append(made.seconds)
            costs[place].append(made.cpu)
            say(f"  {pack}: {made.seconds:.2f} s, {made.cpu:.2f} s of CPU")
    how = f"`pulumi preview` of {FORMED[form]}"
    return [
        Row(f"preview, {form}", f"{servers:,}", "s", "ratio ≤ 1.15", walls, how),
        Row(f"CPU of a preview, {form}", f"{servers:,}", "s", "", costs, "of all processes"),
    ]


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m bench.policy")
    options.add_argument("--servers", type=int, nargs="+", default=list(SERVERS), help="of the previews")
    options.add_argument("--print", action="store_true", help="print the results and leave bench/RESULTS.md alone")
    given = options.parse_args()
    load = os.getloadavg()
    say("rules alone ...")
    rows = alone()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        cloud = Sandbox(folder / "cloud")
        cloud.start()
        try:
            cloud.clear()
            program = Program(folder, folder / "cloud")
            for servers in given.servers:
                for form in FORMED:
                    say(f"previews, {servers} servers, {form} ...")
                    rows += previews(program, form, servers)
        finally:
            cloud.stop()
    libraries = ("pulumi", "pulumi-policy", "pulumi-openstack", "grpcio")
    text = f"{circumstances(load, libraries)}\n\n{INTRODUCTION}\n{table(rows, 'whole pack', 'trivial')}"
    publish("The policy pack", text, only_print=given.print)


if __name__ == "__main__":
    main()
