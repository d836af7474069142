"""A clone with a small stack, for the gate: the real `ecs`, the real engine, a sandbox of its own."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openstack
from openstack.config import OpenStackConfig

from sandbox import daemon
from tests.end_to_end.takeover_clone import ROOT, Clone

SETTINGS = """\
config:
  openstack:cloud: sandbox
  openstack:maxRetries: "10"
  ecs-stacks:networks:
    lan: {cidr: 10.0.0.0/24}
  ecs-stacks:key_pairs:
    operator: {public_key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEWWmQpUe4Fn5sYl0Yv8GyGiPBPtXL0nsZhJ6m1xYH3b operator}
  ecs-stacks:servers:
    web-1:
      flavor_ref: s3.medium
      availability_zone: az1-dc1
      boot: {image_ref: 6b344c54-d606-4e1a-a99e-a7d0250c3d14}
      networks: [{network: lan, fixed_ip: 10.0.0.10}]
      key_name: operator
      metadata: {role: web}
    web-2:
      flavor_ref: s3.medium
      availability_zone: az1-dc1
      boot: {image_ref: 6b344c54-d606-4e1a-a99e-a7d0250c3d14}
      networks: [{network: lan}]
      key_name: operator
"""

RAW = """
import pulumi_openstack as openstack
openstack.compute.Instance(
    "raw-1", name="raw-1", flavor_name="s3.medium", image_id="6b344c54-d606-4e1a-a99e-a7d0250c3d14", availability_zone="az1-dc1",
    networks=[{"fixedIpV4": "10.0.0.4"}], config_drive=True, admin_pass="planted-pass-1", user_data="planted-data-2",
    metadata={"admin_pass": "planted-meta-3"},
)
"""
SECRETS = ("planted-pass-1", "planted-data-2", "planted-meta-3", "planted-pass-4")


class GateClone(Clone):
    """A clone whose settings can be written."""

    @property
    def settings(self) -> Path:
        return self.folder / "stacks" / "Pulumi.sandbox.yaml"

    def state(self, text: str = SETTINGS) -> None:
        """Put settings in place; the salt of the stack's secrets stays."""
        salt = [line for line in self.settings.read_text("utf-8").splitlines() if line.startswith("encryptionsalt")]
        self.settings.write_text("\n".join([text.rstrip(), *salt]) + "\n", encoding="utf-8")

    def program(self, more: str = "") -> None:
        """Put the project's program in place, with something at its end."""
        text = (ROOT / "stacks" / "__main__.py").read_text(encoding="utf-8")
        (self.folder / "stacks" / "__main__.py").write_text(text + more, encoding="utf-8")

    def server(self, name: str) -> Any:
        (found,) = [one for one in self.connection.compute.servers() if one.name == name]
        return found

    def names(self) -> list[str]:
        return sorted(one.name for one in self.connection.compute.servers())

    def changing(self) -> int:
        """How many requests have changed anything."""
        lines = (self.cloud / "requests.jsonl").read_text(encoding="utf-8").splitlines()
        asked = [json.loads(line) for line in lines]
        return sum(
            one["method"] != "GET" and "auth/tokens" not in one["path"] and not one["path"].startswith("/sandbox")
            for one in asked
        )


@contextlib.contextmanager
def gate_clone(folder: Path) -> Iterator[GateClone]:
    (folder / "stacks").mkdir(parents=True)
    shutil.copy2(ROOT / "Pulumi.yaml", folder)
    shutil.copy2(ROOT / "stacks" / "sandbox.passphrase", folder / "stacks")
    (folder / "stacks" / "Pulumi.sandbox.yaml").write_text(SETTINGS, encoding="utf-8")
    shutil.copytree(ROOT / "policy", folder / "policy", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / ".venv").symlink_to(ROOT / ".venv")
    cloud = folder / ".ecs" / "sandbox"
    daemon.start(cloud, build_seconds=0)
    config = OpenStackConfig(config_files=[str(cloud / "clouds.yaml")], load_envvars=False).get_one("sandbox")
    made = GateClone(folder, openstack.connection.Connection(config=config))
    made.program()
    try:
        yield made
    finally:
        made.connection.close()
        for run in made.runs:
            with contextlib.suppress(ProcessLookupError):
                run.kill()
            run.wait()
        daemon.stop(cloud)
