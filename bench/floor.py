"""The floor: what the least web application on the same two libraries costs, with one transaction a request.

`python -m bench.floor FOLDER PORT` serves it. It reads the same body, files it in SQLite (WAL, one commit a request) as
often as `min_count` says, and answers with an id; a list reads every row and prints it. No cloud does less.
"""

import json
import sqlite3
import sys
import uuid
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


def build(database: sqlite3.Connection) -> Starlette:
    """Return the application."""
    database.executescript(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=4000;"
        "CREATE TABLE IF NOT EXISTS thing (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, body TEXT NOT NULL)"
    )

    async def create(request: Request) -> Response:
        body = json.loads(await request.body())
        database.execute("BEGIN IMMEDIATE")
        new = ""
        for _ in range(body["server"].get("min_count", 1)):
            new = str(uuid.uuid4())
            database.execute("INSERT INTO thing (id, body) VALUES (?, ?)", (new, json.dumps(body)))
        database.execute("COMMIT")
        return Response(json.dumps({"server": {"id": new}}), 202, media_type="application/json")

    async def details(_: Request) -> Response:
        rows = [json.loads(row[0]) for row in database.execute("SELECT body FROM thing ORDER BY seq")]
        return Response(json.dumps({"servers": rows}), media_type="application/json")

    async def clear(_: Request) -> Response:
        database.execute("DELETE FROM thing")
        return Response(status_code=204)

    return Starlette(
        routes=[
            Route("/servers", create, methods=["POST"]),
            Route("/servers", details, methods=["GET"]),
            Route("/servers", clear, methods=["DELETE"]),
        ]
    )


def main(folder: str, port: str) -> None:
    """Serve until SIGTERM."""
    database = sqlite3.connect(Path(folder) / "floor.db", isolation_level=None, check_same_thread=False)
    uvicorn.run(
        build(database), port=int(port), access_log=False, log_level="warning", http="h11", loop="asyncio", ws="none"
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
