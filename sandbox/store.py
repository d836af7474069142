"""What the cloud remembers: one SQLite file, one transaction a request.

A record is a JSON object with an `id`, filed under a kind (`server`, `port`, ...). A change that time brings by itself
is written down beforehand: `later` is a list of `{"at": seconds, "set": {...}}`, applied when the record is read, so
that a BUILD turns into an ACTIVE with nobody at work in between, and a restart changes nothing.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sandbox.clock import Clock
from sandbox.faults import Json
from sandbox.past import Past, records_at
from sandbox.tally import TALLY

_SCHEMA = """
CREATE TABLE IF NOT EXISTS record (
    seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL,
    cores INTEGER AS (json_extract(body, '$.cores')),
    ram INTEGER AS (json_extract(body, '$.ram')),
    size INTEGER AS (json_extract(body, '$.size')),
    UNIQUE (kind, id));
DROP INDEX IF EXISTS record_counted;
CREATE TABLE IF NOT EXISTS address (
    subnet_id TEXT NOT NULL, ip TEXT NOT NULL, port_id TEXT NOT NULL, PRIMARY KEY (subnet_id, ip)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS address_port ON address (port_id);
CREATE TABLE IF NOT EXISTS about (key TEXT PRIMARY KEY, value TEXT NOT NULL);
"""

_INDEXED = {
    "attachment": ("server_id", "volume_id"),
    "port": ("device_id", "network_id"),
    "rule": ("security_group_id",),
    "server": ("reservation_id", "name"),
    "snapshot": ("volume_id",),
    "subnet": ("network_id",),
}
"""Fields by which a kind's records are looked up often; others work too, by reading all of the kind."""


def settled(body: Json, now: float) -> Json:
    """Return `body` with every change applied that was due by `now`."""
    due = body.get("later")
    if not due:
        return body
    rest = []
    for change in due:
        if change["at"] <= now:
            body.update(change["set"])
        else:
            rest.append(change)
    if rest:
        body["later"] = rest
    else:
        del body["later"]
    return body


class Store:
    """The records, in the file at `path` (`:memory:` for a test)."""

    def __init__(self, path: Path | str, clock: Clock) -> None:
        self._clock = clock
        # While a list lags: the moment it shows, and the table that has the records of then.
        self._moment: float | None = None
        self._records = "record"
        # The event loop's thread is the only user; a test may build the store in another thread than it serves in.
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=512)
        # WAL with NORMAL keeps every committed transaction when the process is killed; only a power cut may lose some.
        # Its pages are carried over into the file in larger lots than by default: half of a commit's time was that.
        pragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=4000;"
        self._db.executescript(pragmas + _SCHEMA + TALLY)
        for kind, fields in _INDEXED.items():
            for field in fields:
                self._db.execute(
                    f"CREATE INDEX IF NOT EXISTS {kind}_{field} ON record (json_extract(body, '$.{field}')) "
                    f"WHERE kind = '{kind}'"
                )

        self._past = Past(self._db, clock)

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    @contextmanager
    def transaction(self, *, write: bool) -> Iterator[None]:
        """Run the body as one unit: all of its changes are kept, or, if it raises, none."""
        self._db.execute("BEGIN IMMEDIATE" if write else "BEGIN")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def keep_past(self, seconds: float) -> None:
        """Keep from now on what `as_of` needs for that many seconds back; 0 keeps nothing."""
        self._past.keep(seconds)

    @contextmanager
    def as_of(self, moment: float) -> Iterator[None]:
        """Let `get` and `all` see the records as they were at `moment`; the body must not change any."""
        self._moment, self._records = moment, records_at(moment)
        try:
            yield
        finally:
            self._moment, self._records = None, "record"

    def _now(self) -> float:
        return self._clock.now() if self._moment is None else self._moment

    def add(self, kind: str, body: Json) -> Json:
        """File a new record and return it."""
        self._db.execute("INSERT INTO record (kind, id, body) VALUES (?, ?, ?)", (kind, body["id"], json.dumps(body)))
        return body

    def save(self, kind: str, body: Json) -> Json:
        """Replace a record by `body` and return it."""
        self._db.execute("UPDATE record SET body = ? WHERE kind = ? AND id = ?", (json.dumps(body), kind, body["id"]))
        return body

    def remove(self, kind: str, record_id: str) -> None:
        """Forget a record."""
        self._db.execute("DELETE FROM record WHERE kind = ? AND id = ?", (kind, record_id))

    def get(self, kind: str, record_id: str) -> Json | None:
        """Return a record as it is now, or None; an id that is no text is nobody's."""
        if not isinstance(record_id, str):
            return None
        query = f"SELECT body FROM {self._records} WHERE kind = ? AND id = ?"  # noqa: S608 - a table's name
        row = self._db.execute(query, (kind, record_id)).fetchone()
        return settled(json.loads(row[0]), self._now()) if row else None

    def all(self, kind: str, **where: Any) -> list[Json]:
        """Return the records of a kind, oldest first, whose fields equal `where`.

        Do not ask for a field that time changes by itself (`status`): the file holds its old value until it is read.
        """
        # The kind is spelled out because SQLite uses a partial index only where it can see the condition.
        query = f"SELECT body FROM {self._records} WHERE kind = '{kind}'"  # noqa: S608 - kinds are words of this program
        for field in where:
            query += f" AND json_extract(body, '$.{field}') = ?"
        now = self._now()
        rows = self._db.execute(query + " ORDER BY seq", tuple(where.values()))
        return [settled(json.loads(row[0]), now) for row in rows]

    @property
    def changes(self) -> int:
        """A number that is another one after every change of a record through this store."""
        return self._db.total_changes

    def total(self, kind: str, *fields: str) -> tuple[int, ...]:
        """Return how many records a kind has, and the sums of `fields` (`cores`, `ram`, `size`) over them."""
        query = f"SELECT {', '.join(('count', *fields))} FROM tally WHERE kind = ?"  # noqa: S608 - words of this program
        row: tuple[int, ...] | None = self._db.execute(query, (kind,)).fetchone()
        return row or (0,) * (1 + len(fields))

    def claim(self, subnet_id: str, ip: str, port_id: str) -> bool:
        """Give an address of a subnet to a port; False if somebody has it."""
        done = self._db.execute("INSERT OR IGNORE INTO address VALUES (?, ?, ?)", (subnet_id, ip, port_id))
        return done.rowcount == 1

    def release(self, port_id: str) -> None:
        """Take back every address of a port."""
        self._db.execute("DELETE FROM address WHERE port_id = ?", (port_id,))

    def highest(self, subnet_id: str, low: str, high: str) -> str | None:
        """Return the highest address taken between `low` and `high`, or None."""
        query = "SELECT MAX(ip) FROM address WHERE subnet_id = ? AND ip BETWEEN ? AND ?"
        row = self._db.execute(query, (subnet_id, low, high)).fetchone()
        return row[0] if row else None

    def taken(self, subnet_id: str) -> set[str]:
        """Return every address of a subnet that somebody has."""
        return {row[0] for row in self._db.execute("SELECT ip FROM address WHERE subnet_id = ?", (subnet_id,))}

    def note(self, key: str) -> str | None:
        """Return what was remembered under `key` about the store itself."""
        row = self._db.execute("SELECT value FROM about WHERE key = ?", (key,)).fetchone()
        return row[0] if row else None

    def remember(self, key: str, value: str) -> None:
        """Remember `value` under `key` about the store itself."""
        self._db.execute("INSERT OR REPLACE INTO about VALUES (?, ?)", (key, value))

    def wipe(self, keep: str) -> None:
        """Forget everything but the records of kind `keep`."""
        self._db.execute("DELETE FROM record WHERE kind != ?", (keep,))
        self._db.execute("DELETE FROM address")
