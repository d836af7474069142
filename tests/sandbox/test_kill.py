"""kill -9 at any moment: nothing is half made, nothing leaks, every quota is right, and what was answered holds."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from random import Random
from typing import Any

import pytest

import sandbox
from sandbox import daemon
from sandbox.folder import Folder
from sandbox.journal import Journal
from tests.sandbox.kill_checks import Records, broken_promises, limits, read, states, wrong
from tests.sandbox.kill_load import Key, Worker, ask

ROUNDS = 50 if os.environ.get("ECS_NIGHTLY") else 20
WORKERS = 3
# A sandbox that is killed as it starts, among the rounds and in a folder of its own.
EVERY = 10
FRESH = 5
FEWEST = 20 * ROUNDS
UNLIMITED = dict.fromkeys(("instances", "cores", "ram", "volumes", "gigabytes", "port", "floatingip"), -1)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "sandbox"
    yield place
    daemon.stop(place)


@pytest.fixture
def chance() -> Random:
    """A generator of its own for every run; its seed is printed where the test fails."""
    seed = os.environ.get("SANDBOX_KILL_SEED") or secrets.token_hex(4)
    print(f"SANDBOX_KILL_SEED={seed}")
    return Random(seed)  # noqa: S311 - it chooses what a test does


class Cloud:
    """A sandbox that is started and killed over and over."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = self.pid = 0
        self.token = ""
        self.told = 0

    def start(self) -> None:
        """Start it and log in, the first time only: a token outlives a kill too."""
        now = daemon.start(self.folder, build_seconds=0)
        self.port, self.pid = now.port or 0, now.pid or 0
        if not self.token:
            # Requests that nobody got an answer to leave things that nobody deletes.
            daemon.control(self.folder, "PATCH", "/sandbox/settings", {"quota": UNLIMITED})
            user = {"name": "demo", "domain": {"id": "default"}, "password": Folder(self.folder).password()}
            auth = {"auth": {"identity": {"methods": ["password"], "password": {"user": user}}}}
            self.token = self.ask("POST", "/identity/v3/auth/tokens", auth)[1]["x-subject-token"]

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, dict[str, str], Any]:
        line = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            return ask(line, method, path, body, self.token)
        finally:
            line.close()

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)

    def begin_and_kill(self, after: float, sign: str = "") -> None:
        """Kill it as it starts, so many seconds after the file `sign` is there, if one is named."""
        command = [sys.executable, "-m", "sandbox", str(self.folder), "--build-seconds", "0"]
        with subprocess.Popen(command, cwd=Path(sandbox.__file__).parents[1], stderr=subprocess.DEVNULL) as process:
            deadline = time.monotonic() + 10
            while sign and not (self.folder / sign).exists() and time.monotonic() < deadline:
                time.sleep(0.001)
            time.sleep(after)
            process.kill()

    def used(self) -> dict[str, int]:
        """Return what the services say is used of the quotas."""
        project = self.ask("GET", "/identity/v3/auth/projects")[2]["projects"][0]["id"]
        compute, volume = (self.ask("GET", f"/{one}/limits")[2] for one in ("compute/v2.1", "volume/v3"))
        network = self.ask("GET", f"/network/v2.0/quotas/{project}/details.json")[2]["quota"]
        told: dict[str, int] = compute["limits"]["absolute"] | volume["limits"]["absolute"]
        return told | {kind: network[kind]["used"] for kind in ("port", "floatingip")}

    def check(self, workers: list[Worker]) -> Records:
        """Find every invariant and every promise kept, and return the records."""
        records = read(Folder(self.folder).database)
        opened, batches = (
            set[str]().union(*found) for found in zip(*((w.opened, w.batches) for w in workers), strict=True)
        )
        allowed: dict[Key, set[str | None]] = {}
        for worker in workers:
            allowed |= worker.allowed
        actual = states(records)
        assert [*wrong(records, opened, batches), *broken_promises(actual, allowed)] == []
        counted, used = limits(records), self.used()
        assert {name: used[name] for name in counted} == counted
        assert [refusal for worker in workers for refusal in worker.refused] == []
        for worker in workers:
            worker.settle(actual)
        return records

    def check_log(self, answered: int) -> None:
        """Find every line of the log whole, and one there for every request that was answered."""
        lines = (self.folder / "requests.jsonl").read_text().split("\n")
        assert lines.pop() == ""
        asked = [json.loads(line) for line in lines[self.told :]]
        self.told = len(lines)
        assert len(asked) >= answered


def test_nothing_is_half_made_and_nothing_answered_is_lost_in_many_kills(folder: Path, chance: Random) -> None:
    cloud = Cloud(folder)
    workers = [Worker(Random(chance.random())) for _ in range(WORKERS)]  # noqa: S311 - as above
    answered = 0
    for number in range(ROUNDS):
        cloud.start()
        cloud.check(workers)
        cloud.check_log(sum(worker.answered for worker in workers) - answered)
        answered = sum(worker.answered for worker in workers)
        stop, done = threading.Event(), threading.Semaphore(0)
        given = (cloud.port, cloud.token, stop, done)
        threads = [threading.Thread(target=worker.work, args=given) for worker in workers]
        for thread in threads:
            thread.start()
        for _ in range(chance.randint(1, 120)):
            assert done.acquire(timeout=10)
        # In the middle of a request as well as between two.
        time.sleep(chance.uniform(0, 0.004))
        cloud.kill()
        stop.set()
        for thread in threads:
            thread.join(20)
        if number % EVERY == EVERY - 1:
            cloud.begin_and_kill(chance.uniform(0.05, 0.4))
    cloud.start()
    records = cloud.check(workers)
    shown = cloud.ask("GET", "/compute/v2.1/servers/detail")[2]["servers"]
    assert {one["id"] for one in shown} == records.of("server").keys()
    assert all(one["addresses"] and one["os-extended-volumes:volumes_attached"] for one in shown)
    # A load that does nothing would find nothing.
    assert sum(worker.answered for worker in workers) > FEWEST
    assert all(
        any(key[0] == kind for worker in workers for key in worker.allowed) for kind in ("server", "volume", "port")
    )


def test_a_first_start_that_is_killed_is_made_up_for_by_the_next(tmp_path: Path, chance: Random) -> None:
    for number in range(FRESH):
        cloud = Cloud(tmp_path / str(number))
        cloud.begin_and_kill(chance.uniform(0, 0.03), sign="sandbox.db")
        try:
            cloud.start()
            records = cloud.check([Worker(chance)])
            assert len(records.of("flavor")) > 0
            assert {one["name"] for one in records.of("network").values()} >= {"net-office", "external"}
        finally:
            daemon.stop(cloud.folder)


def test_a_line_of_the_log_that_a_kill_cut_off_does_not_spoil_the_next(tmp_path: Path) -> None:
    path = tmp_path / "requests.jsonl"
    for cut in ('{"path": "/half', "", "x" * 200_000):
        path.write_text('{"path": "/whole"}\n' + cut)
        journal = Journal(path)
        journal.append({"path": "/next"})
        journal.close()
        assert [json.loads(line) for line in path.read_text().splitlines()] == [{"path": "/whole"}, {"path": "/next"}]
    path.write_text("all of it cut")
    Journal(path).close()
    assert path.read_text() == ""
