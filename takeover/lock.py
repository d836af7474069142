"""The locks of a stack, in a folder, a table or a bucket: whose they are, and whether their run is still alive."""

from __future__ import annotations

import getpass
import json
import os
import pwd
import re
import socket
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import yaml

from takeover import processes
from takeover.store import Store, store

CLAIMED = 120.0
"""How long another machine's claim counts, in seconds: by then its engine has a lock of its own, or never gets one."""
_FRACTION = re.compile(r"\.(\d{6})\d*")


@dataclass(frozen=True, slots=True)
class Lock:
    """One lock, as the engine writes it; or a claim, which is a run's that is about to have one."""

    key: str
    pid: int
    user: str
    host: str
    since: float
    """When it was taken; 0 where it cannot be read."""
    claim: bool = False

    @property
    def readable(self) -> bool:
        """Whether it says whose it is."""
        return self.since > 0

    @property
    def local(self) -> bool:
        """Whether this machine took it."""
        return self.host == socket.gethostname()

    @property
    def own(self) -> bool:
        """Whether this user took it, on this machine."""
        return self.local and self.user == me()

    @property
    def alive(self) -> bool:
        """Whether the run that took it still runs; another machine's is never known to have ended."""
        if self.local:
            there = processes.running(everybody=True).get(self.pid)
            return processes.is_run(there, self.since) or (there is None and processes.hidden(self.pid))
        return not self.claim or time.time() < self.since + CLAIMED

    @property
    def told(self) -> str:
        """Who has taken it, where and when."""
        when = (
            f"{datetime.fromtimestamp(self.since, UTC):%Y-%m-%d %H:%M:%S UTC}" if self.readable else "an unknown time"
        )
        return f"process {self.pid} of {self.user} on {self.host}, since {when}"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a backend keeps a stack."""

    store: Store
    locks: str
    state: str
    others: str
    """The states of all stacks."""
    claims: str
    """Our own, beside the engine's: it takes no notice of them."""


def place(root: Path, stack: str, backend: str, password: str | None = None) -> Place | None:
    """Where the stack is kept, or None where only the engine knows. Raises `StoreError` where a client is missing."""
    kept = store(backend, password)
    if kept is None:
        return None
    project = str(yaml.safe_load((root / "Pulumi.yaml").read_text(encoding="utf-8"))["name"])
    return Place(
        kept,
        f".pulumi/locks/organization/{project}/{stack}",
        f".pulumi/stacks/{project}/{stack}.json",
        ".pulumi/stacks",
        f".pulumi/ecs-stacks-claims/{project}/{stack}",
    )


def locks(where: Place) -> list[Lock]:
    """The locks that are held, oldest first."""
    return _found(where, where.locks, claim=False)


def claims(where: Place) -> list[Lock]:
    """The runs that are about to take a lock, oldest first."""
    return _found(where, where.claims, claim=True)


def _found(where: Place, folder: str, *, claim: bool) -> list[Lock]:
    found = [parsed(key, text, claim=claim) for key, text in where.store.beneath(folder) if key.endswith(".json")]
    return sorted(found, key=lambda one: one.since)


def parsed(key: str, text: bytes, *, claim: bool = False) -> Lock:
    """The lock that a text says; one that cannot be read counts as another machine's, and is never known to have ended."""
    try:
        said = json.loads(text)
        return Lock(
            key, int(said["pid"]), str(said["username"]), str(said["hostname"]), seconds(said["timestamp"]), claim=claim
        )
    except (ValueError, KeyError, TypeError, OverflowError):
        # A run that is about to write it: not ours to judge.
        return Lock(key, 0, "somebody", "an unknown machine", 0.0, claim=claim)


def me() -> str:
    """The name of who runs this, as the engine gives it."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return getpass.getuser()


def claim(where: Place) -> Lock:
    """Say that this process is about to take the lock."""
    now = datetime.now(UTC)
    key = f"{where.claims}/{uuid.uuid4().hex}.json"
    mine = Lock(key, os.getpid(), me(), socket.gethostname(), now.timestamp(), claim=True)
    said = {"pid": mine.pid, "username": mine.user, "hostname": mine.host, "timestamp": now.isoformat()}
    where.store.write(key, json.dumps(said).encode())
    return mine


def remove(where: Place, lock: Lock) -> bool:
    """Remove one lock, and what the backend keeps beside it; one that is gone or another's by now is left, and False."""
    text = where.store.read(lock.key)
    if text is None or parsed(lock.key, text, claim=lock.claim) != lock:
        return False
    where.store.delete(lock.key)
    return True


def seconds(text: str) -> float:
    """The time that a text of the engine or of a cloud means; one without a zone is UTC. Raises `ValueError`."""
    # The engine writes nanoseconds, of which Python reads six digits.
    when = datetime.fromisoformat(_FRACTION.sub(r".\1", text))
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
