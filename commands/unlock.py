"""`ecs unlock`: whose locks a stack has, and removing those of runs that have ended."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from commands import claim, duration, takeover
from commands.engine import StackOption
from commands.environment import default_stack, environment, known_stack
from commands.failure import Failure
from takeover import lock as locking
from takeover.store import masked

YOUNGEST = 3600.0
"""The least age of a lock that counts as left behind, in seconds."""
RUNS = {
    "alive": "at work",
    "dead": "has ended",
    "unknown": "of another machine: whether it has ended is not known here",
}

app = typer.Typer(add_completion=False)


@dataclass(slots=True)
class Held:
    """One lock, and what became of it."""

    lock: locking.Lock
    run: str
    age: float
    removed: bool = False

    @property
    def told(self) -> str:
        """The lock as a person reads it."""
        old = f" ({duration.told(self.age)} ago)" if self.lock.readable else ""
        about = ", about to begin" if self.lock.claim else ""
        return f"{self.lock.told}{old}: {RUNS[self.run]}{about}"

    @property
    def data(self) -> dict[str, Any]:
        """The lock for programs; an age in seconds."""
        known = self.lock.readable
        return {
            "process": self.lock.pid,
            "user": self.lock.user,
            "host": self.lock.host,
            "since": datetime.fromtimestamp(self.lock.since, UTC).isoformat() if known else None,
            "age": round(self.age) if known else None,
            "run": self.run,
            "begins": self.lock.claim,
            "removed": self.removed,
        }


@app.command()
def unlock(
    stack: StackOption = "",
    own: Annotated[
        bool, typer.Option("--own", help="Remove your own locks on this machine whose run has ended.")
    ] = False,
    stale_after: Annotated[
        str,
        typer.Option(
            metavar="DURATION",
            help="Remove locks that are older (at least 1h), another machine's too; never one whose run is at work on this machine.",
        ),
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; needed where nobody can be asked.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Show whose locks a stack has; with an option remove those of runs that have ended, each shown before it is removed.

    Exit codes: 0 no lock is left, 6 one is. What a removed lock's run had begun is taken over by the next `ecs up`.
    """
    limit = _limit(stale_after)
    if limit is not None and not yes and not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise Failure(
            "--stale-after asks before it removes another machine's lock, and nobody can be asked. Add --yes.", 2
        )
    name = known_stack(stack or default_stack())
    left = takeover.Stack(name, variables := environment(name))
    if left.place is None:
        raise Failure(
            f"the locks at {masked(variables['PULUMI_BACKEND_URL'])} are known to the engine only. If you know that the run has ended, "
            f"type `pulumi cancel --yes --stack {name}`."
        )
    found = held(left.place)

    def say(line: str) -> None:
        # Standard output is the report's alone.
        typer.echo(line, err=as_json)

    say(f"The stack {name!r} is locked." if found else f"No run holds the stack {name!r}.")
    for one in found:
        say(f"  {one.told}")
    for one in found:
        if removable(one, own=own, limit=limit) and (yes or not _to_be_asked(one) or _agreed(one)):
            one.removed = _remove(left, left.place, one)
            say(f"{'Removed' if one.removed else 'Gone meanwhile'}: the lock of {one.lock.told}.")
    if any(one.removed for one in found):
        say(f"What a run had begun is taken over by the next `ecs up --stack {name}`.")
    free = not found or not held(left.place)
    if as_json:
        typer.echo(json.dumps({"stack": name, "free": free, "locks": [one.data for one in found]}, indent=2))
    if not free:
        raise typer.Exit(claim.LOCKED)


def held(place: locking.Place) -> list[Held]:
    """The locks of a stack and the claims of runs that are about to have one, each with what is known of its run."""
    claims = [one for one in locking.claims(place) if one.alive]
    now = time.time()
    return [Held(one, _run(one), now - one.since) for one in [*locking.locks(place), *claims]]


def removable(one: Held, *, own: bool, limit: float | None) -> bool:
    """Whether the options ask for a lock to be removed; never one whose run is at work, or may be and is younger than `limit`."""
    if one.run == "alive":
        return False
    if own and one.run == "dead" and one.lock.own:
        return True
    return limit is not None and one.lock.readable and one.age >= limit


def _run(lock: locking.Lock) -> str:
    if not lock.local:
        return "unknown"
    return "alive" if lock.alive else "dead"


def _limit(stale_after: str) -> float | None:
    if not stale_after:
        return None
    limit = duration.seconds(stale_after, "--stale-after")
    if limit < YOUNGEST:
        raise Failure(
            f"--stale-after: {stale_after} is too short. A run may last as long as that; write 1h or more.",
            2,
        )
    return limit


def _to_be_asked(one: Held) -> bool:
    """Whether a lock is removed only after a yes: every one but one's own of a run that is known to have ended."""
    return not (one.run == "dead" and one.lock.own)


def _agreed(one: Held) -> bool:
    return typer.confirm(f"Remove the lock of {one.lock.told}, {duration.told(one.age)} old?", err=True)


def _remove(stack: takeover.Stack, place: locking.Place, one: Held) -> bool:
    # Kept before it goes: with the lock goes the time since when the run may have made something.
    takeover.note(stack, one.lock.since, known=one.run == "dead")
    return locking.remove(place, one.lock)
