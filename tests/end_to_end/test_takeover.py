"""A run is killed while it makes something; the next `ecs up` takes over, and the cloud holds what the stack states, once."""

from __future__ import annotations

import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox import daemon
from takeover import plain as takeover_plain
from tests.end_to_end.takeover_clone import KINDS, Clone, fresh, until, workers

pytestmark = [
    pytest.mark.engine,
    # openstacksdk warns of its own inside, whatever one asks of it.
    pytest.mark.filterwarnings("ignore::openstack.warnings.RemovedInSDK50Warning"),
    pytest.mark.filterwarnings("ignore::openstack.warnings.RemovedInSDK60Warning"),
]

LOCKED = 6


NIGHT = pytest.mark.nightly


@pytest.fixture
def clone(tmp_path: Path) -> Iterator[Clone]:
    """A clone whose first state is there: an empty stack on a running sandbox."""
    with fresh(tmp_path) as made:
        yield made


@pytest.mark.parametrize(
    ("on", "part", "name"),
    [
        ("POST /network/v2.0/networks", "/networks", "Network 'lan'"),
        pytest.param("POST /network/v2.0/subnets", "/subnets", "Subnet 'lan'", marks=NIGHT),
        pytest.param("POST /network/v2.0/security-groups", "/security-groups", "SecGroup 'web'", marks=NIGHT),
        pytest.param(
            "POST /network/v2.0/security-group-rules", "/security-group-rules", "SecGroupRule 'ssh'", marks=NIGHT
        ),
        pytest.param("POST /network/v2.0/ports", "/ports", "Port 'nic'", marks=NIGHT),
        pytest.param("POST /compute/*/os-server-groups", "/os-server-groups", "ServerGroup 'spread'", marks=NIGHT),
        pytest.param("POST /compute/*/os-keypairs", "/os-keypairs", "Keypair 'operator'", marks=NIGHT),
        ("POST /volume/*/volumes", "/volumes", "Volume 'data'"),
    ],
)
def test_what_was_made_and_not_known_is_taken_over(clone: Clone, on: str, part: str, name: str) -> None:
    # The plugin tries a server group in a newer way first, which the cloud refuses.
    refused = int("server-groups" in on)
    clone.fault("slow-answer", on, seconds=100, after=refused)
    run = clone.kill_while("POST", part, times=1 + refused)
    assert len(clone.locks()) == 1
    assert f"creating {name.split(chr(39))[1]}" in clone.pending()
    # The plugin outlives the engine, and waits for its answer.
    assert workers(run)
    told = clone.up()
    assert workers(run) == []
    assert clone.locks() == []
    assert f"(process {run.pid} of " in told
    assert "was killed: its lock is taken over" in told
    assert f"{name} was created by the killed run (" in told
    kept = Path(told.split("is kept in ")[1].split(".json")[0] + ".json")
    assert kept.stat().st_mode & 0o777 == 0o600
    assert json.loads(kept.read_text(encoding="utf-8"))["deployment"]["pending_operations"]


def test_a_creation_that_never_reached_the_cloud_is_forgotten(clone: Clone) -> None:
    # A plugin that is told to come back later waits, and would go on for the dead run.
    clone.fault("429", "POST /network/v2.0/networks", times=1000, retry_after=100)
    run = clone.kill_while("POST", "/networks")
    assert "creating lan" in clone.pending()
    daemon.control(clone.cloud, "DELETE", "/sandbox/faults", {})
    told = clone.up()
    assert workers(run) == []
    assert "Nothing is there of Network 'lan', which the killed run had begun to create." in told


def test_a_lock_alone_is_removed_and_nothing_else_is_done(clone: Clone) -> None:
    clone.up()
    clone.fault("slow-answer", "GET /network/v2.0/networks*", seconds=100)
    run = clone.begin("refresh", "--skip-preview")
    until(lambda: clone.locks() and clone.asked("GET", "/networks"))
    time.sleep(1)
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    other = clone.locks()[0].parents[1] / "other" / "x.json"
    other.parent.mkdir()
    other.write_text("{}", encoding="utf-8")
    shown = clone.ecs("preview")
    assert f"The run that holds the stack (process {run.pid} of " in shown.stderr
    assert ") was killed." in shown.stderr
    assert len(clone.locks()) == 2
    told = clone.up()
    assert "its lock is taken over" in told
    assert "created" not in told
    assert clone.locks() == [other]


def test_an_update_that_was_begun_is_read_from_the_cloud(clone: Clone) -> None:
    clone.up()
    clone.fault("slow-answer", "PUT /network/v2.0/networks/*", seconds=100)
    clone.kill_while("PUT", "/networks/", TEST_TEXT="changed")
    assert clone.pending() == ["updating lan"]
    (lan,) = clone.made()["openstack:networking/network:Network"]
    # Without the new text: the change is in the cloud and has to be taken back.
    clone.up()
    assert clone.connection.network.get(f"/networks/{lan}").json()["network"]["description"] == "of a test"


@pytest.mark.parametrize(
    ("more", "exist", "says"),
    [
        # With a name of its own the old one is deleted first, and the new one is the stack's.
        pytest.param({}, 1, "was created by the killed run", marks=NIGHT),
        # With a name that the engine gives, both are there for a while.
        ({"TEST_AUTO": "yes"}, 2, "was left half made by the killed run"),
    ],
)
def test_a_replacement_that_was_begun_goes_on(clone: Clone, more: dict[str, str], exist: int, says: str) -> None:
    clone.up(**more)
    clone.fault("slow-answer", "POST /volume/*/volumes", seconds=100)
    asked = clone.asked("POST", "/volumes")
    clone.kill_while("POST", "/volumes", times=asked + 1, TEST_ZONE="az2-dc1", **more)
    assert len(clone.made()["openstack:blockstorage/volume:Volume"]) == exist
    told = clone.up(TEST_ZONE="az2-dc1", **more)
    assert f"Volume 'data' {says}" in told


