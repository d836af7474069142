"""Every moment at which a kill could come, one after the other: what the files hold as each statement begins.

SQLite writes to its files when a transaction is committed, so a kill between two statements leaves what the files hold
then. They are copied while the request is on its way, and must tell of the cloud before it or after it, of no other.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from random import Random

import pytest

from sandbox import seed, testing
from sandbox.clock import ManualClock
from sandbox.masks import Masks
from sandbox.store import Store
from sandbox.testing import PASSWORD, Loopback
from sandbox.world import Settings, World
from tests.sandbox.kill_checks import broken_promises, read, states, wrong
from tests.sandbox.kill_load import Worker

STEPS = 200
TAILS = ("", "-wal")


class Witness:
    """Looks at the files of a cloud whenever they changed, as somebody would who starts it after a kill."""

    def __init__(self, database: Path, copies: Path, worker: Worker) -> None:
        self.database, self.copies, self.worker = database, copies, worker
        self.last: list[bytes] = []
        self.looks = self.changes = 0
        self.found: list[str] = []

    def look(self, statement: str, *, answered: bool = False) -> None:
        now = [self.database.with_name(self.database.name + tail).read_bytes() for tail in TAILS]
        if now == self.last and not answered:
            return
        self.changes += now != self.last
        self.last = now
        self.looks += 1
        copy = self.copies / f"{self.looks}.db"
        for tail, data in zip(TAILS, now, strict=True):
            copy.with_name(copy.name + tail).write_bytes(data)
        records = read(copy)
        broken = broken_promises(states(records), self.worker.allowed)
        lost = [*wrong(records, self.worker.opened, self.worker.batches), *broken]
        self.found += [f"before {statement[:60]}: {one}" for one in lost]


@pytest.fixture
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    def new_world(settings: Settings | None = None) -> tuple[World, ManualClock]:
        clock, keys = ManualClock(time.time()), Masks(b"test")
        store = Store(tmp_path / "sandbox.db", clock)
        world = World(store, clock, keys, settings or Settings(), keys.text(PASSWORD), "control", "test")
        with store.transaction(write=True):
            seed.fill(world)
        return world, clock

    monkeypatch.setattr(testing, "new_world", new_world)
    with testing.running(Settings(build_seconds=0)) as loopback:
        yield loopback


def test_a_request_takes_effect_as_a_whole_and_before_it_is_answered(cloud: Loopback, tmp_path: Path) -> None:
    worker = Worker(Random(1))  # noqa: S311 - it chooses what the test does
    worker.line, worker.token = HTTPConnection("127.0.0.1", cloud.port, timeout=10), cloud.log_in()
    (tmp_path / "copies").mkdir()
    witness = Witness(tmp_path / "sandbox.db", tmp_path / "copies", worker)
    # The files stay small enough to be copied hundreds of times.
    cloud.world.store._db.execute("PRAGMA wal_autocheckpoint=50")
    # It is called by the thread that serves, before each statement; the worker waits for its answer meanwhile.
    cloud.world.store._db.set_trace_callback(witness.look)
    for number in range(STEPS):
        worker.step()
        witness.look(f"the step after {number}", answered=True)
        assert witness.found == []
    worker.line.close()
    assert worker.refused == []
    # A cloud that keeps nothing in its files would have nothing half made.
    assert witness.changes > STEPS * 0.8
