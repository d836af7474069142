"""`ecs unlock` in the real command: whose lock goes, whose stays, and what is asked; durations and locks of any text."""

from __future__ import annotations

import getpass
import json
import os
import pty
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands import duration
from commands.failure import Failure
from takeover import lock as locking
from tests.takeover.servers import SERVERS

ROOT = Path(__file__).parents[2]
ECS = ROOT / ".venv" / "bin" / "ecs"
HOUR = 3600.0
ME, HERE = getpass.getuser(), socket.gethostname()


@dataclass
class Team:
    """A clone whose stack is kept at a backend."""

    folder: Path
    variables: dict[str, str]

    @property
    def place(self) -> locking.Place:
        found = locking.place(self.folder, "sandbox", self.variables["PULUMI_BACKEND_URL"])
        assert found is not None
        return found

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "OS_", "ECS_"))}
        return {**kept, **self.variables, "NO_COLOR": "1", "COLUMNS": "300"}

    def unlock(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [ECS, "unlock", *arguments], cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=60,
            check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    def typed(self, answer: str, *arguments: str) -> tuple[int, str]:
        """The same at a terminal, where somebody types this."""
        ours, theirs = pty.openpty()
        os.write(ours, answer.encode())
        with subprocess.Popen(
            [ECS, "unlock", *arguments], cwd=self.folder, env=self.environment, stdin=theirs, stdout=theirs, stderr=theirs,
            start_new_session=True,
        ) as run:  # fmt: skip
            os.close(theirs)
            text = b""
            try:
                while piece := os.read(ours, 4096):
                    text += piece
            except OSError:
                # Linux says so when the other side is closed.
                pass
            code = run.wait(60)
        os.close(ours)
        return code, text.decode()

    def lock(self, name: str, pid: int, user: str, host: str, age: float) -> None:
        when = datetime.fromtimestamp(time.time() - age, UTC).isoformat()
        said = {"pid": pid, "username": user, "hostname": host, "timestamp": when}
        self.place.store.write(f"{self.place.locks}/{name}.json", json.dumps(said).encode())

    def left(self) -> set[str]:
        return {one.key.rpartition("/")[2].removesuffix(".json") for one in locking.locks(self.place)}


def team(folder: Path, variables: dict[str, str]) -> Team:
    (folder / "stacks").mkdir()
    shutil.copy2(ROOT / "Pulumi.yaml", folder)
    (folder / "stacks" / "Pulumi.sandbox.yaml").write_text("config: {}\n", encoding="utf-8")
    return Team(folder, variables)


@pytest.fixture(params=["file", *SERVERS])
def shared(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Team]:
    if request.param == "file":
        yield team(tmp_path, {"PULUMI_BACKEND_URL": f"file://{tmp_path}/state"})
        return
    with SERVERS[request.param]() as server:
        for name, value in server.variables.items():
            monkeypatch.setenv(name, value)
        made = team(tmp_path, {"PULUMI_BACKEND_URL": server.fresh("unlock"), **server.variables})
        if request.param == "postgres":
            # The engine makes its table when it is first run.
            made.variables["PULUMI_SKIP_UPDATE_CHECK"] = "true"
            shown = subprocess.run(
                [ECS, "env", "--json"], cwd=made.folder, env=made.environment, capture_output=True, text=True, check=True
            ).stdout  # fmt: skip
            assert server.secret not in shown
            subprocess.run(
                ["pulumi", "stack", "ls"], cwd=made.folder, env={**made.environment, **json.loads(shown)}, check=True,
                capture_output=True,
            )  # fmt: skip
        yield made


def test_what_may_go_goes_and_nothing_else(shared: Team, tmp_path: Path) -> None:
    free = shared.unlock("--json")
    assert free.returncode == 0, free.stderr
    assert json.loads(free.stdout) == {"stack": "sandbox", "free": True, "locks": []}
    engine = tmp_path / "pulumi"
    shutil.copy2(shutil.which("sleep") or "", engine)
    with subprocess.Popen([engine, "100"]) as run:
        try:
            shared.lock("own-dead", 999_999_998, ME, HERE, 80)
            shared.lock("own-alive", run.pid, ME, HERE, 3 * HOUR)
            shared.lock("own-elsewhere", run.pid, ME, "elsewhere", HOUR / 4)
            shared.lock("elsewhere-old", 7, "somebody", "elsewhere", 3 * HOUR)
            shared.lock("colleague-dead", 999_999_997, "colleague", HERE, 3 * HOUR)
            shared.place.store.write(f"{shared.place.locks}/broken.json", b"{")
            shown = shared.unlock("--json")
            assert shown.returncode == 6
            said: dict[str, Any] = json.loads(shown.stdout)
            assert said["free"] is False
            runs = {(one["process"], one["host"], one["run"]) for one in said["locks"]}
            assert runs == {
                (999_999_998, HERE, "dead"),
                (run.pid, HERE, "alive"),
                (run.pid, "elsewhere", "unknown"),
                (7, "elsewhere", "unknown"),
                (999_999_997, HERE, "dead"),
                (0, "an unknown machine", "unknown"),
            }
            assert not any(one["removed"] for one in said["locks"])
            assert {round((one["age"] or 0) / HOUR) for one in said["locks"]} == {0, 3}
            everything = {"own-dead", "own-alive", "own-elsewhere", "elsewhere-old", "colleague-dead", "broken"}
            assert shared.left() == everything
            own = shared.unlock("--own")
            assert own.returncode == 6
            assert f"process {run.pid} of {ME} on {HERE}, since " in own.stdout
            assert own.stdout.count("Removed: ") == 1
            shown_at = own.stdout.index(f"process 999999998 of {ME} on {HERE}, since ")
            assert re.search(r"\(1 m \d+ s ago\): has ended", own.stdout)
            assert shown_at < own.stdout.index("Removed: the lock of process 999999998")
            assert "taken over by the next `ecs up --stack sandbox`" in own.stdout
            assert shared.left() == everything - {"own-dead"}
            stale = shared.unlock("--stale-after", "2h", "--yes")
            assert stale.returncode == 6
            assert stale.stdout.count("Removed: ") == 2
            assert shared.left() == {"own-alive", "own-elsewhere", "broken"}
        finally:
            run.kill()
    # What the next takeover has to know went with the locks: since when, and that another machine's run may live.
    note = json.loads((shared.folder / ".ecs" / "takeover" / "sandbox.json").read_text(encoding="utf-8"))
    assert 2.9 * HOUR < time.time() - note["since"] < 3.1 * HOUR
    assert note["known"] is False


@pytest.fixture
def kept(tmp_path: Path) -> Team:
    return team(tmp_path, {"PULUMI_BACKEND_URL": f"file://{tmp_path}/state"})


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--stale-after", "2h"), "nobody can be asked. Add --yes."),
        (("--stale-after", "59m", "--yes"), "59m is too short"),
        (("--stale-after", "soon", "--yes"), "'soon' is no duration"),
    ],
)
def test_wrong_usage_changes_nothing(kept: Team, arguments: tuple[str, ...], says: str) -> None:
    kept.lock("old", 7, "somebody", "elsewhere", 3 * HOUR)
    refused = kept.unlock(*arguments)
    assert refused.returncode == 2
    assert says in refused.stderr
    assert kept.left() == {"old"}


