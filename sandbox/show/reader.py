"""Reading a sandbox's database from outside, whether the sandbox runs or not."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sandbox.clock import Clock, SystemClock
from sandbox.faults import Json
from sandbox.folder import Folder
from sandbox.show.gather import gather
from sandbox.show.inventory import Inventory
from sandbox.store import settled


class NothingToShowError(Exception):
    """There is no sandbox to look into; the message says why and what to do."""


class Reader:
    """The records of one moment in a database file, which is only read."""

    def __init__(self, line: sqlite3.Connection, clock: Clock) -> None:
        self._line = line
        self._clock = clock

    def all(self, kind: str, /) -> list[Json]:
        """Return the records of a kind, oldest first, as they are now."""
        rows = self._line.execute("SELECT body FROM record WHERE kind = ? ORDER BY seq", (kind,))
        now = self._clock.now()
        return [settled(json.loads(row[0]), now) for row in rows]


@contextmanager
def _reading(path: Path, clock: Clock) -> Iterator[Reader]:
    # Without a log beside it the file is whole: whoever opens it as unchanging leaves no files of its own behind.
    how = "mode=ro" if path.with_name(f"{path.name}-wal").exists() else "immutable=1"
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True, isolation_level=None)) as line:
        # One transaction sees one moment, although the sandbox may write at the same time.
        line.execute("BEGIN")
        yield Reader(line, clock)


def read(path: Path, clock: Clock | None = None) -> Inventory:
    """Return what is in the sandbox of the folder `path`; raises `NothingToShowError` where there is none."""
    folder = Folder(path)
    clock = clock or SystemClock()
    if not folder.database.is_file():
        raise NothingToShowError(f"there is no sandbox in {path}; start one: ecs sandbox start")
    try:
        with _reading(folder.database, clock) as records:
            return gather(records, profile=folder.read_endpoint().get("profile", "ecs"), at=clock.now())
    except sqlite3.Error as error:
        message = f"the sandbox's database {folder.database} cannot be read ({error})"
        raise NothingToShowError(f"{message}; start over: ecs sandbox reset") from None