def test_a_silent_cloud_stops_the_takeover_and_nothing_is_lost(clone: Clone) -> None:
    clone.fault("slow-answer", "POST /network/v2.0/networks", seconds=100)
    clone.kill_while("POST", "/networks")
    before = clone.state_file.read_bytes()
    clone.fault("503", "GET /network/v2.0/networks*", times=1000)
    refused = clone.ecs("up")
    assert refused.returncode == 1
    assert (
        "error: the cloud does not say what a killed run made: it answers 503. Nothing was changed." in refused.stderr
    )
    assert clone.state_file.read_bytes() == before
    assert len(clone.locks()) == 1
    daemon.control(clone.cloud, "DELETE", "/sandbox/faults", {})
    assert "Network 'lan' was created by the killed run" in clone.up()


def test_a_deletion_that_was_begun_goes_on(clone: Clone) -> None:
    clone.up()
    clone.fault("slow-answer", "DELETE /volume/*", seconds=100)
    clone.kill_while("DELETE", "/volumes/", "down", "--skip-preview")
    done = clone.ecs("down", "--skip-preview")
    assert done.returncode == 0, done.stdout + done.stderr
    daemon.start(clone.cloud)
    assert clone.made() == {type_: set() for type_ in KINDS}


def test_a_run_that_lives_is_left_alone(clone: Clone) -> None:
    # Long enough for four commands on a busy machine.
    clone.fault("slow-answer", "POST /network/v2.0/networks", seconds=25)
    run = clone.begin("up", "--skip-preview")
    until(lambda: clone.asked("POST", "/networks"))
    shown = clone.ecs("preview")
    assert f"(process {run.pid} of " in shown.stderr
    assert ") is at work." in shown.stderr
    assert "was killed" not in shown.stderr
    for command in ("up", "refresh", "down"):
        refused = clone.ecs(command)
        assert refused.returncode == LOCKED, refused.stdout + refused.stderr
        assert f"is held by a run that is at work: process {run.pid} of " in refused.stderr
        assert f"on {socket.gethostname()}, since " in refused.stderr
        assert f"kill -INT {run.pid}" in refused.stderr
    assert len(clone.locks()) == 1
    assert run.wait(60) == 0
    clone.same()


def test_another_machines_lock_is_never_removed(clone: Clone) -> None:
    clone.fault("slow-answer", "POST /network/v2.0/networks", seconds=100)
    clone.kill_while("POST", "/networks")
    (lock,) = clone.locks()
    said = json.loads(lock.read_text(encoding="utf-8"))
    lock.write_text(json.dumps({**said, "hostname": "elsewhere"}), encoding="utf-8")
    refused = clone.ecs("up")
    assert refused.returncode == LOCKED
    assert "held by another machine's run: process" in refused.stderr
    assert "on elsewhere, since " in refused.stderr
    assert "`pulumi cancel --yes --stack sandbox`" in refused.stderr
    assert clone.locks() == [lock]
    # What it says is enough.
    assert clone.pulumi("cancel", "--yes", "--stack", "sandbox").returncode == 0
    assert "Network 'lan' was created by the killed run" in clone.up()


@NIGHT
def test_two_that_fit_are_told_and_neither_is_taken(clone: Clone) -> None:
    clone.fault("slow-answer", "POST /network/v2.0/networks", seconds=100)
    clone.kill_while("POST", "/networks")
    clone.connection.network.create_network(name="lan")
    there = clone.made()["openstack:networking/network:Network"]
    assert len(there) == 2
    before = clone.state_file.read_bytes()
    refused = clone.ecs("up")
    assert refused.returncode == 1
    assert "2 things in the cloud may be it" in refused.stderr
    assert all(one in refused.stderr for one in there)
    assert clone.state_file.read_bytes() == before
    assert len(clone.locks()) == 1
    clone.connection.network.delete_network(min(there))
    assert f"Network 'lan' was created by the killed run ({max(there)})" in clone.up()


@NIGHT
def test_an_older_one_of_the_same_name_is_not_the_stacks(clone: Clone) -> None:
    clone.connection.network.create_network(name="lan")
    time.sleep(11)
    older = clone.made()["openstack:networking/network:Network"]
    clone.before["openstack:networking/network:Network"] |= older
    clone.fault("slow-answer", "POST /network/v2.0/networks", seconds=100)
    clone.kill_while("POST", "/networks")
    clone.up()
    assert older <= clone.ids("openstack:networking/network:Network")


def test_what_plain_pulumi_does_after_a_kill(clone: Clone) -> None:
    """It refuses and names `pulumi cancel`, after which it would make a second one: so what to type is `ecs up`."""
    clone.fault("slow-answer", "POST /network/v2.0/networks", seconds=100)
    clone.kill_while("POST", "/networks")
    refused = clone.pulumi("up", "--yes", "--skip-preview")
    assert refused.returncode != 0
    assert "the stack is currently locked by 1 lock(s)" in refused.stderr + refused.stdout
    assert clone.pulumi("cancel", "--yes", "--stack", "sandbox").returncode == 0
    backend = f"file://{clone.folder}/.ecs/state"
    told = takeover_plain.refusal(clone.folder, "sandbox", backend)
    assert told is not None
    assert told.startswith("a run was killed while it was creating Network 'lan'")
    assert "Type `ecs up --stack sandbox`" in told
    # The lock is gone: what was begun tells enough.
    assert "Network 'lan' was created by the killed run" in clone.up()
    assert takeover_plain.refusal(clone.folder, "sandbox", backend) is None
