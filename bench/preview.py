"""What a preview costs: components under the whole policy pack, beside plain instances under a pack of one trivial rule."""

import argparse
import os
import pstats
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from bench.engine import Preview, Program
from bench.results import Measured, Row, circumstances, publish, table
from bench.targets import Sandbox

RUNS = {1: 7, 100: 5, 1_000: 3, 5_000: 1}
"""How many times each number of servers is previewed; the two programs are run in turn."""

OURS, PLAIN = ("whole", "paced"), ("trivial", "raw")
BARE = ("", "raw")
LINEAR = (100, 5_000)

INTRODUCTION = """\
Min / median / max of the runs. `pulumi preview` of `bench/servers` by the real CLI on a sandbox whose quotas are unlimited, in turn: N
components `Server` under the whole policy pack, in a program that calls `set_pace()` as the program of the stacks does; and N plain
`openstack.compute.Instance` of the same servers under `bench/trivial`, a pack of one rule that finds nothing. A component is two
resources of the engine, an instance is one. *Without pace* is the same program without that call, and *without a pack* the plain program
alone. CPU is that of all processes. Memory is the resident set of each process at its own peak, looked at ten times a second, in which
pages that several share are counted for each.
"""

TOP = 25
"""How many functions a profile shows."""


def say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


Form = tuple[str, str]


def runs(program: Program, servers: int, forms: tuple[Form, ...], times: int) -> dict[Form, list[Preview]]:
    """Preview each form so many times, in turn."""
    made: dict[Form, list[Preview]] = {form: [] for form in forms}
    for _ in range(times):
        for pack, form in forms:
            one = program.preview(pack, form, servers)
            made[pack, form].append(one)
            say(f"  {form}, pack {pack or 'none'}: {one.seconds:.2f} s, {one.cpu:.2f} s of CPU")
    return made


def both(ours: list[Preview], theirs: list[Preview], of: Callable[[Preview], float]) -> Measured:
    return [[of(one) for one in ours], [of(one) for one in theirs]]


def rows(servers: int, made: dict[Form, list[Preview]]) -> list[Row]:
    """The rows of one number of servers."""
    number, ours, plain = f"{servers:,}", made[OURS], made[PLAIN]
    together = "of program and pack together"
    found = [
        Row("preview", number, "s", "ratio ≤ 1.25", both(ours, plain, lambda one: one.seconds), "the whole command"),
        Row("CPU of a preview", number, "s", "", both(ours, plain, lambda one: one.cpu), "of all processes"),
        Row("memory", number, "MiB", "", both(ours, plain, lambda one: one.memory("program", "pack")), together),
    ]
    if BARE in made:
        alone = made[BARE]
        seconds = both(ours, alone, lambda one: one.seconds)
        memory = [
            [one.memory("program", "pack") for one in ours],
            [one.memory("program") for one in alone],
        ]
        beside = f"{together}, beside the plain program's alone"
        found += [
            Row("preview, beside no pack", number, "s", "", seconds, "the whole command"),
            Row("memory, beside no pack", number, "MiB", "ratio < 1.5", memory, beside),
        ]
    slow = ("whole", "component")
    if slow in made:
        seconds = both(made[slow], plain, lambda one: one.seconds)
        found.append(Row("preview, without pace", number, "s", "ratio ≤ 1.25", seconds, "the whole command"))
    return found


def growth(each: dict[int, dict[Form, list[Preview]]]) -> list[Row]:
    """How what one server costs grows with their number: 1 is linear."""
    few, many = LINEAR
    if few not in each or many not in each:
        return []

    def grown(form: Form, of: Callable[[Preview], float]) -> list[float]:
        # The least of the runs, less what no server costs: a preview of one.
        start = min(of(one) for one in each[1][form]) if 1 in each else 0.0
        shares = [(min(of(one) for one in each[n][form]) - start) / n for n in (few, many)]
        return [shares[1] / shares[0]]

    how = f"of a server among {many:,}, divided by that of one among {few:,}; what a preview of one takes is left out of both"
    named: tuple[tuple[str, str, Callable[[Preview], float]], ...] = (
        ("growth of a server's time", "≤ 1.2", lambda one: one.seconds),
        ("growth of a server's CPU", "≤ 1.2", lambda one: one.cpu),
    )
    return [
        Row(what, f"{many:,}", "times", target, [grown(OURS, of), grown(PLAIN, of)], how) for what, target, of in named
    ]


def measure(program: Program, sizes: list[int]) -> list[Row]:
    """Measure every size."""
    each: dict[int, dict[Form, list[Preview]]] = {}
    found: list[Row] = []
    for servers in sizes:
        say(f"previews of {servers:,} ...")
        slow = (("whole", "component"),) if servers <= 1_000 else ()  # noqa: PLR2004 - it is an aside
        each[servers] = runs(program, servers, (OURS, PLAIN, BARE, *slow), RUNS.get(servers, 3))
        found += rows(servers, each[servers])
    return found + growth(each)


def profile(program: Program, folder: Path, servers: int) -> None:
    """Print what each process used, and where the program's time went, for both programs."""
    for pack, form in (PLAIN, ("whole", "component"), OURS):
        made = program.preview(pack, form, servers)
        print(f"\n== {servers:,} servers, {form}, pack {pack}: {made.seconds:.1f} s, {made.cpu:.1f} s of CPU")
        for role, used in sorted(made.processes.items(), key=lambda one: -one[1].cpu):
            print(f"{role:20} {used.cpu:7.2f} s of CPU {used.memory >> 20:6} MiB")
        file = folder / f"{form}.profile"
        program.preview(pack, form, servers, BENCH_PROFILE=str(file))
        stats = pstats.Stats(str(file))
        calls: Counter[str] = Counter()
        for (path, _, name), (_, count, *_) in stats.stats.items():  # type: ignore[attr-defined]  # typeshed knows no stats
            calls[f"{Path(path).name}:{name}"] += count
        for name, meaning in COUNTED.items():
            print(f"{calls[name] / servers:9.1f} a server: {meaning}")
        stats.sort_stats("tottime").print_stats(TOP)


COUNTED = {
    "resource.py:register_resource": "resources registered",
    "resource.py:register_resource_outputs": "outputs of components registered",
    "log.py:_log": "debug messages sent, each waited for",
    "output.py:_track": "outputs made",
    "tasks.py:wait": "waits for all outputs",
    "tasks.py:<genexpr>": "outputs looked at in those waits",
}


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m bench.preview", description=__doc__)
    options.add_argument(
        "--servers", type=int, nargs="+", default=list(RUNS), help="how many, one size after the other"
    )
    options.add_argument("--print", action="store_true", help="print the results and leave bench/RESULTS.md alone")
    options.add_argument(
        "--profile", type=int, metavar="N", help="instead: print where the time of a preview of N servers goes"
    )
    given = options.parse_args()
    load = os.getloadavg()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        cloud = Sandbox(folder / "cloud")
        cloud.start()
        try:
            cloud.clear()
            program = Program(folder, folder / "cloud")
            if given.profile:
                profile(program, folder, given.profile)
                return
            found = measure(program, given.servers)
        finally:
            cloud.stop()
    libraries = ("pulumi", "pulumi-policy", "pulumi-openstack", "pydantic", "grpcio")
    text = f"{circumstances(load, libraries)}\n\n{INTRODUCTION}\n{table(found, 'ours', 'plain')}"
    publish("A preview", text, only_print=given.print)


if __name__ == "__main__":
    main()
