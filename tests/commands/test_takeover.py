"""Which lock is a dead run's, which process is its orphan, and what becomes of the state."""

from __future__ import annotations

import json
import os
import pwd
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from commands import takeover_cloud as cloud
from commands.failure import Failure
from takeover import lock as locking
from takeover import processes
from takeover import state as states

SLEEP = "import time; time.sleep(100)"


@pytest.fixture
def place(tmp_path: Path) -> locking.Place:
    (tmp_path / "Pulumi.yaml").write_text("name: mine\n", encoding="utf-8")
    found = locking.place(tmp_path, "dev", f"file://{tmp_path}/state")
    assert found is not None
    return found


def lock(place: locking.Place, pid: int, since: float, host: str = "") -> locking.Lock:
    when = datetime.fromtimestamp(since, UTC).strftime("%Y-%m-%dT%H:%M:%S.123456789Z")
    said = {"pid": pid, "username": "me", "hostname": host or socket.gethostname(), "timestamp": when}
    place.store.write(f"{place.locks}/a.json", json.dumps(said).encode())
    place.store.write(f"{place.locks}/a.json.attrs", b"{}")
    (found,) = locking.locks(place)
    return found


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", SLEEP])
    yield process
    process.kill()
    process.wait()


def test_a_process_that_runs_holds_its_lock(place: locking.Place, child: subprocess.Popen[bytes]) -> None:
    assert lock(place, child.pid, time.time()).alive


def test_one_that_was_killed_holds_none_not_even_as_a_zombie(
    place: locking.Place, child: subprocess.Popen[bytes]
) -> None:
    held = lock(place, child.pid, time.time())
    child.kill()
    deadline = time.monotonic() + 10
    while held.alive and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not held.alive
    child.wait()
    assert not held.alive


def test_a_number_that_another_process_got_is_not_the_run(place: locking.Place, child: subprocess.Popen[bytes]) -> None:
    assert not lock(place, child.pid, time.time() - 60).alive


def test_whatever_looks_like_an_engine_is_never_taken_for_dead(place: locking.Place, tmp_path: Path) -> None:
    engine = tmp_path / "pulumi"
    shutil.copy2(shutil.which("sleep") or "", engine)
    with subprocess.Popen([engine, "100"]) as process:
        try:
            assert lock(place, process.pid, time.time() - 60).alive
        finally:
            process.kill()


def test_another_machines_lock_is_alive_whatever_runs_here(place: locking.Place) -> None:
    assert lock(place, 999_999_999, time.time() - 60, "elsewhere").alive


def test_a_lock_that_cannot_be_read_counts_as_held(place: locking.Place) -> None:
    place.store.write(f"{place.locks}/b.json", b"{")
    (found,) = locking.locks(place)
    assert found.alive


def test_removing_one_leaves_the_others(place: locking.Place) -> None:
    held = lock(place, 1, time.time())
    place.store.write(f"{place.locks}/b.json", b"{}")
    assert locking.remove(place, held)
    assert [key for key, _ in place.store.beneath(place.locks)] == [f"{place.locks}/b.json"]
    assert not locking.remove(place, held), "it is gone"


def test_a_lock_that_is_another_by_now_is_left(place: locking.Place) -> None:
    held = lock(place, 1, time.time() - 60)
    again = lock(place, 1, time.time())
    assert not locking.remove(place, held)
    assert locking.locks(place) == [again]


def test_proc_and_ps_tell_the_same(child: subprocess.Popen[bytes]) -> None:
    by_proc = {one.pid: one for one in processes._from_proc()}[child.pid]
    by_ps = {one.pid: one for one in processes._from_ps()}[child.pid]
    assert by_proc.parent == by_ps.parent == os.getpid()
    assert by_proc.began is not None
    assert by_ps.began is not None
    assert abs(by_proc.began - by_ps.began) < 3
    assert by_proc.command[0] == by_ps.command[0]


@pytest.mark.parametrize(("age", "seconds"), [("00:07", 7), ("01:02:03", 3723), ("2-00:00:01", 172801)])
def test_an_age_as_ps_writes_it(age: str, seconds: int) -> None:
    assert processes._seconds(age) == seconds


