"""What the sandbox costs, over real HTTP, beside the least that a server of its kind can cost: `make bench`."""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from bench.client import Line, repeat
from bench.results import Measured, Row, circumstances, table, write
from bench.targets import Floor, Sandbox, Target

RUNS = 5
MANY = 1_000
CONNECTIONS = 4
SAMPLE = 200
PRESENT = (100, 1_000, 5_000)

INTRODUCTION = """\
Min / median / max of the runs. The *floor* is `bench/floor.py`: one route on the same two libraries that reads the same body, makes one
SQLite commit and answers, so no cloud can cost less. The ratio is the sandbox's median divided by the floor's. Every server is created in
the profile `ecs`, which also makes a port with its address, a system disk and its attachment. CPU is that of the server's process: it tells
the same on a busy machine. The client sends ready bytes over open connections from a process of its own.
"""


def say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def cpu(target: Target) -> float:
    """Return the seconds of CPU that a server's process has used."""
    used = psutil.Process(target.pid).cpu_times()
    return float(used.user + used.system)


def timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def starts(targets: list[Target]) -> Row:
    took: Measured = [[], []]
    for _ in range(RUNS + 2):
        for target, found in zip(targets, took, strict=True):
            found.append(timed(target.start))
            target.stop()
    how = "from the call until it answers; its folder is there already, but for the first"
    return Row("start", "1", "s", "< 0.5", took, how)


def creates(targets: list[Target], connections: int) -> list[Row]:
    rates: Measured = [[], []]
    costs: Measured = [[], []]
    own: list[float] = []
    for _ in range(RUNS):
        for place, target in enumerate(targets):
            target.clear()
            lines = [Line(target.port) for _ in range(connections)]
            data = target.create()
            before, mine = cpu(target), time.process_time()
            took = timed(lambda lines=lines, data=data: repeat(lines, data, MANY))  # type: ignore[misc]
            own.append((time.process_time() - mine) / MANY)
            costs[place].append((cpu(target) - before) / MANY * 1e3)
            rates[place].append(MANY / took)
            for line in lines:
                line.close()
    many = f"{connections} connections" if connections > 1 else "one connection"
    how = f"{many}, one create in flight on each; the client used {max(own) * 1e3:.2f} ms of CPU a create"
    return [
        Row(f"single creates, {many}", f"{MANY:,}", "a second", "≥ 500", rates, how),
        Row(f"CPU of a single create, {many}", f"{MANY:,}", "ms", "", costs, "of the server's process"),
    ]


def batches(targets: list[Target]) -> list[Row]:
    rates: Measured = [[], []]
    lists: Measured = [[], []]
    for _ in range(RUNS):
        for place, target in enumerate(targets):
            target.clear()
            line = Line(target.port)
            batch, details = target.create(MANY), target.details()
            rates[place].append(MANY / timed(lambda line=line, batch=batch: line.ask(batch)))  # type: ignore[misc]
            lists[place].append(timed(lambda line=line, details=details: line.ask(details)))  # type: ignore[misc]
            line.close()
    return [
        Row("one batch", f"{MANY:,}", "servers a second", "≥ 500", rates, "one request; the floor files as many rows"),
        Row(
            "list with details",
            f"{MANY:,}",
            "s",
            "< 0.5",
            lists,
            "one request, after the batch; the floor prints the bodies",
        ),
    ]


def growth(targets: list[Target]) -> list[Row]:
    rows = []
    for present in PRESENT:
        costs: Measured = [[], []]
        for _ in range(RUNS):
            for place, target in enumerate(targets):
                target.clear()
                line = Line(target.port)
                line.ask(target.create(present))
                data = target.create()
                before = cpu(target)
                repeat([line], data, SAMPLE)
                costs[place].append((cpu(target) - before) / SAMPLE * 1e3)
                line.close()
        how = f"of the server's process, over {SAMPLE} creates"
        rows.append(
            Row("CPU of a single create, with N servers there", f"{present:,}", "ms", "does not grow", costs, how)
        )
    return rows


def memory(targets: list[Target]) -> Row:
    used = [[psutil.Process(target.pid).memory_info().rss / 1e6] for target in targets]
    return Row("memory after all of the above", "", "MB", "< 200", used, "resident set of the server's process")


def plain(floor: Target, folder: Path) -> Row:
    """Measure the profile `community`, which makes no system disk; it wants one here as clients of it do not."""
    rates: Measured = [[], []]
    target = Sandbox(folder, "community")
    target.start()
    try:
        for _ in range(RUNS):
            for place, one in enumerate((target, floor)):
                one.clear()
                line = Line(one.port)
                data = one.create()
                rates[place].append(MANY / timed(lambda line=line, data=data: repeat([line], data, MANY)))  # type: ignore[misc]
                line.close()
    finally:
        target.stop()
    what = "single creates, profile community, one connection"
    return Row(what, f"{MANY:,}", "a second", "≥ 500", rates, "as above; plain Nova makes no system disk")


def main() -> None:
    load = os.getloadavg()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        targets: list[Target] = [Sandbox(folder / "sandbox"), Floor(folder)]
        try:
            say("starts ...")
            rows = [starts(targets)]
            for target in targets:
                target.start()
            for connections in (1, CONNECTIONS):
                say(f"creates, {connections} connections ...")
                rows += creates(targets, connections)
            say("batches and lists ...")
            rows += batches(targets)
            say("growth ...")
            rows += growth(targets)
            rows.append(memory(targets))
            say("profile community ...")
            rows.append(plain(targets[1], folder / "community"))
        finally:
            for target in targets:
                target.stop()
    libraries = ("starlette", "uvicorn", "h11", "jsonschema")
    text = f"{circumstances(load, libraries)}\n\n{INTRODUCTION}\n{table(rows, 'sandbox', 'floor')}"
    write("The sandbox", text)
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    main()
