"""A team's site on one machine: a repository, a forge, a cloud, a shared state, and runners with secrets."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openstack
import pytest
from openstack.config import OpenStackConfig

from sandbox import daemon
from takeover.lock import me
from tests.end_to_end.gate_clone import SETTINGS
from tests.pipelines.forge import TOKEN, Forge, forge
from tests.pipelines.runner import ROOT, Runner

STACK = "pipeline"
PASSPHRASE = "planted-passphrase-2"
# Not called `sandbox`, so that the credentials come the way that a pipeline gives them.
GOOD = SETTINGS.replace("openstack:cloud: sandbox", "openstack:cloud: practice")
BAD = GOOD.replace("networks: [{network: lan}]", "networks: [{fixed_ip: 10.0.0.9}]")


@dataclass
class Site:
    """What a pipeline has to do with."""

    origin: Path
    forge: Forge
    connection: Any
    on_github: Runner
    on_gitlab: Runner
    secrets: tuple[str, ...]
    """What must appear in no output."""

    def commit(self, branch: str, text: str) -> None:
        """A commit with the settings of the stack, on a branch that is made where there is none."""
        self.git("switch", "-q", *([] if self.has(branch) else ["-c"]), branch)
        (self.origin / "stacks" / f"Pulumi.{STACK}.yaml").write_text(text, encoding="utf-8")
        self.git("add", "stacks")
        self.git("-c", "user.name=dev", "-c", "user.email=dev@example.org", "commit", "-q", "-m", "A change")

    def merge(self, branch: str) -> None:
        self.git("branch", "-f", "main", branch)

    def has(self, branch: str) -> bool:
        return bool(self.git("branch", "--list", branch).strip())

    def git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=self.origin, check=True, capture_output=True, text=True, timeout=60
        )
        return done.stdout

    def locked(self) -> Path:
        """The lock of a run of this machine that was killed, as the engine would have left it."""
        folder = self.origin.parent / "state" / ".pulumi" / "locks" / "organization" / "ecs-stacks" / STACK
        folder.mkdir(parents=True, exist_ok=True)
        with subprocess.Popen(["true"]) as gone:
            said = {
                "pid": gone.pid,
                "username": me(),
                "hostname": socket.gethostname(),
                "timestamp": "2026-01-02T03:04:05Z",
            }
        lock = folder / "7e4b8f9a-1c0d-4e5f-8a6b-2d3c4e5f6a7b.json"
        lock.write_text(json.dumps(said), encoding="utf-8")
        return lock

    def servers(self) -> list[str]:
        return sorted(one.name for one in self.connection.compute.servers())

    def take_away(self, name: str) -> None:
        """Delete a server behind the state's back."""
        (found,) = [one for one in self.connection.compute.servers() if one.name == name]
        self.connection.compute.delete_server(found)


@contextlib.contextmanager
def site(folder: Path) -> Iterator[Site]:
    assert (ROOT / ".venv" / ".ready").is_file(), "run `make setup` first"
    if not (ROOT / ".git").exists():
        pytest.skip("this is no clone of the project, so there is nothing that was committed")
    origin = folder / "origin"
    subprocess.run(["git", "clone", "-q", ROOT, origin], check=True, timeout=60)
    subprocess.run(["git", "branch", "-f", "main", "HEAD"], cwd=origin, check=False, capture_output=True, timeout=60)
    cloud = folder / "cloud"
    daemon.start(cloud, build_seconds=0)
    config = OpenStackConfig(config_files=[str(cloud / "clouds.yaml")], load_envvars=False).get_one("sandbox")
    connection = openstack.connection.Connection(config=config)
    clouds = folder / "clouds.yaml"
    text = (cloud / "clouds.yaml").read_text(encoding="utf-8").replace("  sandbox:\n", "  practice:\n")
    clouds.write_text(text, encoding="utf-8")
    state = folder / "state"
    state.mkdir()
    common = {"PULUMI_BACKEND_URL": f"file://{state}", "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE}
    # What a forge has no secret of is empty there.
    empty = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}
    try:
        with forge() as hub:
            github = {**common, **empty, "ECS_CLOUDS": text, "GITHUB_TOKEN": TOKEN}
            of_github = {name: value for name, value in hub.github(folder).items() if name != "GITHUB_TOKEN"}
            of_gitlab = {name: value for name, value in hub.gitlab().items() if name != "ECS_GITLAB_TOKEN"}
            yield Site(
                origin, hub, connection, Runner(origin, folder / "github", github, of_github),
                Runner(origin, folder / "gitlab", {**common, "OS_CLIENT_CONFIG_FILE": str(clouds), "ECS_GITLAB_TOKEN": TOKEN}, of_gitlab),
                (TOKEN, PASSPHRASE, config.auth["password"]),
            )  # fmt: skip
    finally:
        connection.close()
        daemon.stop(cloud)
