"""kill -9 in the middle of the work: every create is there as a whole, or not at all."""

import json
import os
import re
import signal
import sqlite3
import threading
import time
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from sandbox import daemon

NETWORK = "51bead38-d1a3-4d08-be20-0970c24b7cab"
SUBNET = "5a0b1c2d-0003-4000-8000-000000000003"
ROUNDS = 3
BATCH = 3


def ask(port: int, method: str, path: str, body: Any, token: str) -> Any:
    line = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        line.request(method, path, json.dumps(body), {"X-Auth-Token": token, "Content-Type": "application/json"})
        answer = line.getresponse()
        text = answer.read()
        return dict(answer.getheaders()), json.loads(text) if text else None
    finally:
        line.close()


def log_in(port: int, folder: Path) -> str:
    found = re.search(r"password: (\S+)", (folder / "clouds.yaml").read_text())
    assert found is not None
    user = {"name": "demo", "domain": {"id": "default"}, "password": found.group(1)}
    auth = {"auth": {"identity": {"methods": ["password"], "password": {"user": user}}}}
    headers, _ = ask(port, "POST", "/identity/v3/auth/tokens", auth, "")
    return str(headers["x-subject-token"])


def load(port: int, token: str, stop: threading.Event, made: list[str]) -> None:
    server = {
        "name": "b",
        "flavorRef": "s3.medium",
        "imageRef": "24040000-0000-4000-8000-000000000001",
        "availability_zone": "az1-dc1",
        "networks": [{"uuid": NETWORK}],
        "min_count": BATCH,
        "return_reservation_id": True,
    }
    while not stop.is_set():
        try:
            _, body = ask(port, "POST", "/compute/v2.1/servers", {"server": server}, token)
        except (OSError, HTTPException, ValueError):
            return
        if "reservation_id" in body:
            made.append(body["reservation_id"])


def test_nothing_is_half_made_and_nothing_answered_is_lost(tmp_path: Path) -> None:
    folder = tmp_path / "sandbox"
    made: list[str] = []
    try:
        for _ in range(ROUNDS):
            port = daemon.start(folder, port=None).port
            assert port is not None
            token = log_in(port, folder)
            stop = threading.Event()
            threads = [threading.Thread(target=load, args=(port, token, stop, made)) for _ in range(3)]
            before = len(made)
            for thread in threads:
                thread.start()
            deadline = time.monotonic() + 5
            while len(made) < before + 5 and time.monotonic() < deadline:
                pass
            pid = daemon.status(folder).pid
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            stop.set()
            for thread in threads:
                thread.join(10)
            assert len(made) >= before + 5
            # Where the log's last line was cut off, only that one may be.
            lines = (folder / "requests.jsonl").read_text().split("\n")
            for line in lines[:-1]:
                json.loads(line)
        daemon.start(folder)
    finally:
        daemon.stop(folder)

    with sqlite3.connect(folder / "sandbox.db") as db:
        servers = [json.loads(row[0]) for row in db.execute("SELECT body FROM record WHERE kind = 'server'")]
        ports = [json.loads(row[0]) for row in db.execute("SELECT body FROM record WHERE kind = 'port'")]
        attachments = [json.loads(row[0]) for row in db.execute("SELECT body FROM record WHERE kind = 'attachment'")]
        volumes = db.execute("SELECT COUNT(*) FROM record WHERE kind = 'volume'").fetchone()[0]
        addresses = [row[0] for row in db.execute("SELECT port_id FROM address WHERE subnet_id = ?", (SUBNET,))]
    db.close()
    sizes: dict[str, int] = {}
    for server in servers:
        sizes[server["reservation_id"]] = sizes.get(server["reservation_id"], 0) + 1
    assert set(sizes.values()) == {BATCH}
    assert set(made) <= set(sizes)
    owned = {port["device_id"]: port["id"] for port in ports if port["device_id"]}
    assert {server["id"]: server["nics"][0] for server in servers} == owned
    assert sorted(addresses) == sorted(owned.values())
    assert {one["server_id"] for one in attachments} == {server["id"] for server in servers}
    assert volumes == 2 + len(servers)
