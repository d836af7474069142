"""Servers that are really made, on a sandbox whose answers take as long as a network does; and what it was asked meanwhile."""

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.engine import Preview, Program
from bench.results import Measured, Row
from bench.targets import Sandbox

Request = dict[str, Any]
IDENT = re.compile(r"/(?:[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(?=/|$)")


def say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def path(one: Request) -> str:
    """The path of a request, without what is asked of it."""
    return str(one["path"]).partition("?")[0]


def is_create(one: Request) -> bool:
    return bool(one["method"] == "POST") and path(one).endswith("/servers")


def is_list(one: Request) -> bool:
    return bool(one["method"] == "GET") and path(one).endswith(("/servers", "/servers/detail"))


def is_look(one: Request) -> bool:
    return bool(one["method"] == "GET") and "/servers/" in path(one) and not is_list(one)


KINDS: dict[str, tuple[Callable[[Request], bool], str]] = {
    "calls": (lambda _: True, "of every kind, to every service"),
    "creations": (is_create, "`POST /servers`"),
    "lists of servers": (is_list, "`GET /servers/detail`"),
    "looks at one server": (is_look, "`GET /servers/{id}` and below"),
}


def counts(asked: Iterable[Request]) -> dict[str, int]:
    """How many requests there were of each of `KINDS`."""
    log = list(asked)
    return {kind: sum(counted(one) for one in log) for kind, (counted, _) in KINDS.items()}


def by_kind(asked: Iterable[Request]) -> Counter[str]:
    """How many requests there were of each method and path, whatever the ids in them."""
    return Counter(f"{one['method']} {IDENT.sub('/{id}', path(one))}" for one in asked)


@dataclass(frozen=True)
class Pace:
    """How slow a cloud is: the seconds that each answer takes, and that a server takes to come up."""

    answer: float
    build: float


@dataclass(frozen=True)
class Made:
    """One creation: what it took, and what the cloud was asked."""

    cost: Preview
    asked: list[Request]


class Maker:
    """Makes servers on one sandbox, each time in a new stack on a cloud that holds none."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._times = folder, 0
        self._cloud = Sandbox(folder / "cloud")

    def start(self) -> None:
        self._cloud.start()

    def stop(self) -> None:
        self._cloud.stop()

    def once(self, form: str, servers: int, pace: Pace, options: tuple[str, ...]) -> Made:
        """Make all of a form of `bench/servers` once. Raises `FailedError` where not all came to be."""
        self._cloud.clear()
        self._cloud.slow(pace.answer, pace.build)
        self._times += 1
        program = Program(self._folder / f"{form}-{self._times}", self._folder / "cloud")
        before = len(self._cloud.asked())
        cost = program.up(form, servers, *options)
        asked = self._cloud.asked()[before:]
        say(
            f"  {servers} {form} {' '.join(options)}: {cost.seconds:.1f} s, {cost.cpu:.1f} s of CPU, {len(asked)} calls"
        )
        return Made(cost, asked)


def said(options: tuple[str, ...]) -> str:
    """The command, as a row names it."""
    return f"`{' '.join(('up', *options))}`"


def rows(
    number: int, options: tuple[str, ...], pair: list[list[Made]], targets: dict[str, str], where: str = ""
) -> list[Row]:
    """Seconds, CPU and the calls of each kind, of what is measured and of its peer. `targets` are by the kind of a row."""
    runs = max(len(made) for made in pair)
    few = f"{runs} run{'s' * (runs > 1)}"

    def both(of: Callable[[Made], float]) -> Measured:
        return [[of(one) for one in made] for made in pair]

    what, count = said(options) + where, f"{number:,}"
    found = [
        Row(what, count, "s", targets.get("up", ""), both(lambda one: one.cost.seconds), f"the whole command, {few}"),
        Row(f"CPU, {what}", count, "s", targets.get("CPU", ""), both(lambda one: one.cost.cpu), "of all processes"),
    ]
    for kind, (_, how) in KINDS.items():
        values: Measured = [[float(counts(one.asked)[kind]) for one in made] for made in pair]
        found.append(Row(f"{kind}, {what}", count, "calls", targets.get(kind, ""), values, how))
    return found
