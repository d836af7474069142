"""All cells of an environment in one command: judged together first, and none is touched where one is refused."""

from __future__ import annotations

import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from commands import gate as gates
from commands.engine import check_stack, ready, taken_over
from commands.environment import default_stack, known_stack
from commands.failure import Failure
from commands.fleet_view import View
from commands.places import ROOT, SANDBOX, STACKS
from commands.relay import relayed
from commands.saying import say

if TYPE_CHECKING:
    from commands.reviewing import Reviewer, Wish
    from gate.review import Review

INTERRUPTED = 130
HARDEST = (1, 2, 5, 6, 7, 0)
"""Which exit code stands for all cells: the first of these that one has."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one cell ended."""

    stack: str
    code: int
    said: str
    review: Review | None = None
    touched: bool = True
    """Whether the engine would do anything, be it only to a component."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell, ready to be worked on."""

    stack: str
    variables: dict[str, str]
    plan: Path

    def reviewer(self) -> Reviewer:
        """What makes reviews of it."""
        from commands.reviewing import Reviewer

        return Reviewer(self.stack, self.variables)


Work = Callable[[Cell, Callable[[Mapping[str, Any]], None]], Outcome]


def stacks_of(stack: str) -> list[str]:
    """The stacks of the engine that make up an environment: its cells, or itself. Raises `Failure` (2) where a cell has no link yet."""
    from components.problems import ArgumentError
    from stacks.cells import cells_of, parts

    environment, cell = parts(stack or default_stack())
    if cell is not None:
        raise Failure(
            f"{stack!r} is one cell. Leave --all out, or name the environment: --stack {environment} --all.", 2
        )
    try:
        cells = cells_of(known_stack(environment), STACKS)
    except ArgumentError as error:
        raise Failure(str(error), 2) from None
    return [known_stack(f"{environment}.{one}") for one in cells] or [environment]


def at_once(parallel: int | None, rest: list[str]) -> int:
    """How many cells are worked on at once: one for each core where nobody says, since each keeps one busy, but no more than eight.

    Raises `Failure` (2) for less than one, and for options that are the engine's own.
    """
    if rest:
        raise Failure(f"{' '.join(rest)}: is no option beside --all. `--help` lists them.", 2)
    if parallel is not None and parallel < 1:
        raise Failure(f"--parallel: {parallel} is not one or more.", 2)
    return parallel or min(os.cpu_count() or 1, 8)


def judge(stack: str, parallel: int, wish: Wish, reports: Path | None, title: str = "Previewing") -> int:
    """Preview every cell with the pack, write the reports of each into a folder of its own, and return the exit code of all."""
    for name in stacks_of(stack):
        check_stack(name)
    with _fleet(stack, parallel, title) as (cells, run):
        outcomes = run(cells, lambda cell, on_event: _judged(cell, wish, on_event, keep=False))
    _written(outcomes, reports)
    return _told(outcomes)


def drift(stack: str, parallel: int, reports: Path | None) -> int:
    """Look at the cloud of every cell, and return the exit code of all."""
    with _fleet(stack, parallel, "Looking at the cloud of") as (cells, run):
        outcomes = run(cells, lambda cell, on_event: _of(cell.reviewer().drift(on_event), cell))
    _written(outcomes, reports)
    return _told(outcomes)


def up(stack: str, parallel: int) -> int:
    """Judge every cell; only where all pass, change each, within what was judged. Returns the exit code of all."""
    from commands.reviewing import Wish

    for one in stacks_of(stack):
        check_stack(one)
    with _fleet(stack, parallel, "Previewing") as (cells, run):
        judged = run(cells, lambda cell, on_event: _judged(cell, Wish(), on_event, keep=True))
        if (code := _told(judged)) != 0:
            typer.echo("Nothing was changed in any cell.", err=True)
            return code
        wanted = {one.stack for one in judged if one.touched}
        changing = [cell for cell in cells if cell.stack in wanted]
        outcomes = run(changing, _applied, "Changing")
    return _told(outcomes)


