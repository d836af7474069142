"""A stack whose state a team shares, in a real PostgreSQL and on a real S3 server: killed, taken over, begun twice at once, waited for."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from takeover import lock as locking
from takeover import plain as takeover_plain
from tests.end_to_end.takeover_clone import ECS, Clone, fresh, until, workers
from tests.takeover.servers import SERVERS, Server, free_port

pytestmark = [
    pytest.mark.engine,
    # openstacksdk warns of its own inside, whatever one asks of it.
    pytest.mark.filterwarnings("ignore::openstack.warnings.RemovedInSDK50Warning"),
    pytest.mark.filterwarnings("ignore::openstack.warnings.RemovedInSDK60Warning"),
]

LOCKED = 6


@dataclass
class Shared(Clone):
    """A clone whose state is on a server; whatever its commands say is kept."""

    server: Server = field(default_factory=lambda: Server("", str))
    backend: str = ""
    said: list[str] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        return {**super().environment, **self.server.variables, "PULUMI_BACKEND_URL": self.backend}

    @property
    def place(self) -> locking.Place:
        found = locking.place(self.folder, "sandbox", self.backend)
        assert found is not None
        return found

    def ecs(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        done = super().ecs(*arguments, **more)
        self.said += [done.stdout, done.stderr]
        return done

    def told(self, *arguments: str, **more: str) -> subprocess.Popen[str]:
        """Start `ecs` beside others, and keep what it says."""
        return subprocess.Popen(
            [ECS, *arguments], cwd=self.folder, env={**self.environment, **more}, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

    def ended(self, run: subprocess.Popen[str]) -> tuple[int, str]:
        text = run.communicate(timeout=120)[0]
        self.said.append(text)
        return run.returncode, text

    def held(self) -> list[locking.Lock]:
        return locking.locks(self.place)

    def latest(self) -> dict[str, Any]:
        text = self.place.store.read(self.place.state)
        return (json.loads(text)["checkpoint"].get("latest") or {}) if text else {}


@pytest.fixture(params=list(SERVERS))
def shared(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shared]:
    with SERVERS[request.param]() as server, fresh(tmp_path) as made:
        for name, value in server.variables.items():
            monkeypatch.setenv(name, value)
        yield Shared(made.folder, made.connection, made.before, made.runs, server, server.fresh("team"))


def test_a_team_on_one_state(shared: Shared) -> None:
    """One story, since each run of the engine costs seconds: every step begins where the one before it ended."""
    killed = _killed_while_creating(shared)
    _two_at_once_take_over(shared, killed)
    _who_waits_gets_its_turn(shared)
    _unlocked_by_its_owner(shared)
    down = shared.ecs("down", "--skip-preview")
    assert down.returncode == 0, down.stdout + down.stderr
    assert "resources" not in shared.latest()
    shared.ecs("env")
    assert [text for text in shared.said if shared.server.secret in text] == []
    kept = [file for file in (shared.folder / ".ecs").rglob("*") if file.is_file()]
    assert [file for file in kept if shared.server.secret.encode() in file.read_bytes()] == []


def _killed_while_creating(shared: Shared) -> subprocess.Popen[bytes]:
    """The lock stays, and the cloud has a network of which the state knows no id."""
    shared.fault("slow-answer", "POST /network/v2.0/networks", seconds=100)
    run = shared.begin("up", "--skip-preview")
    until(lambda: shared.asked("POST", "/networks") and shared.pending())
    time.sleep(0.7)
    assert [one.pid for one in shared.held()] == [run.pid]
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    assert "creating lan" in shared.pending()
    refused = takeover_plain.refusal(shared.folder, "sandbox", shared.backend)
    assert refused is not None
    assert "a run was killed while it was creating Network 'lan'" in refused
    return run


def _two_at_once_take_over(shared: Shared, killed: subprocess.Popen[bytes]) -> None:
    """One takes over and goes on, the other ends and names it. Nothing is there twice."""
    two = [shared.told("up", "--skip-preview") for _ in range(2)]
    ends = sorted((*shared.ended(one), one.pid) for one in two)
    assert [code for code, _, _ in ends] == [0, LOCKED], ends
    (_, winner, pid), (_, loser, _) = ends
    assert f"(process {killed.pid} of " in winner
    assert "was killed: its lock is taken over" in winner
    assert "Network 'lan' was created by the killed run (" in winner
    assert f"is held by a run that is at work: process {pid} of " in loser
    assert workers(killed) == []
    shared.same()
    assert shared.held() == locking.claims(shared.place) == []


def _who_waits_gets_its_turn(shared: Shared) -> None:
    """A run at work is shown, its lock stays, and the one that waits finds nothing left to change."""
    shared.fault("slow-answer", "PUT /network/v2.0/networks/*", seconds=4)
    first = shared.told("up", "--skip-preview", TEST_TEXT="changed")
    until(lambda: shared.asked("PUT", "/networks/"))
    second = shared.told("up", "--skip-preview", "--wait", "2m", "--expect-no-changes", TEST_TEXT="changed")
    shown = shared.ecs("unlock", "--own", "--json")
    assert shown.returncode == LOCKED
    (lock,) = json.loads(shown.stdout)["locks"]
    assert (lock["process"], lock["run"], lock["removed"]) == (first.pid, "alive", False)
    assert first.poll() is None, "the first was over before anybody could wait for it"
    assert shared.ended(first)[0] == 0
    code, waited = shared.ended(second)
    assert code == 0, waited
    assert f"for process {first.pid} of " in waited
    shared.same()


def _unlocked_by_its_owner(shared: Shared) -> None:
    """After `ecs unlock --own` the next run still takes over what the killed one had begun."""
    asked = shared.asked("PUT", "/networks/")
    shared.fault("slow-answer", "PUT /network/v2.0/networks/*", seconds=100)
    killed = shared.begin("up", "--skip-preview", TEST_TEXT="never wanted")
    until(lambda: shared.asked("PUT", "/networks/") > asked and shared.pending())
    time.sleep(0.7)
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    assert shared.ecs("unlock").returncode == LOCKED
    freed = shared.ecs("unlock", "--own")
    assert freed.returncode == 0, freed.stdout
    assert f"Removed: the lock of process {killed.pid} of " in freed.stdout
    assert shared.pending() == ["updating lan"]
    shared.up(TEST_TEXT="changed")
    assert workers(killed) == []
    (lan,) = shared.made()["openstack:networking/network:Network"]
    assert shared.connection.network.get(f"/networks/{lan}").json()["network"]["description"] == "changed"


def test_a_database_that_does_not_answer_is_told_without_its_password(tmp_path: Path) -> None:
    with fresh(tmp_path) as made:
        backend = f"postgres://team:hush-hush@127.0.0.1:{free_port()}/state?sslmode=disable"
        for command in ("up", "unlock"):
            refused = made.ecs(command, PULUMI_BACKEND_URL=backend)
            assert refused.returncode == 1
            assert "onnection refused" in refused.stderr or "connection refused" in refused.stdout
            assert "hush-hush" not in refused.stdout + refused.stderr
