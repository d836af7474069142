"""Broken stacks are refused at preview with their restriction, and the cloud is not asked to change anything."""

from __future__ import annotations

import contextlib
import json
import re
import time
from pathlib import Path

import pytest

from components.restrictions import catalogue
from tests.end_to_end.project import Project

BROKEN = sorted((Path(__file__).parent / "broken").glob("*.yaml"))
RAW = json.loads((Path(__file__).parent / "raw" / "broken.json").read_text(encoding="utf-8"))
CANNOT_BE_STATED = {
    "ECS-114": "the settings have no key for an EIP",
    "ECS-116": "nor for a spot price",
    "ECS-117": "nor for a subscription",
    "ECS-205": "boot_index takes 0 and -1, and what is unset follows from its place",
    "ECS-402": "a server is no batch: min_count and max_count are refused (ECS-401)",
    "ECS-403": "a server is no batch",
    "ECS-405": "a server is no batch",
}
"""Why the settings of a stack cannot break a restriction; an unknown key is refused too, but by its name."""

pytestmark = pytest.mark.engine


def expected(file: Path) -> str:
    return file.read_text(encoding="utf-8").splitlines()[0].removeprefix("# expects: ")


def test_every_restriction_that_settings_can_break_has_a_broken_stack() -> None:
    decided = {row.id for row in catalogue().values() if row.level == "must" and "request" in row.sees}
    assert sorted(expected(file) for file in BROKEN) == sorted(decided - set(CANNOT_BE_STATED))
    assert set(CANNOT_BE_STATED) <= decided


def test_raw_instances_make_the_mistakes_that_stacks_make() -> None:
    assert set(RAW) <= {file.stem for file in BROKEN}
    assert len(RAW) == 12


@pytest.mark.parametrize("file", BROKEN, ids=lambda file: file.stem)
def test_a_stack_is_refused(file: Path, ours_kept: Project) -> None:
    ours_kept.state(file.read_text(encoding="utf-8"))
    ran = ours_kept.pulumi("preview")
    assert ran.code != 0
    assert set(re.findall(r"\[(ECS-\d{3}),", ran.text)) == {expected(file)}
    assert re.search(r"stacks/Pulumi\.sandbox\.yaml:\d+: ecs-stacks:servers\.web", ran.text)
    assert "Traceback" not in ran.text
    assert ours_kept.changes() == []


@pytest.mark.parametrize("name", RAW)
def test_a_raw_instance_is_refused(name: str, raw: Project) -> None:
    (raw.folder / "instance.json").write_text(json.dumps(RAW[name]["instance"]), encoding="utf-8")
    ran = raw.pulumi("preview")
    assert ran.code != 0
    assert f"[{RAW[name]['expects']}," in ran.text
    assert "[mandatory]" in ran.text
    assert "Traceback" not in ran.text
    assert raw.changes() == []


def test_a_raw_instance_without_a_mistake_is_let_through(raw: Project) -> None:
    good = {**RAW["config-drive"]["instance"], "configDrive": False}
    (raw.folder / "instance.json").write_text(json.dumps(good), encoding="utf-8")
    ran = raw.pulumi("preview")
    assert ran.code == 0, ran.text
    assert "[mandatory]" not in ran.text


def test_up_refuses_too_and_changes_nothing(ours: Project) -> None:
    ours.state((Path(__file__).parent / "broken" / "config-drive.yaml").read_text(encoding="utf-8"))
    ran = ours.pulumi("up", "--yes")
    assert ran.code != 0
    assert "[ECS-105," in ran.text
    assert ours.changes() == []


def running_for(project: Project) -> list[str]:
    """The processes that carry the project's Pulumi home in their environment."""
    mark = f"PULUMI_HOME={project.home}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if mark in (folder / "environ").read_bytes():
                found.append((folder / "cmdline").read_bytes().replace(b"\0", b" ").decode())
    return found


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc to see the processes of others")
def test_no_process_is_left_behind_by_refused_previews(ours: Project) -> None:
    ours.state((Path(__file__).parent / "broken" / "config-drive.yaml").read_text(encoding="utf-8"))
    for _ in range(6):
        assert ours.pulumi("preview").code != 0
    deadline = time.monotonic() + 5
    while running_for(ours) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert running_for(ours) == []
