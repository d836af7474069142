"""A run is killed while it makes something; the next `ecs up` takes over, and the cloud holds what the stack states, once."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openstack
import psutil
import pytest
import yaml
from openstack.config import OpenStackConfig

from commands import takeover_plain
from sandbox import daemon

pytestmark = [
    pytest.mark.engine,
    # openstacksdk warns of its own inside, whatever one asks of it.
    pytest.mark.filterwarnings("ignore::openstack.warnings.RemovedInSDK50Warning"),
    pytest.mark.filterwarnings("ignore::openstack.warnings.RemovedInSDK60Warning"),
]

ROOT = Path(__file__).parents[2]
ECS = ROOT / ".venv" / "bin" / "ecs"
LOCKED = 6

PROGRAM = """\
from pulumi_openstack import blockstorage, compute, networking

lan = networking.Network("lan", name="lan", description=__import__("os").environ.get("TEST_TEXT", "of a test"))
net = networking.Subnet("lan", name="lan", network_id=lan.id, cidr="10.9.0.0/24")
web = networking.SecGroup("web", name="web", delete_default_rules=True)
networking.SecGroupRule("ssh", security_group_id=web.id, direction="ingress", ethertype="IPv4", protocol="tcp",
                        port_range_min=22, port_range_max=22, remote_ip_prefix="10.0.0.0/8")
networking.Port("nic", name="nic", network_id=lan.id, security_group_ids=[web.id],
                fixed_ips=[{"subnet_id": net.id, "ip_address": "10.9.0.30"}])
compute.ServerGroup("spread", name="spread", policies="anti-affinity")
compute.Keypair("operator", name="operator", public_key="ssh-ed25519 "
                "AAAAC3NzaC1lZDI1NTE5AAAAIEWWmQpUe4Fn5sYl0Yv8GyGiPBPtXL0nsZhJ6m1xYH3b operator")
blockstorage.Volume("data", name=None if "TEST_AUTO" in __import__("os").environ else "data", size=2, volume_type="SSD",
                    availability_zone=__import__("os").environ.get("TEST_ZONE", "az1-dc1"))
