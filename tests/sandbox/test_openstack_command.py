"""The `openstack` command does a whole life here, and is told what a real OpenStack tells it.

`data/openstack_life.json` holds what Keystone 30, Nova 34, Neutron 29, Glance 33 and Cinder 29 answered to a plain user
(role member). Every command must end with the same exit code, show the same keys with the same values, and be refused
with the same sentence; what may differ stands in a table here, with its reason.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.testing import Loopback, running
from sandbox.world import Settings
from tests.sandbox.openstack_commands import Commands, complaint, lines, plain, run

DATA = Path(__file__).parent / "data"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGJhc2U2NGJhc2U2NGJhc2U2NGJhc2U2NGJhc2U2NGJh test"

SCENERY = "the two clouds hold different things to begin with"
UNLIKE: dict[str, str] = {}
"""Commands whose answer may differ, as a pattern, each with the reason."""

KEYS: dict[str, str] = {}
"""Keys of answers that may be there, be absent or have another value, each with the reason."""


def write_clouds(cloud: Loopback, folder: Path) -> Path:
    told = "".join(f"      {key}: {value}\n" for key, value in cloud.auth.items())
    file = folder / "clouds.yaml"
    file.write_text(f"clouds:\n  sandbox:\n    region_name: sandbox\n    auth:\n{told}", encoding="utf-8")
    return file


@pytest.fixture(scope="module", params=["ecs", "community"])
def profile(request: pytest.FixtureRequest) -> Iterator[Loopback]:
    with running(Settings(build_seconds=0).with_profile(request.param)) as cloud:
        yield cloud


def names(folder: Path) -> dict[str, str]:
    (folder / "key.pub").write_text(KEY + "\n", encoding="ascii")
    (folder / "data").write_text("#cloud-config\n", encoding="ascii")
    return {
        "IMAGE": "ubuntu-24.04", "NET": "net-store", "SUBNET": "net-store", "KEY": "test", "VTYPE": "SATA",
        "ZONE": "az1-dc1", "EXT": "external", "FLAVOR": "m1.tiny", "LARGER": "s3.medium", "SIZE": "40",
        "KEYFILE": str(folder / "key.pub"), "DATAFILE": str(folder / "data"), "OUTFILE": str(folder / "out"),
    }  # fmt: skip