@pytest.mark.parametrize(("answer", "code", "left"), [("n\n", 6, {"old"}), ("y\n", 0, set())])
def test_at_a_terminal_it_asks(kept: Team, answer: str, code: int, left: set[str]) -> None:
    kept.lock("old", 7, "somebody", "elsewhere", 3 * HOUR)
    ended, text = kept.typed(answer, "--stale-after", "2h")
    assert "Remove the lock of process 7 of somebody on elsewhere, since " in text
    assert ended == code, text
    assert kept.left() == left


def test_a_backend_that_only_the_engine_knows_is_left_to_it(kept: Team) -> None:
    kept.variables["PULUMI_BACKEND_URL"] = "gs://bucket"
    refused = kept.unlock("--own")
    assert refused.returncode == 1
    assert "`pulumi cancel --yes --stack sandbox`" in refused.stderr


PARTS = st.tuples(*(st.none() | st.integers(0, 999_999) for _ in duration.UNITS)).filter(any)


@given(PARTS)
def test_a_duration_is_the_sum_of_its_parts(parts: tuple[int | None, ...]) -> None:
    text = "".join(f"{count}{unit}" for count, unit in zip(parts, "dhms", strict=True) if count is not None)
    sizes = (24 * 60 * 60, 60 * 60, 60, 1)
    wanted = sum((count or 0) * size for count, size in zip(parts, sizes, strict=True))
    assert duration.seconds(text, "--wait") == wanted


@pytest.mark.parametrize("text", ["", "10", "h", "-1h", "1.5h", "2 h", "1m1h", "1hh", "1w", "٣h", "1h\n", "9999999s"])
def test_what_is_no_duration_is_wrong_usage(text: str) -> None:
    with pytest.raises(Failure, match=r"--wait: .* is no duration") as wrong:
        duration.seconds(text, "--wait")
    assert wrong.value.code == 2


@pytest.mark.parametrize(
    ("age", "told"),
    [(0, "0 s"), (59.9, "59 s"), (60, "1 m 0 s"), (3 * HOUR, "3 h 0 m"), (100_000, "1 d 3 h"), (-5, "0 s")],
)
def test_a_duration_as_a_person_says_it(age: float, told: str) -> None:
    assert duration.told(age) == told


@given(
    st.binary() | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(lambda it: json.dumps(it).encode())
)
def test_a_text_that_is_no_lock_belongs_to_somebody_who_may_live(text: bytes) -> None:
    found = locking.parsed("key", text)
    assert not found.readable
    assert found.alive
    assert not found.own
    assert "since an unknown time" in found.told


@given(st.integers(1, 2**22), st.text(min_size=1), st.text(min_size=1), st.integers(1, 4 * 10**15))
def test_a_lock_as_the_engine_writes_it_is_read(pid: int, user: str, host: str, microseconds: int) -> None:
    when = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=microseconds)
    # Nanoseconds, as the engine has them.
    said = {"pid": pid, "username": user, "hostname": host, "timestamp": f"{when:%Y-%m-%dT%H:%M:%S.%f}789Z"}
    found = locking.parsed("key", json.dumps(said).encode())
    assert (found.pid, found.user, found.host) == (pid, user, host)
    assert found.since == when.timestamp()
    assert found.readable
