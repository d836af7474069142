"""What the records were a while ago, for a list that lags.

While somebody asked for it, SQLite itself notes what each change replaces, in the same transaction as the change, and
drops what is older than needed. A cloud that nobody asked to lag has no trigger, and pays nothing.
"""

import sqlite3

from sandbox.clock import Clock

_TABLE = """
CREATE TABLE IF NOT EXISTS past (
    turn INTEGER PRIMARY KEY, at REAL NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, seq INTEGER NOT NULL, body TEXT)
"""
_INDEXES = (
    "CREATE INDEX IF NOT EXISTS past_record ON past (kind, id, at)",
    "CREATE INDEX IF NOT EXISTS past_at ON past (at)",
)
# What a body of NULL tells: there was no such record.
_TRIGGERS = {
    "past_of_new": ("INSERT", "NEW.kind, NEW.id, NEW.seq, NULL", "NEW"),
    "past_of_changed": ("UPDATE", "OLD.kind, OLD.id, OLD.seq, OLD.body", "OLD"),
    "past_of_removed": ("DELETE", "OLD.kind, OLD.id, OLD.seq, OLD.body", "OLD"),
}
_NEVER = "'token', 'mishap', 'quota'"


class Past:
    """The past of the records in a database."""

    def __init__(self, database: sqlite3.Connection, clock: Clock) -> None:
        self._db = database
        self._kept = 0.0
        database.create_function("moment", 0, clock.now)

    def keep(self, seconds: float) -> None:
        """Remember from now on what was there up to `seconds` ago; 0 forgets everything.

        Belongs to the transaction around it: call it again where that was undone.
        """
        if seconds == self._kept:
            return
        self._db.execute(_TABLE)
        for name in _TRIGGERS:
            self._db.execute(f"DROP TRIGGER IF EXISTS temp.{name}")
        if seconds:
            for index in _INDEXES:
                self._db.execute(index)
            for name, (event, values, row) in _TRIGGERS.items():
                drop = f"DELETE FROM past WHERE at <= moment() - {seconds!r}"  # noqa: S608 - a number
                note = f"INSERT INTO past (at, kind, id, seq, body) VALUES (moment(), {values})"  # noqa: S608 - as above
                self._db.execute(
                    f"CREATE TEMP TRIGGER {name} AFTER {event} ON main.record WHEN {row}.kind NOT IN ({_NEVER}) "
                    f"BEGIN {drop}; {note}; END"
                )
        else:
            self._db.execute("DELETE FROM past")
        self._kept = seconds


def records_at(moment: float) -> str:
    """Return the SQL of a table that has the records as they were at `moment`."""
    # Of what was replaced since then, the first is what was there.
    return f"""(
        SELECT seq, kind, id, body FROM record AS now WHERE NOT EXISTS (
            SELECT 1 FROM past WHERE past.kind = now.kind AND past.id = now.id AND past.at > {moment!r})
        UNION ALL
        SELECT seq, kind, id, body FROM past AS old WHERE at > {moment!r} AND body IS NOT NULL AND turn = (
            SELECT MIN(turn) FROM past WHERE past.kind = old.kind AND past.id = old.id AND past.at > {moment!r})
    )"""  # noqa: S608 - a number
