"""What a plan costs beside OpenTofu: a batch of N servers as one resource, N components, N plain instances."""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench.engine import FailedError, Preview, Program
from bench.memory import MEBI
from bench.peers.opentofu import OpenTofu, versions
from bench.results import Measured, Row, circumstances, publish, table
from bench.targets import Sandbox

SIZES = (1, 100, 1_000, 5_000)
RUNS = 5
SLOW, ONCE = 1_000, 5_000
"""From so many servers on, what is not one resource is planned three times; and everything once, N resources of ours not at all."""

BATCH, UNJUDGED, SERVER, PLAIN = ("whole", "batch"), ("", "batch"), ("whole", "paced"), ("", "raw")
ONE = ("trivial", "raw")
AIM = 1_000
"""The size that the targets are about."""

Form = tuple[str, str]
FORMED = {
    BATCH: ("one batch of N", "one `ServerBatch` under the whole pack"),
    UNJUDGED: ("one batch of N, without a pack", "one `ServerBatch`: what OpenTofu does, which judges nothing"),
    SERVER: ("N `Server`", "components under the whole pack, in a program that calls `set_pace()`"),
    PLAIN: ("N plain instances", "`openstack.compute.Instance`, without a pack"),
}

INTRODUCTION = """\
Min / median / max of the runs, all in turn. The same servers, of which none is there yet, on a sandbox whose quotas are unlimited. OpenTofu
plans them as one `openstack_compute_instance_v2` with `count`, its fastest form (`bench/peers/tofu/main.tf`), by `tofu plan`, with the
provider that the plugin of the toolchain wraps, in the same version; the provider is taken from its place on the disk, so no registry is
asked. Ours is `pulumi preview` of `bench/servers`. Both print their plan as text, and neither's provider asks the cloud for anything.
OpenTofu judges nothing there; the whole pack judges what it is given, and asks the sandbox for what the servers name. CPU is that of all
processes; memory is their resident sets, each kind of process at its own peak, looked at ten times a second.
"""

NONE = "OpenTofu could not be had here, so nothing is measured beside it."

BESIDE_ONE = """\
The batch beside one resource: `pulumi preview` of a batch of N under the whole pack, and of one server alone.
"""


def say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def told(what: str, made: Preview) -> Preview:
    say(f"  {what}: {made.seconds:.2f} s, {made.cpu:.2f} s of CPU, {memory(made):.0f} MiB")
    return made


def memory(made: Preview) -> float:
    """The memory of all processes together, in MiB."""
    return sum(used.memory for used in made.processes.values()) / MEBI


