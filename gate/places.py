"""In which line the author of a stack wrote what a resource is made of."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path

from gate.review import Place

SECTIONS = {
    "ecs:index:Network": "networks",
    "ecs:index:SecurityGroup": "security_groups",
    "ecs:index:ServerGroup": "server_groups",
    "ecs:index:KeyPair": "key_pairs",
    "ecs:index:Disk": "disks",
    "ecs:index:Server": "servers",
    "ecs:index:ServerBatch": "batches",
}
"""The section of a stack's settings that makes a component of each type."""

KEYS = {
    "flavorRef": "flavor_ref",
    "imageRef": "boot",
    "block_device_mapping_v2[0]": "boot",
    "os:scheduler_hints": "scheduler_hints",
    "fixed_ip": "fixed_ip",
    "adminPass": "admin_pass",
    "personality": "personality",
}
"""How a key of the document is written in the settings, where it is not the same."""

StatedAt = Callable[[str], tuple[str, int]]
"""File and line of a path in the settings, such as `servers.web-1.networks[0]`."""


class Places:
    """Finds the lines of one stack: in its settings for what the settings state, in the program for everything else."""

    def __init__(self, stated_at: StatedAt, program: Path, root: Path) -> None:
        self._stated_at = stated_at
        self._program = program
        self._root = root

    def of(self, urn: str, parents: Mapping[str, str], path: str = "") -> Place | None:
        """Where a resource is stated, or the part of it that `path` names as the document does; None where it cannot be told."""
        at = urn
        while at:
            kind, name = type_of(at), at.rpartition("::")[2]
            if kind in SECTIONS:
                return self.stated(".".join([SECTIONS[kind], name, *_in_settings(path)]))
            above = parents.get(at, "")
            if not above or type_of(above) == "pulumi:pulumi:Stack":
                return self._called(kind, name)
            at = above
        return None

    def stated(self, path: str) -> Place:
        """The line of a path in the settings, or that of the nearest thing around it."""
        file, line = self._stated_at(path)
        return Place(file=file, line=line)

    def _called(self, kind: str, name: str) -> Place | None:
        """The call in the program that makes a resource of this type and name, where it is written out."""
        return self._calls.get((kind.rpartition(":")[2], name))

    @cached_property
    def _calls(self) -> dict[tuple[str, str], Place]:
        found: dict[tuple[str, str], Place] = {}
        for file in sorted(self._program.rglob("*.py")):
            try:
                tree = ast.parse(file.read_text(encoding="utf-8"))
            except (OSError, SyntaxError, ValueError):
                continue
            told = file.relative_to(self._root).as_posix()
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                    name = node.args[0].value
                    if isinstance(name, str):
                        place = Place(file=told, line=node.lineno)
                        found.setdefault((_word(node.func), name), place)
        return found


def type_of(urn: str) -> str:
    """The type in a URN, without those of its parents."""
    parts = urn.split("::")
    return parts[2].rpartition("$")[2] if len(parts) > 3 else ""  # noqa: PLR2004 - urn:pulumi:stack::project::types::name


def _word(called: ast.expr) -> str:
    return called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""


def _in_settings(path: str) -> list[str]:
    """The document's path as one of the settings; what is not the same there ends it."""
    found: list[str] = []
    for key in path.removeprefix("server.").split("."):
        bare = re.sub(r"\[\d+\]$", "", key)
        if bare == "block_device_mapping_v2" and key not in KEYS:
            number = re.search(r"\[(\d+)\]", key)
            found.append(f"disks[{int(number[1]) - 1}]" if number else "boot")
        else:
            found.append(KEYS.get(key, KEYS.get(bare, key)))
    return [key for key in found if key]
