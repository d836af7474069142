"""In which line a resource is stated, and the part of it that a finding is about."""

from __future__ import annotations

from pathlib import Path

import pytest

from gate.places import Places, type_of
from gate.review import Place
from tests.gate.events import STACK, URN, urn

WEB = urn("web", "ecs:index:Server")
INNER = f"{URN}ecs:index:Server$ecs:compute:Server::web"
PROGRAM = """\
import pulumi_openstack as openstack
from pulumi_openstack.networking import Network

NAME = "other"
openstack.compute.Instance(
    "raw-1",
    flavor_name="s3.small",
)
Network("raw-1"), Network(NAME)
"""


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """Those of a stack whose settings are stated in one file, each path in the line of its length."""
    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks" / "__main__.py").write_text(PROGRAM, encoding="utf-8")
    (tmp_path / "stacks" / "broken.py").write_text("def (", encoding="utf-8")
    return Places(lambda path: (path, len(path)), tmp_path / "stacks", tmp_path)


@pytest.mark.parametrize(
    ("path", "stated"),
    [
        ("", ""),
        ("name", ".name"),
        ("server.networks[1].fixed_ip", ".networks[1].fixed_ip"),
        ("flavorRef", ".flavor_ref"),
        ("imageRef", ".boot"),
        ("adminPass", ".admin_pass"),
        ("os:scheduler_hints.group", ".scheduler_hints.group"),
        ("personality[2].path", ".personality.path"),
        ("block_device_mapping_v2", ".boot"),
        ("block_device_mapping_v2[0].uuid", ".boot.uuid"),
        ("block_device_mapping_v2[1].volume_type", ".disks[0].volume_type"),
        ("block_device_mapping_v2[3]", ".disks[2]"),
    ],
)
def test_a_path_of_the_document_is_found_in_the_settings(places: Places, path: str, stated: str) -> None:
    for found in (places.of(WEB, {}, path), places.of(INNER, {INNER: WEB, WEB: STACK}, path)):
        assert found is not None
        assert found.file == f"servers.web{stated}"


def test_what_the_program_makes_is_found_where_it_is_called(places: Places) -> None:
    def place(name: str, kind: str) -> Place | None:
        raw = urn(name, kind)
        return places.of(raw, {raw: STACK})

    assert place("raw-1", "openstack:compute/instance:Instance") == Place(file="stacks/__main__.py", line=5)
    assert place("raw-1", "openstack:networking/network:Network") == Place(file="stacks/__main__.py", line=9)
    assert place("other", "openstack:networking/network:Network") is None, "its name is not written out"


def test_a_type_is_the_last_of_a_urn() -> None:
    assert type_of(INNER) == "ecs:compute:Server"
    assert type_of(WEB) == "ecs:index:Server"
    assert type_of("") == type_of("urn:pulumi:dev") == ""
