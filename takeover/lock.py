"""The locks of a stack on a file backend: whose they are, and whether their run is still alive."""

from __future__ import annotations

import json
import re
import socket
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote

import yaml

from takeover import processes

_FRACTION = re.compile(r"\.(\d{6})\d*")


@dataclass(frozen=True, slots=True)
class Lock:
    """One lock file, as the engine writes it."""

    file: Path
    pid: int
    user: str
    host: str
    since: float

    @property
    def local(self) -> bool:
        """Whether this machine took it."""
        return self.host == socket.gethostname()

    @property
    def alive(self) -> bool:
        """Whether the run that took it still runs; another machine's is never known to have ended."""
        return not self.local or processes.is_run(processes.running().get(self.pid), self.since)

    @property
    def told(self) -> str:
        """Who has taken it, where and when."""
        when = datetime.fromtimestamp(self.since, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        return f"process {self.pid} of {self.user} on {self.host}, since {when}"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file backend keeps a stack."""

    locks: Path
    state: Path
    others: Path
    """The states of all stacks."""


def place(root: Path, stack: str, backend: str) -> Place | None:
    """Where the stack is kept, or None where the backend is no folder."""
    if not backend.startswith("file://"):
        return None
    folder = Path(unquote(backend.removeprefix("file://")).partition("?")[0]).expanduser() / ".pulumi"
    project = str(yaml.safe_load((root / "Pulumi.yaml").read_text(encoding="utf-8"))["name"])
    return Place(
        folder / "locks" / "organization" / project / stack,
        folder / "stacks" / project / f"{stack}.json",
        folder / "stacks",
    )


def locks(where: Place) -> list[Lock]:
    """The locks that are held, oldest first."""
    found: list[Lock] = []
    for file in where.locks.glob("*.json"):
        try:
            said = json.loads(file.read_text(encoding="utf-8"))
            found.append(
                Lock(file, int(said["pid"]), str(said["username"]), str(said["hostname"]), seconds(said["timestamp"]))
            )
        except FileNotFoundError:
            continue
        except (OSError, ValueError, KeyError, TypeError):
            # A run that is about to write it: not ours to judge. It counts as another machine's.
            found.append(Lock(file, 0, "somebody", "an unknown machine", 0.0))
    return sorted(found, key=lambda one: one.since)


def remove(lock: Lock) -> None:
    """Remove one lock, and what the backend keeps beside it."""
    lock.file.unlink(missing_ok=True)
    lock.file.with_name(f"{lock.file.name}.attrs").unlink(missing_ok=True)


def seconds(text: str) -> float:
    """The time that a text of the engine or of a cloud means; one without a zone is UTC. Raises `ValueError`."""
    # The engine writes nanoseconds, of which Python reads six digits.
    when = datetime.fromisoformat(_FRACTION.sub(r".\1", text))
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