def down(stack: str, parallel: int) -> int:
    """Delete everything that the cells made, where nothing is in the way in any of them. Returns the exit code of all."""
    from commands.deletion import check
    from commands.engine import variables_seen
    from commands.environment import uses_sandbox

    with _fleet(stack, parallel, "Deleting") as (cells, run):
        for cell in cells:
            with variables_seen(cell.variables):
                check(cell.stack, cell.variables)
        outcomes = run(cells, _destroyed)
    code = _told(outcomes)
    if code == 0 and uses_sandbox(cells[0].stack):
        from sandbox import daemon

        daemon.stop(SANDBOX)
        typer.echo("The sandbox is stopped.")
    return code


@contextmanager
def _fleet(stack: str, parallel: int, title: str) -> Iterator[tuple[list[Cell], Callable[..., list[Outcome]]]]:
    with tempfile.TemporaryDirectory(prefix="ecs-fleet-") as folder:
        cells = [
            Cell(one, ready(one, aside=True, quiet=number > 0), Path(folder) / f"{one}.json")
            for number, one in enumerate(stacks_of(stack))
        ]
        os.chdir(ROOT)

        def run(chosen: list[Cell], work: Work, phase: str = title) -> list[Outcome]:
            return _run(chosen, work, parallel, phase)

        yield cells, run


def _run(cells: list[Cell], work: Work, parallel: int, phase: str) -> list[Outcome]:
    """Work on all cells, some at once; a cell that fails does not stop the others."""
    stopped = threading.Event()
    view = View(phase, [cell.stack for cell in cells])

    def one(cell: Cell) -> Outcome:
        if stopped.is_set():
            raise CancelledError
        view.begun(cell.stack)
        began = time.monotonic()
        try:
            outcome = work(cell, lambda event: view.event(cell.stack, event))
        except Failure as failure:
            outcome = Outcome(cell.stack, failure.code, str(failure))
        view.ended(cell.stack, outcome.code, outcome.said, time.monotonic() - began)
        return outcome

    with view, relayed(stopped.set), ThreadPoolExecutor(parallel) as pool:
        futures = [pool.submit(one, cell) for cell in cells]
        try:
            return [_result(future, cell) for future, cell in zip(futures, cells, strict=True)]
        except KeyboardInterrupt:
            stopped.set()
            for future in futures:
                future.cancel()
            view.note(
                "Interrupted: what a cell has begun is finished or taken over by the next `ecs up`; no other cell is begun."
            )
            raise


def _result(future: Future[Outcome], cell: Cell) -> Outcome:
    try:
        return future.result()
    except CancelledError:
        return Outcome(cell.stack, INTERRUPTED, "not begun")


def _judged(cell: Cell, wish: Wish, on_event: Callable[[Mapping[str, Any]], None], *, keep: bool) -> Outcome:
    from gate.review import Effect

    reviewed = cell.reviewer().gate(wish, on_event, cell.plan if keep else None)
    touched = any(step.effect not in (Effect.SAME, Effect.READ) for step in reviewed.reading.steps.values())
    return replace(_of(reviewed.review, cell), touched=touched)


def _applied(cell: Cell, on_event: Callable[[Mapping[str, Any]], None]) -> Outcome:
    with taken_over("up", cell.stack, cell.variables) as hand_over:
        hand_over()
        return _of(cell.reviewer().apply(cell.plan, on_event, refresh=False), cell)


def _destroyed(cell: Cell, on_event: Callable[[Mapping[str, Any]], None]) -> Outcome:
    with taken_over("down", cell.stack, cell.variables) as hand_over:
        hand_over()
        return _of(cell.reviewer().destroy(on_event), cell)


def _of(review: Review, cell: Cell) -> Outcome:
    return Outcome(cell.stack, review.exit_code, review.said, review)


def _written(outcomes: list[Outcome], reports: Path | None) -> None:
    """Write the reports of each cell into a folder of its own."""
    if reports is None:
        return
    for one in outcomes:
        if one.review is not None:
            gates.write_all(one.review, reports / one.stack)


def _told(outcomes: list[Outcome]) -> int:
    """Say how each cell ended, with every finding of those that did not pass, and return the exit code of all."""
    for one in outcomes:
        if one.code not in (0, INTERRUPTED) and one.review is not None:
            say(sys.stdout, gates.rendered(one.review, "text", colour=sys.stdout.isatty()))
    for one in outcomes:
        say(sys.stdout, f"{one.stack}: {one.said}\n")
    codes = {one.code for one in outcomes}
    return next((code for code in (*HARDEST, INTERRUPTED) if code in codes and code), max(codes, default=0))