class Plans:
    """What was planned: by ours in each form and by OpenTofu, by how many servers there are."""

    def __init__(self, program: Program, tofu: OpenTofu) -> None:
        self._program, self._tofu = program, tofu
        self.ours: dict[int, dict[Form, list[Preview]]] = {}
        self.theirs: dict[int, list[Preview]] = {}

    def measure(self, servers: int, runs: int) -> None:
        """Plan so many servers, in each form, in turn."""
        forms = [BATCH, UNJUDGED] if servers >= ONCE else list(FORMED)
        self.ours[servers] = {form: [] for form in forms}
        self.theirs[servers] = []
        for run in range(1 if servers >= ONCE else runs):
            self.theirs[servers].append(told(f"OpenTofu, {servers:,}", self._tofu.plan(servers)))
            for form in forms:
                if form in (BATCH, UNJUDGED) or servers < SLOW or run < 3:  # noqa: PLR2004 - as the introduction of SLOW says
                    made = self._program.preview(*form, servers)
                    self.ours[servers][form].append(told(f"{FORMED[form][0]}, {servers:,}", made))

    def alone(self, runs: int) -> list[Preview]:
        """Preview one plain instance under a pack of one trivial rule, which is the least that a judged resource can take."""
        return [told("one plain instance", self._program.preview(*ONE, 1)) for _ in range(runs)]

    def rows(self) -> list[Row]:
        """The rows beside OpenTofu."""
        found = []
        for servers, forms in self.ours.items():
            theirs = self.theirs[servers]
            for form, ours in forms.items():
                what, how = FORMED[form]
                few = f"; {len(ours)} run{'s' * (len(ours) > 1)}" if len(ours) < RUNS else ""
                target = "ratio ≤ 0.33" if servers == AIM and form in (BATCH, UNJUDGED) else ""
                number = f"{servers:,}"
                found.append(Row(what, number, "s", target, both(ours, theirs, lambda one: one.seconds), how + few))
                cpu, sets = both(ours, theirs, lambda one: one.cpu), both(ours, theirs, memory)
                found.append(Row(f"CPU, {what}", number, "s", "", cpu, "of all processes"))
                found.append(Row(f"memory, {what}", number, "MiB", "", sets, "of all processes"))
        return found

    def beside_one(self, alone: list[Preview]) -> list[Row]:
        """The rows of the batches beside one resource."""
        found = []
        for servers, forms in self.ours.items():
            if servers == 1 or 1 not in self.ours:
                continue
            number = f"{servers:,}"
            for beside, how in (
                (self.ours[1][BATCH], "a batch of one, under the whole pack"),
                (alone, "one plain instance, under a pack of one trivial rule"),
            ):
                target = "about 1" if servers == AIM else ""
                walls = both(forms[BATCH], beside, lambda one: one.seconds)
                found.append(Row("one batch of N", number, "s", target, walls, how))
                found.append(
                    Row(
                        "CPU of it",
                        number,
                        "s",
                        "",
                        both(forms[BATCH], beside, lambda one: one.cpu),
                        "of all processes",
                    )
                )
        return found


def both(ours: list[Preview], theirs: list[Preview], of: Callable[[Preview], float]) -> Measured:
    return [[of(one) for one in ours], [of(one) for one in theirs]]


def measured(folder: Path, tofu: OpenTofu, sizes: list[int], runs: int) -> str:
    """Measure all; returns the tables. Raises `FailedError` where a plan is not what it must be."""
    cloud = Sandbox(folder / "cloud")
    cloud.start()
    try:
        cloud.clear()
        plans = Plans(Program(folder, folder / "cloud"), tofu)
        for servers in sizes:
            say(f"plans of {servers:,} ...")
            plans.measure(servers, runs)
        alone = plans.alone(runs)
    finally:
        cloud.stop()
    text = table(plans.rows(), "ours", "OpenTofu")
    beside = plans.beside_one(alone)
    return f"{text}\n\n{BESIDE_ONE}\n{table(beside, 'batch', 'one resource')}" if beside else text


def built(folder: Path) -> tuple[OpenTofu | None, str]:
    """OpenTofu, or why it cannot be had here."""
    try:
        return OpenTofu(folder / "tofu", folder / "cloud"), ""
    except FailedError as error:
        return None, str(error)


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m bench.tofu", description=__doc__)
    options.add_argument("--print", action="store_true", help="print the results and leave bench/RESULTS.md alone")
    options.add_argument("--sizes", type=int, nargs="+", default=list(SIZES), help="how many servers")
    options.add_argument("--runs", type=int, default=RUNS, help=f"of each form; {ONCE:,} servers are planned once")
    given = options.parse_args()
    load = os.getloadavg()
    with tempfile.TemporaryDirectory(prefix="ecs-bench-") as place:
        tofu, missing = built(Path(place))
        try:
            found = measured(Path(place), tofu, given.sizes, given.runs) if tofu else NONE
        except FailedError as error:
            say(f"error: {error}")
            return 1
    said = circumstances(load, ("pulumi", "pulumi-policy", "pulumi-openstack", "grpcio"))
    text = f"{said} {versions()}.\n\n{INTRODUCTION}\n{found}"
    publish("Beside OpenTofu", text, only_print=given.print)
    if missing:
        say(f"error: {missing}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
