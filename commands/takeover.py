"""What a killed run of the engine left is taken over before the next run: its lock, its processes, and what it had begun.

The engine itself refuses a stack whose run was killed until somebody types `pulumi cancel`, and then makes a second one of everything
that the dead run was making.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typer

from commands import claim
from commands import takeover_cloud as cloud
from commands import takeover_servers as servers
from commands.failure import Failure
from commands.places import LOCAL, ROOT
from takeover import lock as locking
from takeover import processes
from takeover import state as states

BEFORE = 7200.0
"""How long a run may have lasted whose lock is gone, so that nothing tells when it began."""
SETTLE = 5.0
"""How long a request may still be under way after the process that sent it was stopped."""
OWN = ("pollSeconds", "retrySeconds")
_TICK = 1.0


@dataclass(slots=True)
class Stack:
    """The stack that is taken over, and where everything of it is."""

    name: str
    variables: Mapping[str, str]
    root: Path = ROOT
    local: Path = LOCAL
    place: locking.Place | None = field(init=False)

    def __post_init__(self) -> None:
        backend, password = self.variables["PULUMI_BACKEND_URL"], self.variables.get("PGPASSWORD")
        self.place = locking.place(self.root, self.name, backend, password)

    @property
    def note(self) -> Path:
        """What a takeover that was itself interrupted has to know: since when, and what is to be refreshed."""
        return self.local / "takeover" / f"{self.name}.json"

    @property
    def options(self) -> tuple[str, ...]:
        """The last words of every call of the engine by a takeover."""
        return ("--stack", self.name, "--non-interactive", "--color=never")

    @property
    def engine(self) -> Path:
        """Which process a takeover last ran the engine in: it goes on where the takeover itself is killed."""
        return self.local / "takeover" / f"{self.name}.pid"

    def pulumi(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the engine's own CLI, on this stack."""
        self.engine.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # The process says its own number before it becomes the engine, so no moment is left in which a kill would hide it.
        known = ["sh", "-c", 'echo $$ >"$0" && exec "$@"', str(self.engine)]
        # Into files: with nobody at the other end of a pipe the engine would end at its next word, in the middle of its work.
        with (
            tempfile.TemporaryFile("w+", encoding="utf-8") as out,
            tempfile.TemporaryFile("w+", encoding="utf-8") as wrong,
        ):
            done = subprocess.run(
                [*known, "pulumi", *arguments, *self.options],
                cwd=self.root, env=os.environ | dict(self.variables), check=False, stdout=out, stderr=wrong,
            )  # fmt: skip
            out.seek(0)
            wrong.seek(0)
            return subprocess.CompletedProcess(done.args, done.returncode, out.read(), wrong.read())


def tell(stack: Stack) -> None:
    """Say what a killed run left, and change nothing."""
    held = _locks(stack)
    for lock in held:
        how = "was killed" if not lock.alive else "is at work" if lock.local else "may be at work"
        _say(f"The run that holds the stack ({lock.told}) {how}.")
    # What a run at work has begun is its own.
    if any(lock.alive for lock in held) or _nothing_begun(stack):
        return
    names = [f"{one.told} ({one.kind})" for one in states.begun(_exported(stack))]
    if names:
        _say(
            f"A run was killed before it had finished {', '.join(names)}. `ecs up` takes that over; this preview does not know of it."
        )


def take_over(stack: Stack) -> None:
    """Take over what a killed run left; raises `Failure` (6) where the stack is held by a run that lives or may live.

    Does nothing, and takes no time, where nothing was left.
    """
    if _locks(stack) or stack.note.exists() or not _nothing_begun(stack):
        with _alone(stack):
            _take_over(stack)


def note(stack: Stack, since: float, *, known: bool) -> None:
    """Let the next takeover know when a run began whose lock is about to go, and whether that run is known to have ended."""
    noted = _noted(stack)
    earliest = min(since, noted.get("since", since))
    known = known and noted.get("known", True)
    _private(stack.note, {"since": earliest, "known": known, "refresh": noted.get("refresh", [])})


