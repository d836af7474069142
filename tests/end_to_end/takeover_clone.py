"""A clone with a small program of its own, whose engine is killed while the cloud is slow to answer."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openstack
import psutil
import yaml
from openstack.config import OpenStackConfig

from sandbox import daemon

ROOT = Path(__file__).parents[2]
ECS = ROOT / ".venv" / "bin" / "ecs"

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


@contextlib.contextmanager
def fresh(tmp_path: Path) -> Iterator[Clone]:
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