def worker(folder: Path, parent: str = "", backend: str = "file:///here") -> subprocess.Popen[str]:
    """A stand-in plugin whose parent is a shell, or a copy of it that is called `parent`; it prints its id."""
    plugin = folder / "pulumi-resource-openstack"
    shutil.copy2(shutil.which("sleep") or "", plugin)
    plugin.write_text(f"#!{sys.executable}\n{SLEEP}\n", encoding="utf-8")
    shell = shutil.which("bash") or ""
    if parent:
        shutil.copy2(shell, folder / parent)
        shell = str(folder / parent)
    return subprocess.Popen(
        [shell, "-c", f"{plugin} 127.0.0.1:4000 & echo $!; wait"], cwd=folder, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PULUMI_BACKEND_URL": backend},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("parent", "backend", "since", "found"),
    [
        ("", "file:///here", 0, True),
        ("pulumi", "file:///here", 0, False),
        ("", "file:///elsewhere", 0, False),
        ("", "file:///here", 60, False),
    ],
)
def test_an_orphan_is_a_worker_of_this_stack_without_an_engine(
    tmp_path: Path, parent: str, backend: str, since: float, found: bool
) -> None:
    with worker(tmp_path, parent, backend) as shell:
        assert shell.stdout is not None
        pid = int(shell.stdout.readline())
        try:
            deadline = time.monotonic() + 5
            while not (one := processes.running().get(pid)) or not one.works_for_engine:
                assert time.monotonic() < deadline
                time.sleep(0.01)
            left = processes.orphans(tmp_path, "file:///here", time.time() + since)
            assert [one.pid for one in left] == ([pid] if found else [])
            processes.stop(left)
            assert (pid in processes.running()) is not found
        finally:
            if pid in processes.running():
                os.kill(pid, 9)


@dataclass
class Made:
    identity: str
    broken: bool = False
    outputs: dict[str, Any] | None = None


def exported(kind: str, *there: dict[str, Any]) -> dict[str, Any]:
    lost = {
        "urn": "u::lan",
        "type": "openstack:networking/network:Network",
        "inputs": {"__defaults": [], "name": "lan"},
    }
    return {"deployment": {"resources": list(there), "pending_operations": [{"type": kind, "resource": lost}]}}


def test_what_was_found_is_entered_as_a_creation_leaves_it() -> None:
    before = exported("creating")
    edited, targets = states.amended(before, {"u::lan": Made("n-1")})
    (entry,) = edited["deployment"]["resources"]
    assert entry["id"] == "n-1"
    assert entry["outputs"] == {"name": "lan", "id": "n-1"}
    assert "delete" not in entry
    assert targets == ["u::lan"]
    assert "pending_operations" not in edited["deployment"]
    assert states.begun(before), "what was exported stays as it was"


@pytest.mark.parametrize(("there", "broken"), [((), True), (({"urn": "u::lan", "id": "n-0"},), False)])
def test_what_came_out_broken_or_was_to_replace_another_is_deleted(
    there: tuple[dict[str, Any], ...], broken: bool
) -> None:
    edited, targets = states.amended(exported("creating", *there), {"u::lan": Made("n-1", broken)})
    *others, entry = edited["deployment"]["resources"]
    assert others == list(there)
    assert entry["delete"] is True
    assert targets == []


@pytest.mark.parametrize("kind", ["updating", "deleting"])
def test_what_was_being_changed_is_read_again(kind: str) -> None:
    there = {"urn": "u::lan", "id": "n-0"}
    edited, targets = states.amended(exported(kind, there), {})
    assert edited["deployment"]["resources"] == [there]
    assert targets == ["u::lan"]


def test_our_own_servers_are_left_to_their_provider() -> None:
    own = states.Begun("creating", {"urn": "u::web", "type": "ecs:index:Server"})
    assert not own.to_be_found
    assert states.Begun("creating", {"urn": "u::x", "type": "random:index:Pet"}).to_be_found


class Answers:
    """A connection whose every list is this one."""

    current_project_id = "mine"
    status_code = 200

    def __init__(self, key: str, *things: dict[str, Any]) -> None:
        self.body = {key: list(things)}
        self.network = self.compute = self.block_storage = self

    def get(self, _path: str, **_more: object) -> Answers:
        return self

    def json(self) -> dict[str, Any]:
        return self.body


