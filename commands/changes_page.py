"""docs/changes.md, written from the table of changes."""

from __future__ import annotations

from collections.abc import Iterable

from commands.places import ROOT
from components.ecs.changes import BATCH, PROOFS, SERVER, Change, Effect

PAGE = ROOT / "docs" / "changes.md"

TABLES: dict[str, tuple[Change, ...]] = {"Server": SERVER, "ServerBatch": BATCH}
"""The table of each component."""

HEAD = """\
# What a change does

<!-- Written by `make docs` from components/ecs/changes.py, which the preview reads too. Change that, not this page. -->

What the next `up` does to an ECS whose argument you change: the preview says the same words, row by row, before
anything is done. `ecs changes flavor_ref` shows one argument at a terminal; `ecs changes --json` is for programs.

From the mildest to the hardest:

{effects}

A protected ECS (`deletion_protection`) is rebuilt or replaced only with
[consent](terminal.md#protection-and-consent) in the stack's settings. Every row is proven by the test beside it, with
the real engine and the practice cloud.
"""

MEANING = {
    Effect.STATE: "nothing is sent; the stack's state remembers it.",
    Effect.IN_PLACE: "the ECS goes on with its id, its addresses and its disks.",
    Effect.REBOOT: "the same, and it is down for a moment.",
    Effect.REBUILD: "id and addresses stay; everything on the system disk is lost.",
    Effect.REPLACE: "the old one is deleted first, then another one is made. The preview says which disks move to it.",
}


def rows(argument: str = "") -> list[tuple[str, Change]]:
    """The rows with the component each belongs to: all, or those of one argument with what refines it (`boot`)."""
    wanted = argument.strip().replace("-", "_")
    return [
        (component, row)
        for component, table in TABLES.items()
        for row in table
        if not wanted or row.argument == wanted or row.argument.startswith((f"{wanted}.", f"{wanted} "))
    ]


def text() -> str:
    """The page."""
    effects = "\n".join(f"- **{effect.value}**: {MEANING[effect]}" for effect in Effect)
    return HEAD.format(effects=effects) + "".join(_section(component, table) for component, table in TABLES.items())


def _section(component: str, table: Iterable[Change]) -> str:
    lines = [f"\n## {component}\n", "| argument | effect | how | proven by |", "|---|---|---|---|"]
    return "\n".join([*lines, *map(_row, table)]) + "\n"


def _row(row: Change) -> str:
    file, _, test = row.proof.partition("::")
    proof = f"[{test.replace('[', '(').replace(']', ')')}](../{PROOFS}/{file})"
    return f"| `{row.argument}` | {row.effect.value} | {row.how} | {proof} |"
