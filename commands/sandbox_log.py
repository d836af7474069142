"""`ecs sandbox log`: the requests that the sandbox was sent, as a table to read or as JSON."""

from __future__ import annotations

import json
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from commands.places import SANDBOX

if TYPE_CHECKING:
    from rich.text import Text

_FAILED = 400
_BROKEN = 500
_POLL_SECONDS = 0.2


def log(
    folder: Annotated[
        Path, typer.Option("--folder", help="Where its state is kept.", show_default=".ecs/sandbox")
    ] = SANDBOX,
    last: Annotated[int, typer.Option("--last", "-n", min=1, help="How many requests.")] = 50,
    *,
    changes: Annotated[bool, typer.Option("--changes", help="Only those that may change something.")] = False,
    failed: Annotated[
        bool, typer.Option("--failed", help="Only those refused (400 and above) or not answered.")
    ] = False,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with new ones, until Ctrl-C.")] = False,
    full: Annotated[bool, typer.Option("--full", help="Whole bodies, also where they are wider than a line.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")] = False,
) -> None:
    """Print the last requests; secrets are masked in the log itself."""

    def fits(entry: dict[str, Any]) -> bool:
        return (not changes or _may_change(entry)) and (not failed or _failed(entry))

    path = folder / "requests.jsonl"
    tell = _as_json if as_json else _printer(full=full)
    tail = Tail(path)
    for entry in deque(filter(fits, tail.entries()), maxlen=last):
        tell(entry)
    if follow:
        for entry in filter(fits, tail.follow(lambda: time.sleep(_POLL_SECONDS))):
            tell(entry)


class Tail:
    """The entries of a log that may still grow."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = 0

    def entries(self) -> Iterator[dict[str, Any]]:
        """Return the entries that are new since the last call; a line that is not whole yet waits for the next one."""
        try:
            lines = self._path.open("rb")
        except FileNotFoundError:
            self._read = 0
            return
        with lines:
            if lines.seek(0, 2) < self._read:
                # It was begun anew.
                self._read = 0
            lines.seek(self._read)
            for line in lines:
                if not line.endswith(b"\n"):
                    break
                self._read += len(line)
                yield json.loads(line)

    def follow(self, wait: Callable[[], None]) -> Iterator[dict[str, Any]]:
        """Return new entries as they come, for good; `wait` is called between two looks at the file."""
        while True:
            yield from self.entries()
            wait()


def _may_change(entry: dict[str, Any]) -> bool:
    return entry["method"] not in ("GET", "HEAD") and not entry["path"].endswith("/auth/tokens")


def _failed(entry: dict[str, Any]) -> bool:
    return entry["status"] is None or entry["status"] >= _FAILED


def _as_json(entry: dict[str, Any]) -> None:
    typer.echo(json.dumps(entry, ensure_ascii=False))


def _printer(*, full: bool) -> Callable[[dict[str, Any]], None]:
    from rich.console import Console

    console = Console(file=sys.stdout, highlight=False, markup=False, emoji=False)
    cut = console.is_terminal and not full

    def tell(entry: dict[str, Any]) -> None:
        text = _line(entry)
        if cut:
            text.truncate(console.width, overflow="ellipsis")
        console.print(text, soft_wrap=True)

    return tell


def _line(entry: dict[str, Any]) -> Text:
    from rich.text import Text

    from sandbox.show.text import visible

    status = entry["status"]
    moment = datetime.fromtimestamp(entry["time"]).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    style = "red" if status is None else "green" if status < _FAILED else "yellow" if status < _BROKEN else "bold red"
    version = f" ({entry['microversion']})" if entry.get("microversion") else ""
    fault = f" [{entry['fault']}]" if entry.get("fault") else ""
    body = "" if entry["body"] is None else " " + json.dumps(entry["body"], ensure_ascii=False)
    parts: Iterable[tuple[str, str]] = (
        (moment, "bright_black"),
        (" ", ""),
        ("---" if status is None else str(status), style),
        (f" {entry['method']}", "bold" if _may_change(entry) else ""),
        (f" {entry['path']}{version}", ""),
        (fault, "magenta"),
        (body, "bright_black"),
    )
    return Text.assemble(*((visible(text), how) for text, how in parts))