def _take_over(stack: Stack) -> None:
    held = _locks(stack)
    for lock in held:
        claim.refuse(stack.name, lock)
    noted = _noted(stack)
    exported = _exported(stack)
    begun = states.begun(exported)
    if not held and not noted and not begun:
        return
    known = bool(held) or noted.get("known", False)
    since = min([lock.since for lock in held] + ([noted["since"]] if noted else []), default=0.0)
    since = since or _written(exported) - BEFORE
    for lock in held:
        _say(f"The run that held the stack ({lock.told}) was killed: its lock is taken over.")
    stopped = _stop_orphans(stack, since)
    made = _look(stack, exported, begun, since, late=stopped, known=known)
    note = {"since": since, "known": known, "refresh": noted.get("refresh", [])}
    _private(stack.note, note)
    for lock in held:
        if stack.place:
            locking.remove(stack.place, lock)
    if begun:
        _amend(stack, exported, made, note)
    _refresh(stack)
    stack.note.unlink(missing_ok=True)


def _locks(stack: Stack) -> list[locking.Lock]:
    return locking.locks(stack.place) if stack.place else []


def _nothing_begun(stack: Stack) -> bool:
    """Whether a look at the file is enough to know that no operation is unfinished: the engine takes half a second to tell."""
    text = stack.place.store.read(stack.place.state) if stack.place else None
    if text is None:
        # On another backend, compressed, or in the layout of long ago: the engine knows where.
        return False
    try:
        latest = json.loads(text).get("checkpoint", {}).get("latest") or {}
    except ValueError:
        # The engine was killed while it wrote: it has a copy, and says what to do.
        return False
    return not latest.get("pending_operations")


