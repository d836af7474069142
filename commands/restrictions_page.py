"""docs/restrictions.md, written from the catalogue, the rules and the document."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import policy.rules
from commands.places import ROOT
from components.restrictions import Restriction, catalogue

PAGE = ROOT / "docs" / "restrictions.md"

SECTIONS = {
    "1": "Server",
    "2": "Disks",
    "3": "NICs",
    "4": "Batch",
    "5": "Scheduling",
    "6": "Life",
}
"""The first digit of an id is its section."""

PLACES = {
    "type": "[arguments](../components/)",
    "rule": "rule",
    "sandbox": "[sandbox](sandbox.md)",
    "engine": "[components](../components/)",
}

HEAD = """\
# The restrictions

<!-- Written by `make docs` from components/restrictions.toml and policy/rules/. Change those, not this page. -->

Everything that [the API's document](creating-an-ecs.txt) refuses, ignores, asks for or cannot do: {rows} rows.
The ids are stable; every message ends with one. `ecs restrictions ECS-302` shows one at a terminal, with what its rule
says and what to do; `ecs restrictions --json` is for programs.

- **Level**: {must} must (the request cannot work), {warn} warn (it is accepted, and silently does something else than
  written), {info} info (nothing to refuse).
- **Decided by**: the request alone, other resources of the stack, or a read from the cloud.
- **Enforced by**: the typed *arguments*, which refuse it or cannot state it; a *rule* of the policy pack; the practice
  cloud (*sandbox*), which refuses it or does it; our *components*, which do it.
- **Exempt**: whether [an exemption](review.md#exemptions) may let it pass. What the cloud itself refuses has none: it
  would only move the error to `up`.
- Where no sentence is quoted, the restriction follows from the native OpenStack API that the document declares itself
  compatible with.
"""


@cache
def rules() -> dict[str, list[tuple[Path, Any]]]:
    """The rules by restriction, each with its file (from the project's root): most have one, what two things decide has two."""
    found: dict[str, list[tuple[Path, Any]]] = {}
    for module in pkgutil.walk_packages(policy.rules.__path__, "policy.rules."):
        rule = getattr(importlib.import_module(module.name), "RULE", None)
        if rule is not None:
            found.setdefault(rule.id, []).append((Path(*module.name.split(".")).with_suffix(".py"), rule))
    return found


def sections() -> dict[str, list[Restriction]]:
    """The catalogue by section."""
    return {
        title: [row for row in catalogue().values() if row.id.removeprefix("ECS-").startswith(digit)]
        for digit, title in SECTIONS.items()
    }


def text() -> str:
    """The page."""
    rows = list(catalogue().values())
    count = {level: sum(row.level == level for row in rows) for level in ("must", "warn", "info")}
    parts = [HEAD.format(rows=len(rows), **count)]
    for title, members in sections().items():
        parts.append(f"\n## {title}\n\n")
        parts.append("| id | level | restriction | in the document | place | decided by | enforced by | exempt |\n")
        parts.append("|---|---|---|---|---|---|---|---|\n")
        parts += [_row(row) for row in members]
    return "".join(parts)


def _row(row: Restriction) -> str:
    summary = row.summary if row.met is None else f"{row.summary} *{row.met}*"
    cells = (
        f'<a id="{row.id.lower()}"></a>{row.id}',
        row.level,
        summary,
        "(native API)" if row.quote is None else f"“{row.quote}”",
        row.where,
        ", ".join(row.sees),
        ", ".join(_places(row)),
        "yes" if row.exemptable else "",
    )
    return f"| {' | '.join(_cell(cell) for cell in cells)} |\n"


def _places(row: Restriction) -> Iterable[str]:
    for place in row.enforced:
        if place == "rule" and row.id in rules():
            for file, _ in rules()[row.id]:
                yield f"[rule](../{file.as_posix()})"
        else:
            yield PLACES[place]


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