"""

KINDS = {
    "openstack:networking/network:Network": ("network", "/networks", "networks"),
    "openstack:networking/subnet:Subnet": ("network", "/subnets", "subnets"),
    "openstack:networking/secGroup:SecGroup": ("network", "/security-groups", "security_groups"),
    "openstack:networking/secGroupRule:SecGroupRule": ("network", "/security-group-rules", "security_group_rules"),
    "openstack:networking/port:Port": ("network", "/ports", "ports"),
    "openstack:compute/serverGroup:ServerGroup": ("compute", "/os-server-groups", "server_groups"),
    "openstack:compute/keypair:Keypair": ("compute", "/os-keypairs", "keypairs"),
    "openstack:blockstorage/volume:Volume": ("block_storage", "/volumes", "volumes"),
}


@dataclass
class Clone:
    """A clone of the project with a program, a state and a sandbox of its own, and the real `ecs` to run in it."""

    folder: Path
    connection: Any
    before: dict[str, set[str]] = field(default_factory=dict)
    runs: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def cloud(self) -> Path:
        return self.folder / ".ecs" / "sandbox"

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "OS_", "ECS_"))}
        return {**kept, "NO_COLOR": "1", "COLUMNS": "300"}

    def ecs(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [ECS, *arguments], cwd=self.folder, env={**self.environment, **more}, capture_output=True, text=True,
            timeout=200, check=False,
        )  # fmt: skip

    def pulumi(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        shown = json.loads(self.ecs("env", "--json").stdout)
        return subprocess.run(
            ["pulumi", *arguments, "--non-interactive"], cwd=self.folder, env={**self.environment, **shown}, capture_output=True,
            text=True, timeout=200, check=False,
        )  # fmt: skip

    def fault(self, kind: str, on: str, **more: object) -> None:
        daemon.control(self.cloud, "POST", "/sandbox/faults", {"kind": kind, "on": on, **more})

    def begin(self, *arguments: str, **more: str) -> subprocess.Popen[bytes]:
        """Start `ecs`, which becomes the engine itself, in a session of its own."""
        run = subprocess.Popen(
            [ECS, *arguments], cwd=self.folder, env={**self.environment, **more}, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        self.runs.append(run)
        return run

    def kill_while(
        self, method: str, part: str, *arguments: str, times: int = 1, **more: str
    ) -> subprocess.Popen[bytes]:
        """Kill the engine -9 as soon as the cloud was asked this, and the engine has written what it had begun."""
        run = self.begin(*(arguments or ("up", "--skip-preview")), **more)
        until(lambda: self.asked(method, part) >= times or run.poll() is not None)
        until(self.pending)
        time.sleep(0.7)
        assert run.poll() is None, "the run was over before it could be killed"
        (lock,) = self.locks()
        os.kill(json.loads(lock.read_text(encoding="utf-8"))["pid"], signal.SIGKILL)
        run.wait()
        return run

    def asked(self, method: str, part: str) -> int:
        lines = (self.cloud / "requests.jsonl").read_text(encoding="utf-8").splitlines()
        return sum(one["method"] == method and part in one["path"] for one in map(json.loads, lines))

    @property
    def state_file(self) -> Path:
        return self.folder / ".ecs" / "state" / ".pulumi" / "stacks" / "ecs-stacks" / "sandbox.json"

    def latest(self) -> dict[str, Any]:
        # The engine writes its file in place, and it may be read half way.
        with contextlib.suppress(OSError, ValueError):
            return json.loads(self.state_file.read_text(encoding="utf-8"))["checkpoint"]["latest"] or {}
        return {}

    def pending(self) -> list[str]:
        return [
            f"{one['type']} {one['resource']['urn'].rsplit('::', 1)[-1]}"
            for one in self.latest().get("pending_operations") or []
        ]

    def locks(self) -> list[Path]:
        return list((self.folder / ".ecs" / "state" / ".pulumi" / "locks").rglob("*.json"))

    def ids(self, type_: str) -> set[str]:
        service, path, key = KINDS[type_]
        found = getattr(self.connection, service).get(path).json()[key]
        return {str(one["keypair"]["name"] if "keypair" in one else one["id"]) for one in found}

    def made(self) -> dict[str, set[str]]:
        return {type_: self.ids(type_) - self.before[type_] for type_ in KINDS}

    def same(self) -> None:
        """The cloud holds exactly what the state says, which is one of each resource of the program."""
        stated: dict[str, set[str]] = {type_: set() for type_ in KINDS}
        for one in self.latest()["resources"]:
            if one["type"] in KINDS:
                stated[one["type"]].add(one["id"])
        assert self.made() == stated
        assert {type_: len(ids) for type_, ids in stated.items()} == dict.fromkeys(KINDS, 1)
        assert self.pending() == []

    def up(self, **more: str) -> str:
        """`ecs up`, then a preview that finds nothing to change; returns what the takeover said."""
        done = self.ecs("up", "--skip-preview", **more)
        assert done.returncode == 0, done.stdout + done.stderr
        self.same()
        after = self.ecs("preview", "--expect-no-changes", **more)
        assert after.returncode == 0, after.stdout + after.stderr
        assert after.stderr == ""
        return done.stderr


def until(condition: Callable[[], object], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.02)


def workers(run: subprocess.Popen[bytes]) -> list[int]:
    """What a run's session still holds, seen with other eyes than the takeover's own."""
    found = []
    for one in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if os.getsid(one.pid) == run.pid and one.status() != psutil.STATUS_ZOMBIE:
                found.append(one.pid)
    return found


@pytest.fixture
def clone(tmp_path: Path) -> Iterator[Clone]:
    """A clone whose first state is there: an empty stack on a running sandbox."""
    folder = tmp_path / "clone"
    (folder / "stacks").mkdir(parents=True)
    shutil.copy2(ROOT / "Pulumi.yaml", folder)
    shutil.copy2(ROOT / "stacks" / "sandbox.passphrase", folder / "stacks")
    settings = {"config": {"openstack:cloud": "sandbox", "openstack:maxRetries": "100"}}
    (folder / "stacks" / "Pulumi.sandbox.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    (folder / "stacks" / "__main__.py").write_text(PROGRAM, encoding="utf-8")
    (folder / "policy").symlink_to(ROOT / "policy")
    (folder / ".venv").symlink_to(ROOT / ".venv")
    cloud = folder / ".ecs" / "sandbox"
    daemon.start(cloud, build_seconds=0)
    config = OpenStackConfig(config_files=[str(cloud / "clouds.yaml")], load_envvars=False).get_one("sandbox")
    made = Clone(folder, openstack.connection.Connection(config=config))
    made.before = {type_: made.ids(type_) for type_ in KINDS}
    yield made
    made.connection.close()
    for run in made.runs:
        for pid in workers(run):
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        run.wait()
    daemon.stop(cloud)


@pytest.mark.parametrize(
    ("on", "part", "name"),
    [
        ("POST /network/v2.0/networks", "/networks", "Network 'lan'"),
        ("POST /network/v2.0/subnets", "/subnets", "Subnet 'lan'"),
        ("POST /network/v2.0/security-groups", "/security-groups", "SecGroup 'web'"),
        ("POST /network/v2.0/security-group-rules", "/security-group-rules", "SecGroupRule 'ssh'"),
        ("POST /network/v2.0/ports", "/ports", "Port 'nic'"),
        ("POST /compute/*/os-server-groups", "/os-server-groups", "ServerGroup 'spread'"),
        ("POST /compute/*/os-keypairs", "/os-keypairs", "Keypair 'operator'"),
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
        ({}, 1, "was created by the killed run"),
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
    clone.fault("slow-answer", "POST /network/v2.0/networks", seconds=6)
    run = clone.begin("up", "--skip-preview")
    until(lambda: clone.asked("POST", "/networks"))
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
