"""What holds everywhere: which room may import which, how long a file is, that every id is in the catalogue."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from components.restrictions import catalogue

ROOT = Path(__file__).parents[1]
ROOMS = ("cloud", "commands", "components", "gate", "policy", "provider", "sandbox", "stacks", "takeover", "toolchain")
MAY_IMPORT = {
    "cloud": set(),
    "components": set(),
    "provider": {"cloud", "components"},
    "policy": {"cloud", "components"},
    "stacks": {"cloud", "components", "takeover"},
    "takeover": set(),
    "sandbox": set(),
    "toolchain": set(),
    "gate": {"components", "policy", "stacks"},
    "commands": {"cloud", "components", "gate", "policy", "provider", "sandbox", "stacks", "takeover", "toolchain"},
}
LONGEST_FILE = 400


def files(room: str) -> list[Path]:
    return sorted((ROOT / room).rglob("*.py"))


def imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module


@pytest.mark.parametrize("room", ROOMS)
def test_arrows_go_only_as_the_design_says(room: str) -> None:
    others = set(ROOMS) - MAY_IMPORT[room] - {room}
    wrong = [
        f"{file.relative_to(ROOT)} imports {name}"
        for file in files(room)
        for name in imported(file)
        if name.split(".")[0] in others
    ]
    assert wrong == []


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_has_files(room: str) -> None:
    assert files(room), f"{room} is empty, so nothing about it was proven"


@pytest.mark.parametrize("room", [*ROOMS, "tests"])
def test_no_file_is_too_long(room: str) -> None:
    long = {
        str(file.relative_to(ROOT)): n
        for file in files(room)
        if (n := file.read_text(encoding="utf-8").count("\n")) > LONGEST_FILE
    }
    assert long == {}


@pytest.mark.parametrize("room", [*ROOMS, "tests"])
def test_no_drawer(room: str) -> None:
    assert [file for file in files(room) if re.fullmatch(r"(utils?|utilities|helpers?|common|misc)", file.stem)] == []


@pytest.mark.parametrize("room", ROOMS)
def test_every_restriction_that_is_named_is_in_the_catalogue(room: str) -> None:
    unknown = {
        (str(file.relative_to(ROOT)), named)
        for file in files(room)
        for named in re.findall(r"ECS-\d{3}", file.read_text(encoding="utf-8"))
        if named not in catalogue()
    }
    assert unknown == set()


def test_only_one_file_starts_the_pack() -> None:
    """Serving lasts for ever, so an importable module must not begin it."""
    calls = [
        file for file in files("policy") if re.search(r"^ +serve\(|PolicyPack\(", file.read_text("utf-8"), re.MULTILINE)
    ]
    assert [str(file.relative_to(ROOT)) for file in calls] == ["policy/__main__.py"]
