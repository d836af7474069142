"""What a batch costs, beside as many plain instances: the real CLI on a sandbox whose answers take as long as a network does."""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.engine import Program
from bench.results import Measured, Row, circumstances, table, write
from bench.targets import Sandbox

RUNS = 3
SERVERS = 100
ANSWER, BUILD = 0.05, 5.0
"""Seconds that each answer of the cloud takes, and that a server takes to come up."""

FORMS = ("batch", "raw")
WIDE = ("--parallel", str(SERVERS))

INTRODUCTION = f"""\
Min / median / max of the runs. `pulumi up --skip-preview` of `bench/servers` by the real CLI, without a policy pack, on a sandbox that is
reset before each run: one `ServerBatch`, and as many plain `openstack.compute.Instance`, in turn. Every answer of the cloud takes
{ANSWER * 1e3:.0f} ms, and a server comes up after {BUILD:.0f} s. The ratio is the batch's median divided by the instances'. Calls are all
that the sandbox logged, the log-ins too. The engine makes four resources at once for each core, unless `--parallel` says otherwise: with as
many at once as there are instances, only their own pace is left, which is the least that they can take.
"""

Request = dict[str, Any]


def say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def _path(one: Request) -> str:
    return str(one["path"]).partition("?")[0]


def _is_create(one: Request) -> bool:
    return one["method"] == "POST" and _path(one).endswith("/servers")


def _is_list(one: Request) -> bool:
    return one["method"] == "GET" and _path(one).endswith(("/servers", "/servers/detail"))


def _is_look(one: Request) -> bool:
    return one["method"] == "GET" and "/servers/" in _path(one) and not _is_list(one)


COUNTED: dict[str, tuple[Callable[[Request], bool], str, str]] = {
    "calls": (lambda _: True, "ratio ≤ 0.10", "of every kind, to every service"),
    "creations": (_is_create, "1", "`POST /servers`"),
    "lists of servers": (_is_list, "", "`GET /servers/detail`"),
    "looks at one server": (_is_look, "none", "`GET /servers/{id}` and below"),
}


def once(cloud: Sandbox, folder: Path, form: str, options: tuple[str, ...]) -> tuple[float, list[Request]]:
    """Make all in a new stack on a new cloud; returns the seconds, and what the cloud was asked."""
    cloud.clear()
    cloud.slow(ANSWER, BUILD)
    program = Program(folder, folder.parent / "cloud")
    before = len(cloud.asked())
    took = program.up(form, SERVERS, *options).seconds
    asked = cloud.asked()[before:]
    say(f"  {form}: {took:.1f} s, {len(asked)} calls")
    return took, asked


def measured(cloud: Sandbox, folder: Path, options: tuple[str, ...]) -> list[Row]:
    walls: Measured = [[], []]
    counts: dict[str, Measured] = {what: [[], []] for what in COUNTED}
    for run in range(RUNS):
        for place, form in enumerate(FORMS):
            took, asked = once(cloud, folder / "-".join((form, *options, str(run))), form, options)
            walls[place].append(took)
            for what, (counted, _, _) in COUNTED.items():
                counts[what][place].append(sum(counted(one) for one in asked))
    said = f"`{' '.join(('up', *options))}`"
    number = str(SERVERS)
    target = "" if options else "ratio ≤ 0.33"
    rows = [Row(said, number, "s", target, walls, "the whole command")]
    for what, (_, target, how) in COUNTED.items():
        rows.append(Row(f"{what}, {said}", number, "calls", target, counts[what], how))
    return rows


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m bench.batch")
    options.add_argument("--print", action="store_true", help="print the results and leave bench/RESULTS.md alone")
    given = options.parse_args()
    load = os.getloadavg()
    rows = []
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        cloud = Sandbox(folder / "cloud")
        cloud.start()
        try:
            for wide in ((), WIDE):
                say(f"creations of {SERVERS} {' '.join(wide)} ...")
                rows += measured(cloud, folder, wide)
        finally:
            cloud.stop()
    text = f"{circumstances(load, ('pulumi', 'pulumi-openstack', 'openstacksdk', 'grpcio'))}\n\n{INTRODUCTION}\n"
    text += table(rows, "batch", "instances")
    if not given.print:
        write("A batch", text)
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    main()
