"""One view of many cells at work: a table that is kept up on a terminal, elsewhere a line for each beginning and end."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self

from commands.saying import say

if TYPE_CHECKING:
    from rich.live import Live
    from rich.table import Table

WAITING = "waits"
WORKING = "at work"
_A_SECOND = 4
"""How often the table is drawn."""

_MARKS = {0: "passed", 1: "failed", 5: "refused", 6: "held or undetermined", 7: "changed"}


@dataclass(slots=True)
class Row:
    """What is known of one cell."""

    state: str = WAITING
    resources: int = 0
    last: str = ""
    began: float = 0.0
    seconds: float = 0.0


class View:
    """The cells of one phase. Every method may be called from any thread."""

    def __init__(self, phase: str, stacks: list[str]) -> None:
        self._phase = phase
        self._rows = {stack: Row() for stack in stacks}
        self._lock = threading.Lock()
        self._live: Live | None = None

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.live import Live

            self._live = Live(
                get_renderable=self._table, console=Console(stderr=True), refresh_per_second=_A_SECOND, transient=True
            )
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def begun(self, stack: str) -> None:
        """A cell is worked on from now on."""
        with self._lock:
            row = self._rows[stack]
            row.state, row.began = WORKING, time.monotonic()
        self.note(f"{self._phase} {stack} ...", live=False)

    def event(self, stack: str, event: Mapping[str, Any]) -> None:
        """Take an event of the engine."""
        about = (event.get("resourcePreEvent") or {}).get("metadata")
        if about:
            with self._lock:
                row = self._rows[stack]
                row.resources += 1
                row.last = f"{about['op']} {about['urn'].rpartition('::')[2]}"

    def ended(self, stack: str, code: int, said: str, seconds: float) -> None:
        """A cell is done."""
        with self._lock:
            row = self._rows[stack]
            row.state, row.seconds, row.last = _MARKS.get(code, "failed"), seconds, said.split("\n", 1)[0]
            done = sum(one.state not in (WAITING, WORKING) for one in self._rows.values())
        self.note(f"{stack} ({done} of {len(self._rows)}, {seconds:.0f} s): {row.last}", live=False)

    def note(self, text: str, *, live: bool = True) -> None:
        """Say a line; one that the table shows anyway is said only where there is none."""
        if self._live is not None:
            if live:
                self._live.console.print(text, markup=False, highlight=False)
        else:
            say(sys.stderr, f"{text}\n")

    def _table(self) -> Table:
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, pad_edge=False)
        # Where it is narrow, the last one gives way: without its name a row says nothing.
        names = max(map(len, (self._phase, *self._rows)))
        for column, least in ((self._phase, names), ("", len(WORKING)), ("resources", 9), ("seconds", 7), ("", None)):
            justify: Literal["left", "right"] = "right" if column in ("resources", "seconds") else "left"
            table.add_column(column, justify=justify, no_wrap=True, min_width=least)
        with self._lock:
            for stack, row in self._rows.items():
                seconds = time.monotonic() - row.began if row.state == WORKING else row.seconds
                table.add_row(Text(stack), row.state, str(row.resources), f"{seconds:.0f}", Text(row.last[:60]))
        return table
