"""A state in PostgreSQL: the engine's table, whose keys begin with the database's name and whose values are JSON around base64."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import psycopg
from psycopg import conninfo, sql
from psycopg.types.json import Json

from takeover.store import StoreError, masked

ANSWER = 10
"""How long the server has to answer a connection, in seconds."""
TABLE = "pulumi_state"
_ENGINES_ONLY = ("binary_parameters", "disable_prepared_binary_result", "sslinline", "table")
"""What the engine's driver understands and libpq does not."""
_KNOWN = {one.keyword.decode() for one in psycopg.pq.Conninfo.get_defaults()}


class Table:
    """One table; each call has a connection of its own, so that none lies idle while a run lasts."""

    def __init__(self, backend: str, password: str | None = None) -> None:
        self.shown = masked(backend)
        parts = urlsplit(backend)
        asked = dict(parse_qsl(parts.query))
        # The engine names the table without quotes, which folds it.
        self.table = sql.Identifier(asked.get("table", TABLE).lower())
        below = unquote(parts.path).strip("/")
        self.prefix = f"{below}/" if below else ""
        # What libpq does not know is a setting of the session, to the engine's driver.
        session = [f"-c {key}={value}" for key, value in asked.items() if key not in {*_KNOWN, *_ENGINES_ONLY}]
        wanted: dict[str, Any] = {
            "host": parts.hostname,
            "port": parts.port,
            "user": unquote(parts.username) if parts.username else None,
            "password": unquote(parts.password) if parts.password else password,
            "dbname": below,
            "connect_timeout": os.environ.get("PGCONNECT_TIMEOUT", str(ANSWER)),
            "options": " ".join(session) or None,
            **{key: value for key, value in asked.items() if key in _KNOWN},
        }
        self.address = conninfo.make_conninfo("", **{key: value for key, value in wanted.items() if value})

    def beneath(self, folder: str) -> Iterator[tuple[str, bytes]]:
        """Every row under a folder."""
        found = self._all("SELECT key, data FROM {} WHERE starts_with(key, %s) ORDER BY key", f"{folder}/")
        for key, data in found:
            yield key.removeprefix(self.prefix), base64.b64decode(data["data"])

    def read(self, key: str) -> bytes | None:
        """One row's value."""
        found = self._all("SELECT key, data FROM {} WHERE key = %s", key)
        return base64.b64decode(found[0][1]["data"]) if found else None

    def write(self, key: str, content: bytes) -> None:
        """Insert a row, or change it."""
        data = Json({"data": base64.b64encode(content).decode()})
        with self._connected() as connection:
            connection.execute(
                sql.SQL(
                    "INSERT INTO {} (key, data) VALUES (%s, %s) "
                    "ON CONFLICT (key) DO UPDATE SET data = excluded.data, updated_at = now()"
                ).format(self.table),
                (self.prefix + key, data),
            )

    def delete(self, key: str) -> None:
        """Delete a row."""
        with self._connected() as connection:
            connection.execute(sql.SQL("DELETE FROM {} WHERE key = %s").format(self.table), (self.prefix + key,))

    def _all(self, query: str, key: str) -> list[tuple[str, dict[str, str]]]:
        with self._connected() as connection:
            try:
                return connection.execute(sql.SQL(query).format(self.table), (self.prefix + key,)).fetchall()
            except psycopg.errors.UndefinedTable:
                # The engine makes it when it is first run.
                return []

    @contextmanager
    def _connected(self) -> Iterator[psycopg.Connection[Any]]:
        try:
            with psycopg.connect(self.address, autocommit=True) as connection:
                yield connection
        except psycopg.Error as error:
            raise StoreError(f"the state at {self.shown} cannot be reached: {str(error).strip()}") from None