SINCE = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC).timestamp()
NETWORK = {"id": "n-1", "name": "lan", "project_id": "mine", "created_at": "2026-01-01T12:00:05Z"}


def looked(kind: str, key: str, inputs: dict[str, Any], *things: dict[str, Any]) -> cloud.Made | None:
    one = states.Begun("creating", {"urn": "u::x", "type": kind, "inputs": inputs})
    return cloud.find(Answers(key, *things), one, SINCE, lambda it: it == "known", "dev")


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({}, True),
        ({"name": "LAN"}, False),
        ({"project_id": "theirs"}, False),
        ({"id": "known"}, False),
        ({"created_at": "2026-01-01T11:59:00Z"}, False),
    ],
)
def test_only_what_fits_in_everything_is_taken(changed: dict[str, Any], found: bool) -> None:
    made = looked("openstack:networking/network:Network", "networks", {"name": "lan"}, {**NETWORK, **changed})
    assert made == (cloud.Made("n-1") if found else None)


def test_a_rule_without_ports_is_not_one_with_ports() -> None:
    rule = {
        "id": "r-1",
        "direction": "ingress",
        "ethertype": "IPv4",
        "protocol": "tcp",
        "port_range_min": 22,
        "created_at": "2026-01-01T12:00:05",
    }
    inputs = {"direction": "ingress", "ethertype": "IPv4", "protocol": "tcp"}
    kind = "openstack:networking/secGroupRule:SecGroupRule"
    assert looked(kind, "security_group_rules", inputs, rule) is None
    assert looked(kind, "security_group_rules", {**inputs, "portRangeMin": 22}, rule) == cloud.Made("r-1")


@pytest.mark.parametrize(("status", "broken"), [("available", False), ("error", True)])
def test_a_disk_that_came_out_broken_is_told(status: str, broken: bool) -> None:
    disk = {"id": "d-1", "name": "data", "size": 2, "created_at": "2026-01-01T12:00:05.000000", "status": status}
    assert looked("openstack:blockstorage/volume:Volume", "volumes", {"name": "data", "size": 2}, disk) == cloud.Made(
        "d-1", broken
    )


def test_a_group_with_members_is_somebodys() -> None:
    group = {"id": "g-1", "name": "g", "policies": ["affinity"], "members": ["s-1"]}
    kind = "openstack:compute/serverGroup:ServerGroup"
    assert looked(kind, "server_groups", {"name": "g", "policies": "affinity"}, group) is None


@pytest.mark.parametrize(
    ("kind", "inputs", "says"),
    [
        ("random:index:Pet", {}, "--import-pending-creates u::x --import-pending-creates <its id>"),
        ("openstack:networking/network:Network", {"name": {cloud.SECRET: "s", "ciphertext": "c"}}, "is a secret"),
        ("openstack:compute/keypair:Keypair", {"name": "lan"}, "openstack keypair delete lan"),
    ],
)
def test_what_cannot_be_told_apart_is_refused(kind: str, inputs: dict[str, Any], says: str) -> None:
    with pytest.raises(Failure, match=re.escape(says)):
        looked(kind, "keypair" if "keypair" in kind else "networks", inputs, NETWORK)


def test_another_users_run_on_this_machine_is_alive(place: locking.Place) -> None:
    """Without it whoever shares a machine would take over each other's runs."""
    nobody = pwd.getpwnam("nobody").pw_uid if os.getuid() == 0 else None
    with subprocess.Popen([shutil.which("sleep") or "", "100"], user=nobody) as started:
        try:
            # Only root can start something of another's; whoever is not root looks at what began the machine.
            pid = 1 if nobody is None else started.pid
            theirs = processes.running(everybody=True)[pid]
            assert pid not in processes.running()
            assert theirs.began is not None
            assert lock(place, pid, theirs.began + 1).alive
        finally:
            started.kill()


def test_a_process_that_the_machine_hides_may_be_the_run(
    place: locking.Place, child: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "self").mkdir()
    (tmp_path / "self" / "stat").touch()
    (tmp_path / "stat").write_text("btime 1\n", encoding="ascii")
    monkeypatch.setattr(processes, "PROC", tmp_path)
    held = lock(place, child.pid, time.time())
    assert held.alive
    child.kill()
    child.wait()
    assert not held.alive
