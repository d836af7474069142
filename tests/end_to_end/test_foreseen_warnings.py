"""The document's five examples give the warnings that were foreseen, and no others, through the real CLI."""

from __future__ import annotations

import json
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

from components.document.text import parse
from tests.end_to_end.policy_events import cited, preview, said, told
from tests.end_to_end.project import ROOT, Project, fresh_cloud, program

pytestmark = pytest.mark.engine

EXAMPLES = ROOT / "docs" / "examples"
FORESEEN = tomllib.loads((Path(__file__).parent / "foreseen.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def wire(tmp_path_factory: pytest.TempPathFactory, cloud: Path) -> Project:
    """A program that states what a file lists."""
    fresh_cloud(cloud)
    return program("wire", tmp_path_factory.mktemp("wire"), cloud)


def warnings(policies: list[dict[str, Any]]) -> list[str]:
    return [f"{restriction} {path}" for restriction, path in told(policies, "advisory")]


def test_every_example_is_foreseen() -> None:
    assert set(FORESEEN) == {file.stem for file in EXAMPLES.glob("*.json")}


@pytest.mark.parametrize("name", FORESEEN)
def test_an_example_word_for_word(name: str, wire: Project) -> None:
    body = parse((EXAMPLES / f"{name}.json").read_text(encoding="utf-8"), name)
    kind = "ServerBatch" if name == "batch" else "Server"
    stated = [{"name": name, "type": f"ecs:index:{kind}", "inputs": body}]
    (wire.folder / "resources.json").write_text(json.dumps(stated), encoding="utf-8")
    ran = preview(wire)
    assert ran.code == 0, ran.text
    assert cited(said(ran.text)[name], "mandatory") == []
    assert warnings(said(ran.text)[name]) == FORESEEN[name]["written"]


@pytest.mark.parametrize("name", [name for name, foreseen in FORESEEN.items() if "imported" in foreseen])
def test_an_example_in_the_settings_of_a_stack(name: str, ours: Project) -> None:
    ours.state("config:\n  openstack:cloud: sandbox\n")
    subprocess.run(
        [ROOT / ".venv" / "bin" / "ecs", "import", EXAMPLES / f"{name}.json", "--stack", ours.stack],
        cwd=ours.folder, env=ours.environment(), capture_output=True, check=True,
    )  # fmt: skip
    ran = preview(ours)
    assert ran.code == 0, ran.text
    every = [policy for policies in said(ran.text).values() for policy in policies]
    assert cited(every, "mandatory") == []
    assert warnings(every) == FORESEEN[name]["imported"]