def _exported(stack: Stack) -> dict[str, Any]:
    done = stack.pulumi("stack", "export")
    if done.returncode != 0:
        raise Failure(f"the state of stack {stack.name!r} cannot be read: {done.stderr.strip()}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _written(exported: Mapping[str, Any]) -> float:
    return locking.seconds(str(exported["deployment"]["manifest"]["time"]))


def _stop_orphans(stack: Stack, since: float) -> bool:
    left = processes.orphans(stack.root, stack.variables["PULUMI_BACKEND_URL"], since)
    if left:
        _say(f"{len(left)} processes of the killed run were still working, and are stopped.")
        try:
            processes.stop(left)
        except processes.StillThereError as error:
            raise Failure(str(error)) from None
    return bool(left)


def _look(
    stack: Stack, exported: Mapping[str, Any], begun: list[states.Begun], since: float, *, late: bool, known: bool
) -> dict[str, cloud.Made]:
    """What the dead run made, by URN. What it asked for in its last moment may come up a little later."""
    wanted = [one for one in begun if one.to_be_found]
    ours = [one for one in begun if servers.to_be_found(one) and not states.stated(exported, one.urn)]
    if not wanted and not ours:
        return {}
    stated = {str(other.get("id")) for other in states.resources(exported)}
    found: dict[str, cloud.Made] = {}
    end = time.monotonic() + (SETTLE if late else 0)
    with _connections(stack, exported) as connection:
        found |= _ours(ours, connection, stated)
        while wanted:
            for one in wanted:
                ids = {made.identity for made in found.values()} | stated
                if one.urn not in found and (made := _search(stack, one, since, connection(one), ids)):
                    found[one.urn] = made
            if all(one.urn in found for one in wanted) or time.monotonic() > end:
                break
            time.sleep(_TICK)
        _judge(exported, wanted, found, connection, known=known)
    return found


def _ours(begun: list[states.Begun], connection: Any, stated: set[str]) -> dict[str, cloud.Made]:
    """What the dead run made of our own provider's servers and batches."""
    found = {}
    for one in begun:
        if made := servers.find(connection(one), one, stated):
            found[one.urn] = made
            what = "left broken" if made.broken else "begun"
            then = "deletes it" if made.broken else "goes on with it"
            _say(f"{one.told} was {what} by the killed run ({made.identity}): the next run {then}.")
    return found


def _judge(
    exported: Mapping[str, Any],
    wanted: list[states.Begun],
    found: dict[str, cloud.Made],
    connection: Any,
    *,
    known: bool,
) -> None:
    """Say what was found, and finish what can be kept; what may be in use since is taken out."""
    for one in wanted:
        made = found.get(one.urn)
        if made is None:
            _say(f"Nothing is there of {one.told}, which the killed run had begun to create.")
        elif states.stated(exported, one.urn) and not known:
            # A second one of something that the stack has: it may be in use since, so nobody deletes it unasked.
            _say(
                f"{one.told} may exist twice: {made.identity} is in the cloud and in no state. See what it is, and delete it."
            )
            del found[one.urn]
        elif made.broken or states.stated(exported, one.urn):
            _say(f"{one.told} was left half made by the killed run ({made.identity}): the next run deletes it.")
        else:
            cloud.finish(connection(one), one, made)
            _say(f"{one.told} was created by the killed run ({made.identity}): it is the stack's now.")


def _search(stack: Stack, one: states.Begun, since: float, connection: Any, ids: set[str]) -> cloud.Made | None:
    return cloud.find(connection, one, since, lambda it: it in ids or _known_elsewhere(stack, it), stack.name)


def _known_elsewhere(stack: Stack, identity: str) -> bool:
    """Whether another stack of this backend holds an id."""
    if stack.place is None or "/" in identity:
        return False
    others = stack.place.store.beneath(stack.place.others)
    wanted = f'"{identity}"'.encode()
    return any(key.endswith(".json") and key != stack.place.state and wanted in text for key, text in others)


@contextlib.contextmanager
def _connections(stack: Stack, exported: Mapping[str, Any]) -> Iterator[Any]:
    """A function from what was begun to a connection to its provider's cloud."""
    from policy.facts.asking import SilentError
    from policy.facts.credentials import connect

    before = dict(os.environ)
    os.environ.update(stack.variables)
    there: dict[str, Any] = {}

    def connection(one: states.Begun) -> Any:
        urn = str(one.resource.get("provider", "")).rpartition("::")[0]
        if urn not in there:
            inputs = next(
                (other.get("inputs") or {} for other in states.resources(exported) if other["urn"] == urn), {}
            )
            try:
                there[urn] = connect(_settings(inputs), cloud.ANSWER)
            except SilentError as silent:
                raise Failure(
                    f"a killed run was creating {one.told}, and whether it did cannot be seen: {silent.reason}. Nothing was changed."
                ) from None
        return there[urn]

    try:
        yield connection
    finally:
        for one in there.values():
            one.close()
        os.environ.clear()
        os.environ.update(before)


def _settings(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """How a provider reaches its cloud: the settings without those that are only about how ours works."""
    return {key: value for key, value in inputs.items() if isinstance(value, str | bool) and key not in OWN}


def _amend(stack: Stack, exported: dict[str, Any], made: Mapping[str, cloud.Made], note: dict[str, Any]) -> None:
    edited, targets = states.amended(exported, made)
    folder = stack.note.parent
    now = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    backup = _private(folder / f"{stack.name}-{now}.before.json", exported)
    _say(f"The state as the killed run left it is kept in {backup}.")
    _private(stack.note, {**note, "refresh": sorted({*note["refresh"], *targets})})
    file = _private(folder / f"{stack.name}-{now}.after.json", edited)
    try:
        done = stack.pulumi("stack", "import", "--file", str(file))
    finally:
        file.unlink()
    if done.returncode != 0:
        dead = f"If that run is dead, type `pulumi cancel --yes --stack {stack.name}` and then the same command again."
        raise Failure(
            "\n".join(
                [f"the state could not be amended: {done.stderr.strip()}", *([dead] if "locked" in done.stderr else [])]
            )
        )


def _refresh(stack: Stack) -> None:
    """Fill what was taken over with what the cloud says: until then the engine would see changes in it that nobody made."""
    targets = list(_noted(stack).get("refresh", []))
    if not targets:
        return
    chosen = [word for urn in targets for word in ("--target", urn)]
    done = stack.pulumi("refresh", "--yes", "--skip-preview", *chosen)
    if done.returncode != 0:
        raise Failure(
            f"what the killed run left could not be read from the cloud:\n{done.stdout.strip()}\n{done.stderr.strip()}\n"
            "Type the same command again; until it succeeds, do not use `pulumi up` by hand: it would replace things."
        )


def _noted(stack: Stack) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(stack.note.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return found


def _private(file: Path, content: Mapping[str, Any]) -> Path:
    """Write a file, whole or not at all, that only its owner reads: a state may hold secrets."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = file.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        json.dump(content, out)
    return fresh.replace(file)


@contextlib.contextmanager
def _alone(stack: Stack) -> Iterator[None]:
    """Let one command at a time take over: a second one would write the state that it had read before the first was done."""
    folder = stack.note.parent
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / f"{stack.name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        claim.await_engine(stack)
        yield


def _say(line: str) -> None:
    typer.echo(line, err=True)
