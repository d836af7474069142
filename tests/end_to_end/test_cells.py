"""An environment with two cells and a base, from its links to the deletion of a cell, by the real CLI on the sandbox."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openstack
import pytest
from openstack.config import OpenStackConfig

from sandbox import daemon
from tests.end_to_end.takeover_clone import ROOT, Clone

BASE = """\
config:
  ecs-stacks:networks:
    lan: {cidr: 10.0.0.0/24}
    unused: {cidr: 10.9.0.0/24}
  ecs-stacks:security_groups:
    web: {rules: [{protocol: tcp, port: 22}]}
  ecs-stacks:key_pairs:
    operator: {public_key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEWWmQpUe4Fn5sYl0Yv8GyGiPBPtXL0nsZhJ6m1xYH3b operator}
  ecs-stacks:servers:
    web-1: &web
      cell: a
      flavor_ref: s3.medium
      availability_zone: az1-dc1
      boot: {image_ref: 6b344c54-d606-4e1a-a99e-a7d0250c3d14}
      networks: [{network: lan, fixed_ip: 10.0.0.10}]
      security_groups: [web]
      key_name: operator
    web-2:
      <<: *web
      cell: b
      user_data: "#cloud-config"
    web-3:
      <<: *web
"""
FLEET = """\
config:
  openstack:cloud: sandbox
  ecs-stacks:inherits: base
  ecs-stacks:cells: [a, b]
  ecs-stacks:servers:
    web-3: null
"""

pytestmark = pytest.mark.engine


@pytest.fixture
def clone(tmp_path: Path) -> Iterator[Clone]:
    folder = tmp_path / "clone"
    (folder / "stacks").mkdir(parents=True)
    shutil.copy2(ROOT / "Pulumi.yaml", folder)
    for name in ("__main__.py", "sandbox.passphrase"):
        shutil.copy2(ROOT / "stacks" / name, folder / "stacks")
    (folder / "policy").symlink_to(ROOT / "policy")
    (folder / ".venv").symlink_to(ROOT / ".venv")
    (folder / "stacks" / "base.yaml").write_text(BASE, encoding="utf-8")
    (folder / "stacks" / "Pulumi.fleet.yaml").write_text(FLEET, encoding="utf-8")
    cloud = folder / ".ecs" / "sandbox"
    daemon.start(cloud, build_seconds=0)
    config = OpenStackConfig(config_files=[str(cloud / "clouds.yaml")], load_envvars=False).get_one("sandbox")
    made = Clone(folder, openstack.connection.Connection(config=config))
    yield made
    made.connection.close()
    daemon.stop(cloud)


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), encoding="utf-8")


def run(clone: Clone, *arguments: str, code: int = 0) -> str:
    done = clone.ecs(*arguments)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def encrypt(clone: Clone, path: str, text: str) -> None:
    """As a person does, with plain `pulumi` and the link of a cell."""
    variables = json.loads(run(clone, "env", "fleet.a", "--json"))
    command = ["pulumi", "config", "set", "--secret", "--path", path, "--stack", "fleet.a"]
    subprocess.run(command, cwd=clone.folder, env=clone.environment | variables, input=text, text=True, check=True)


def named(clone: Clone, service: str, path: str, key: str) -> dict[str, Any]:
    return {one["name"]: one for one in getattr(clone.connection, service).get(path).json()[key]}


def test_two_cells_share_their_settings_and_nothing_else(clone: Clone) -> None:
    stacks = clone.folder / "stacks"
    base, fleet, link = stacks / "base.yaml", stacks / "Pulumi.fleet.yaml", stacks / "Pulumi.fleet.b.yaml"

    # The whole is no stack, and a cell has no settings of its own until its link is there.
    assert "'fleet' is divided into cells" in run(clone, "up", "--stack", "fleet", code=2)
    assert "Run `ecs cells --stack fleet --write`" in run(clone, "up", "--stack", "fleet.a", code=2)
    assert "made stacks/Pulumi.fleet.b.yaml" in run(clone, "cells", "--stack", "fleet", "--write")
    assert str(link.readlink()) == "Pulumi.fleet.yaml"

    run(clone, "preview", "--stack", "fleet.a")
    encrypt(clone, "ecs-stacks:servers.web-1.admin_pass", "Pa55-word!x")
    assert link.is_symlink()
    assert (stacks / "Pulumi.fleet.a.yaml").is_symlink()
    assert "secure: v1:" in fleet.read_text(encoding="utf-8")

    for cell in "ab":
        run(clone, "up", "--stack", f"fleet.{cell}", "--skip-preview")
    servers = named(clone, "compute", "/servers/detail", "servers")
    assert set(servers) == {"web-1", "web-2"}
    assert {name: set(one["addresses"]) for name, one in servers.items()} == {"web-1": {"lan-a"}, "web-2": {"lan-b"}}
    assert {one["keypair"]["name"] for one in clone.connection.compute.get("/os-keypairs").json()["keypairs"]} >= {
        "operator-a",
        "operator-b",
    }
    assert {name for name in named(clone, "network", "/security-groups", "security_groups") if "web" in name} == {
        "web-a",
        "web-b",
    }
    assert not [name for name in named(clone, "network", "/networks", "networks") if "unused" in name]
    listed = json.loads(run(clone, "cells", "--stack", "fleet", "--json"))["cells"]
    assert [(one["stack"], one["servers"], one["link"], one["resources"] > 5) for one in listed] == [
        ("fleet.a", 1, "there", True),
        ("fleet.b", 1, "there", True),
    ]

    # A mistake is told where it stands: in the base.
    good = base.read_text(encoding="utf-8")
    change(base, "      flavor_ref: s3.medium", "      flavor_ref: 3")
    told = run(clone, "preview", "--stack", "fleet.b", code=1)
    line = next(n for n, text in enumerate(good.splitlines(), 1) if "flavor_ref" in text)
    assert f"error: stacks/base.yaml:{line}: ecs-stacks:servers.web-2.flavor_ref: is not text" in told
    assert "warning: stacks/base.yaml: servers.web-2.user_data stands in clear in the file" in told
    base.write_text(good, encoding="utf-8")

    # Stated in another cell, a server would be made a second time while its old cell still has it.
    change(base, "      cell: b\n", "      cell: a\n")
    assert "'web-2' of fleet.b: stated in the cell 'a' now" in run(clone, "up", "--stack", "fleet.a", code=2)
    base.write_text(good, encoding="utf-8")

    # A cell that is dropped stays in sight until its stack is empty.
    change(fleet, "cells: [a, b]", "cells: [a]")
    change(fleet, "    web-3: null\n", "    web-3: null\n    web-2: null\n")
    assert "fleet.b: no longer stated, but its stack has" in run(clone, "cells", "--stack", "fleet", "--write")
    assert link.is_symlink()
    run(clone, "down", "--stack", "fleet.b")
    assert set(named(clone, "compute", "/servers/detail", "servers")) == {"web-1"}
    assert "removed stacks/Pulumi.fleet.b.yaml" in run(clone, "cells", "--stack", "fleet", "--write")
    assert not os.path.lexists(link)
    run(clone, "preview", "--stack", "fleet.a", "--expect-no-changes")
