"""What is running on this machine, as far as a dead run of the engine needs it: /proc where there is one, else `ps`."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from takeover.store import without_password

PROC = Path("/proc")
ENGINE = "pulumi"
SLACK = 10.0
"""By how many seconds the clock of a lock and that of a process may differ."""
STOPPING = 5.0
"""How long a process has to end when it is asked to, and again when it is made to."""

_ADDRESS = re.compile(r"^(127\.0\.0\.1|localhost|\[::1\]):\d+$")
_WORKER = re.compile(r"^(pulumi-(language|resource|analyzer)-.+|pulumi\.(policy|dynamic|run\.plugin))$")
_TICK = 0.05


@dataclass(frozen=True, slots=True)
class Process:
    """One process: its parent, its command, and when it began (None where nothing says so)."""

    pid: int
    parent: int
    command: tuple[str, ...]
    began: float | None

    @property
    def is_engine(self) -> bool:
        """Whether it is the Pulumi CLI itself, and not one of its plugins."""
        return bool(self.command) and Path(self.command[0]).name == ENGINE

    @property
    def works_for_engine(self) -> bool:
        """Whether an engine started it, which gives its own address: language host, plugin, program, policy pack."""
        named = any(_WORKER.match(Path(word).name) for word in self.command[:4])
        return named and any(_ADDRESS.match(word) for word in self.command[1:])


class StillThereError(Exception):
    """A process that a killed run left behind does not end; the text says which, and what to type."""


def running(*, everybody: bool = False) -> dict[int, Process]:
    """Every process of this user, or of everybody's that can be seen, that is not a zombie, by its id."""
    found = _from_proc(everybody) if (PROC / "self" / "stat").exists() else _from_ps(everybody)
    return {one.pid: one for one in found}


def hidden(pid: int) -> bool:
    """Whether there is a process of this id that a machine does not let this user see (`hidepid`)."""
    if (PROC / str(pid)).exists() or not (PROC / "self" / "stat").exists():
        return False
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (ProcessLookupError, OverflowError):
        return False
    return True


def is_run(process: Process | None, since: float) -> bool:
    """Whether the process of this id is the run that took a lock at `since`, and not another that got its number."""
    if process is None:
        return False
    # A clock that was set makes a process seem younger, so what still looks like an engine is never taken for dead.
    return process.is_engine or process.began is None or process.began <= since + SLACK


def orphans(root: Path, backend: str, since: float) -> list[Process]:
    """What a dead engine left running: it works for an engine, began after `since` in this project, and no engine is above it."""
    there = running()
    return [
        one
        for one in there.values()
        if one.works_for_engine
        and (one.began is None or one.began >= since - SLACK)
        and not any(above.is_engine for above in _above(one, there))
        and _belongs(one.pid, root, backend)
    ]


def stop(processes: list[Process]) -> None:
    """End them, first by asking; raises `StillThereError` with those that do not end."""
    left = processes
    for number in (signal.SIGTERM, signal.SIGKILL):
        for one in left:
            # One that ended meanwhile is what is wanted.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(one.pid, number)
        left = _wait(left)
    if left:
        pids = " ".join(str(one.pid) for one in left)
        raise StillThereError(
            f"what a killed run left behind is still working and does not end: process {pids}. Nothing was changed. "
            f"Type `kill -9 {pids}`, and the same command again."
        )


def _wait(processes: list[Process]) -> list[Process]:
    end = time.monotonic() + STOPPING
    while True:
        there = running()
        left = [one for one in processes if one.pid in there and there[one.pid].command == one.command]
        if not left or time.monotonic() > end:
            return left
        time.sleep(_TICK)


def _above(process: Process, there: dict[int, Process]) -> Iterator[Process]:
    seen = {process.pid}
    while (parent := there.get(process.parent)) is not None and parent.pid not in seen:
        seen.add(parent.pid)
        yield parent
        process = parent


def _belongs(pid: int, root: Path, backend: str) -> bool:
    """Whether a process was started in this project, for this backend; where that cannot be seen, its folder decides."""
    try:
        folder = (PROC / str(pid) / "cwd").resolve(strict=True)
        variables = (PROC / str(pid) / "environ").read_bytes().split(b"\0")
    except OSError:
        return _folder_by_lsof(pid) in (root.resolve(), *root.resolve().glob("*"))
    theirs = [
        without_password(one.partition(b"=")[2].decode(errors="replace"))[0]
        for one in variables
        if one.startswith(b"PULUMI_BACKEND_URL=")
    ]
    return folder.is_relative_to(root.resolve()) and theirs in ([], [without_password(backend)[0]])


def _folder_by_lsof(pid: int) -> Path | None:
    with contextlib.suppress(OSError):
        done = subprocess.run(
            ["lsof", "-a", "-p", str(pid), "-d", "cwd", "-Fn"], capture_output=True, text=True, check=False
        )
        for line in done.stdout.splitlines():
            if line.startswith("n"):
                return Path(line[1:]).resolve()
    return None


def _from_proc(everybody: bool = False) -> Iterator[Process]:
    booted = next(
        int(line.split()[1])
        for line in (PROC / "stat").read_text(encoding="ascii").splitlines()
        if line.startswith("btime")
    )
    ticks = os.sysconf("SC_CLK_TCK")
    for folder in PROC.iterdir():
        if not folder.name.isdigit():
            continue
        # It may end while it is looked at.
        with contextlib.suppress(OSError):
            if not everybody and folder.stat().st_uid != os.getuid():
                continue
            # The name stands in parentheses and may hold anything, spaces and parentheses too.
            fields = (folder / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            if fields[0] in "ZX":
                continue
            words = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")
            yield Process(int(folder.name), int(fields[1]), tuple(words[:-1]), booted + int(fields[19]) / ticks)


def _from_ps(everybody: bool = False) -> Iterator[Process]:
    done = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,ppid=,uid=,stat=,etime=,command="], capture_output=True, text=True, check=False
    )
    now = time.time()
    for line in done.stdout.splitlines():
        pid, parent, user, state, age, *command = line.split()
        if (everybody or int(user) == os.getuid()) and not state.startswith("Z"):
            yield Process(int(pid), int(parent), tuple(command), now - _seconds(age))


def _seconds(age: str) -> int:
    """The seconds in what `ps` calls an elapsed time: `[[days-]hours:]minutes:seconds`."""
    days, _, clock = age.rpartition("-")
    total = 0
    for part in clock.split(":"):
        total = total * 60 + int(part)
    return int(days or 0) * 86400 + total
