"""The state before is read out of its file where there is one, and from the engine where there is not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from policy.facts import previous
from policy.facts.previous import Kept

DISK = "openstack:blockstorage/volume:Volume"
URN = f"urn:pulumi:dev::web::{DISK}::data"
RESOURCES: list[dict[str, Any]] = [
    {"urn": "urn:pulumi:dev::web::pulumi:pulumi:Stack::web-dev", "custom": False, "type": "pulumi:pulumi:Stack"},
    {"urn": URN, "custom": True, "type": DISK, "id": "v-1", "retainOnDelete": True},
]
WANTED = [Kept(URN, DISK, "v-1", True)]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the state of the stack `dev` of `web` is, in a folder whose name needs quoting."""
    folder = tmp_path / "my state"
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{str(folder).replace(' ', '%20')}?no_tmp_dir=true")
    for key, value in (("ORGANIZATION", "organization"), ("PROJECT", "web"), ("STACK", "dev")):
        monkeypatch.setenv(f"PULUMI_{key}", value)
    monkeypatch.setattr(previous, "from_engine", lambda: ["asked"])
    found = folder / ".pulumi" / "stacks" / "web" / "dev.json"
    found.parent.mkdir(parents=True)
    return found


def checkpoint(**changed: Any) -> str:
    return json.dumps({"version": 3, "checkpoint": {"latest": {"resources": RESOURCES}}} | changed)


def test_a_file_is_read_as_it_stands(file: Path) -> None:
    file.write_text(checkpoint())
    assert previous.of_this_stack() == WANTED


def test_a_stack_that_was_never_deployed_holds_nothing(file: Path) -> None:
    file.write_text(checkpoint(checkpoint={"latest": None}))
    assert previous.of_this_stack() == []


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", checkpoint(version=4), checkpoint(checkpoint=None), checkpoint(checkpoint={"latest": [1]})]
)
def test_the_engine_is_asked_where_the_file_is_in_no_known_form(file: Path, text: str) -> None:
    file.write_text(text)
    assert previous.of_this_stack() == ["asked"]


def test_the_engine_is_asked_where_there_is_no_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert previous.of_this_stack() == ["asked"]
    file.write_text(checkpoint())
    monkeypatch.setenv("PULUMI_BACKEND_URL", "file://state")
    assert previous.of_this_stack() == ["asked"], "a folder is only known where it does not depend on who asks"
    monkeypatch.setenv("PULUMI_BACKEND_URL", "s3://bucket")
    assert previous.of_this_stack() == ["asked"]
