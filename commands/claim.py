"""One run of a stack at a time: the others wait, or end with exit code 6 and the name of the one that holds it.

The engine's own lock alone does not do: two that begin in one moment see each other's and both give up. So a run claims the stack first,
beside the engine's locks, and lets the claim go as soon as its engine has a lock. Whatever fails here, the engine's lock still holds.
"""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import typer

from commands import duration
from commands.failure import Failure
from takeover import lock as locking
from takeover import processes, release

if TYPE_CHECKING:
    from commands.takeover import Stack

LOCKED = 6
"""The exit code where another run holds the stack, or may hold it."""
ENGINE = 600.0
"""How long the engine of a killed takeover may go on, in seconds."""
PAUSE = 2.0
"""About how often a run that waits looks again, in seconds."""
SETTLE = 20.0
"""How long another run that has only a claim may take to get the engine's lock or to give up."""
_TICK = 0.2


@contextlib.contextmanager
def claimed(stack: Stack, wait: float = 0.0) -> Iterator[Callable[[], None]]:
    """Hold a stack until the engine does; raises `Failure` (6) where another run holds it for longer than `wait` seconds.

    Gives the function to call right before the engine is started. Where only the engine knows the backend nothing is claimed.
    """
    place = stack.place
    if place is None:
        yield lambda: None
        return
    mine = _awaited(stack, place, wait)
    handed = False

    def hand_over() -> None:
        nonlocal handed
        release.start(stack.root, stack.name, mine.key, stack.variables)
        handed = True

    try:
        yield hand_over
    finally:
        if not handed:
            locking.remove(place, mine)


def refuse(stack: str, lock: locking.Lock) -> None:
    """Raise `Failure` (6) where this lock's run lives, or may live."""
    if not lock.alive:
        return
    if not lock.local:
        raise Failure(
            f"the stack {stack!r} is held by another machine's run: {lock.told}. Wait for it, here with `--wait 10m`. Only if you know "
            f"that it has ended, type `ecs unlock --stack {stack} --stale-after 2h`, or for a younger lock "
            f"`pulumi cancel --yes --stack {stack}`, and then the same command again: while it still runs, "
            "both would make the same things, and the last one to write its state would lose the other's.",
            LOCKED,
        )
    raise Failure(
        f"the stack {stack!r} is held by a run that is at work: {lock.told}. Wait for it, here with `--wait 10m`, or end it with "
        f"`kill -INT {lock.pid}` (it then finishes what it has begun), and type the same command again.",
        LOCKED,
    )


def await_engine(stack: Stack) -> None:
    """Wait for the engine of a takeover that was itself killed: what it does is right, and it does not last long.

    Raises `Failure` (6) where it does.
    """
    end, told = time.monotonic() + ENGINE, False
    while engine := _left_engine(stack):
        if not told:
            typer.echo(
                f"A takeover was killed, and its engine (process {engine.pid}) still works: waiting for it.", err=True
            )
            told = True
        if time.monotonic() > end:
            raise Failure(
                f"the engine of a killed takeover (process {engine.pid}) does not end. Type `kill -9 {engine.pid}`, and the same again.",
                LOCKED,
            )
        time.sleep(1.0)


def _left_engine(stack: Stack) -> processes.Process | None:
    try:
        pid = int(stack.engine.read_text(encoding="ascii"))
    except (FileNotFoundError, ValueError):
        return None
    one = processes.running().get(pid)
    return one if one is not None and one.is_engine and one.command[-len(stack.options) :] == stack.options else None


def _awaited(stack: Stack, place: locking.Place, wait: float) -> locking.Lock:
    end = time.monotonic() + wait
    told = None
    while True:
        mine, other = _attempt(place)
        if mine is not None:
            return mine
        if other is None:
            continue
        if not other.claim and (engine := _left_engine(stack)) and other.local and other.pid == engine.pid:
            await_engine(stack)
            continue
        left = end - time.monotonic()
        if left <= 0:
            refuse(stack.name, other)
            # It ended in this moment.
            continue
        if other.key != told:
            told = other.key
            typer.echo(f"Waiting up to {duration.told(left)} for {other.told}.", err=True)
        # Not in step with others that wait for the same.
        time.sleep(min(left, PAUSE * random.uniform(0.5, 1.5)))  # noqa: S311


def _attempt(place: locking.Place) -> tuple[locking.Lock | None, locking.Lock | None]:
    """Our claim, or who holds the stack instead."""
    if held := _living(locking.locks(place)):
        # A takeover runs engines of its own: who holds the claim is the run that a person knows.
        return None, (_living(locking.claims(place)) or held)[0]
    mine = locking.claim(place)
    try:
        other = _rival(place, mine)
    except BaseException:
        locking.remove(place, mine)
        raise
    if other is None:
        return mine, None
    locking.remove(place, mine)
    return None, other


def _rival(place: locking.Place, mine: locking.Lock) -> locking.Lock | None:
    """Who holds the stack once every claim beside ours has become a lock or was given up; None where it is ours.

    Of two that see each other's claim the one of the higher key gives up. The other cannot know whether that one was alone when it
    looked, and is waited for.
    """
    end = time.monotonic() + SETTLE
    while True:
        claims = [one for one in locking.claims(place) if one.key != mine.key]
        rivals = _living(claims)
        # In this order: whoever lets a claim go has a lock by then.
        if held := _living(locking.locks(place)):
            return (rivals or held)[0]
        for one in claims:
            if one not in rivals:
                locking.remove(place, one)
        if not rivals:
            return None
        if rivals[0].key < mine.key or time.monotonic() > end:
            return rivals[0]
        time.sleep(_TICK)


def _living(locks: list[locking.Lock]) -> list[locking.Lock]:
    return sorted((one for one in locks if one.alive), key=lambda one: one.key)
