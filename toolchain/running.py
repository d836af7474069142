"""Run a long command: its lines go to whoever shows progress, and it never outlives an interrupted installer."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

TAIL = 25
"""How many last lines of a failed command are kept for the error."""


@dataclass
class Outcome:
    """How a command ended."""

    code: int
    seconds: float
    tail: list[str] = field(default_factory=list)


def run(
    command: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    tick: Callable[[float, int, str], None],
) -> Outcome:
    """Run a command to its end; `tick(seconds, lines, last line)` is called about once a second.

    An interruption (Ctrl-C) ends the command and all it started before it goes on upward.
    """
    started = time.monotonic()
    interruption = _Held()
    try:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            # A pipe, so that the orphan of a killed installer dies by SIGPIPE at the next package that it reports.
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
    except BaseException:
        interruption.let_go()
        raise
    outcome = Outcome(0, 0.0)
    try:
        lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        threading.Thread(target=_read, args=(process, lines), daemon=True).start()
        interruption.let_go()
        _follow(lines, outcome, started, tick)
        outcome.code = process.wait()
    except BaseException:
        _end(process)
        raise
    outcome.seconds = time.monotonic() - started
    return outcome


class _Held:
    """Holds Ctrl-C back while a process is started: nobody could end one that is not known yet."""

    def __init__(self) -> None:
        self._came = False
        self._before = signal.getsignal(signal.SIGINT)
        # Only the main thread is interrupted, and only it may say what happens then.
        self._mine = callable(self._before) and threading.current_thread() is threading.main_thread()
        if self._mine:
            signal.signal(signal.SIGINT, self._note)

    def _note(self, *_: object) -> None:
        self._came = True

    def let_go(self) -> None:
        """Let it through again, also the one that came meanwhile: raises `KeyboardInterrupt` for it."""
        if self._mine:
            signal.signal(signal.SIGINT, self._before)
        if self._came:
            raise KeyboardInterrupt


def _read(process: subprocess.Popen[str], lines: queue.SimpleQueue[str | None]) -> None:
    if process.stdout is not None:
        with process.stdout as stream:
            for line in stream:
                lines.put(line.rstrip())
    lines.put(None)


def _follow(
    lines: queue.SimpleQueue[str | None], outcome: Outcome, started: float, tick: Callable[[float, int, str], None]
) -> None:
    count, last, told = 0, "", started
    while True:
        try:
            line = lines.get(timeout=0.5)
        except queue.Empty:
            pass
        else:
            if line is None:
                return
            count, last = count + 1, line
            outcome.tail = [*outcome.tail[1 - TAIL :], line]
        if time.monotonic() - told >= 1:
            told = time.monotonic()
            tick(told - started, count, last)


def _end(process: subprocess.Popen[str]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(timeout=3)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue
        else:
            return
