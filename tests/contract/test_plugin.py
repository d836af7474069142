"""A plain program of the OpenStack plugin, the one that Terraform and OpenTofu use too: one of every kind.

On every cloud it deploys, and whatever it then reads back is what it stated: a preview that refreshes first has nothing
to do. The same after everything that can change in place has changed, and nothing is left after `destroy`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.cloud import Cloud
from tests.end_to_end.project import ROOT, Project, home_of_its_own

pytestmark = pytest.mark.engine

PROGRAM = Path(__file__).parent / "plugin"


def held(cloud: Cloud) -> set[tuple[str, str]]:
    """Return the kind and the id of all that the project has."""
    one = cloud.connection
    lists = {
        "server": one.compute.servers(),
        "key pair": one.compute.keypairs(),
        "server group": one.compute.server_groups(),
        "network": one.network.networks(),
        "subnet": one.network.subnets(),
        "port": one.network.ports(),
        "router": one.network.routers(),
        "security group": one.network.security_groups(),
        "security group rule": one.network.security_group_rules(),
        "floating IP": one.network.ips(),
        "volume": one.block_storage.volumes(),
        "image": one.image.images(),
        "application credential": one.identity.application_credentials(cloud.user_id),
    }
    return {(kind, item.id) for kind, items in lists.items() for item in items}


@pytest.fixture
def program(cloud: Cloud, tmp_path: Path) -> Iterator[Project]:
    """The program in a folder of its own, with a stack on the cloud under test; destroyed in the end."""
    work = tmp_path / "everything"
    shutil.copytree(PROGRAM, work, ignore=shutil.ignore_patterns("__pycache__"))
    (work / "picture.img").write_bytes(b"\0" * 4096)
    (work / ".venv").symlink_to(ROOT / ".venv")
    made = Project(work, home_of_its_own(tmp_path), tmp_path, "dev", pack=False)
    made.extra["OS_CLIENT_CONFIG_FILE"] = str(cloud.clouds_file or os.environ["OS_CLIENT_CONFIG_FILE"])
    names = cloud.names
    settings = {
        "openstack:cloud": cloud.name, "prefix": cloud.prefix, "zone": names.zone, "size": str(names.size),
        "image": names.image, "flavor": names.flavor, "bigger_flavor": names.bigger_flavor, "network": names.network,
        "volume_type": names.volume_type, "public": names.public,
    }  # fmt: skip
    run(made, "stack", "select", "--create", made.stack)
    set_all(made, **settings)
    yield made
    made.pulumi("destroy", "--yes")


def run(project: Project, *arguments: str) -> str:
    """Run the CLI; fails with all that it printed."""
    ran = project.pulumi(*arguments)
    assert ran.code == 0, ran.text
    return ran.text


def set_all(project: Project, **settings: str) -> None:
    """Set settings of the stack."""
    given: list[Any] = [part for key, value in settings.items() for part in ("--plaintext", f"{key}={value}")]
    run(project, "config", "set-all", *given)


def test_a_plain_program_reads_back_what_it_stated(cloud: Cloud, program: Project) -> None:
    before = held(cloud)
    run(program, "up", "--yes", "--skip-preview")
    run(program, "preview", "--refresh", "--expect-no-changes")
    first = run(program, "stack", "output", "ids", "--json")
    set_all(program, later="true")
    run(program, "up", "--yes", "--skip-preview")
    run(program, "preview", "--refresh", "--expect-no-changes")
    assert run(program, "stack", "output", "ids", "--json") == first, "something was replaced that can change in place"
    run(program, "destroy", "--yes", "--skip-preview")
    # Others may use a real cloud at the same time, so what went meanwhile does not count.
    assert held(cloud) - before == set()
