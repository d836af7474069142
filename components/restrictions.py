"""The restriction catalogue as data: one row a restriction, read by arguments, rules and reports."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

Level = Literal["must", "warn", "info"]
Sees = Literal["request", "stack", "cloud"]
Place = Literal["type", "rule", "sandbox", "engine"]


@dataclass(frozen=True)
class Restriction:
    """One row of the catalogue.

    `id` is stable (`ECS-302`); `quote` is a sentence of the document, or None where `nova` says that the restriction
    follows from the native API that the document declares itself compatible with; `where` is the place in the
    document (`Table 6, port`); `enforced` says what holds a stack to it, and `met` how a row is met of which nothing
    can be refused.
    """

    id: str
    level: Level
    sees: tuple[Sees, ...]
    enforced: tuple[Place, ...]
    summary: str
    where: str
    quote: str | None = None
    nova: bool = False
    met: str | None = None

    @property
    def exemptable(self) -> bool:
        """Whether a rule may be told to let it pass: an exemption from what the cloud itself refuses would only move the error to `up`."""
        return "rule" in self.enforced and not (self.level == "must" and "sandbox" in self.enforced)

    @property
    def citation(self) -> str:
        """The end of every message: `[ECS-302, Table 6, port]`."""
        return f"[{self.id}, {self.where}]"


@cache
def catalogue() -> dict[str, Restriction]:
    """Every restriction by id, in the document's order. Read once a process from `restrictions.toml`."""
    text = Path(__file__).with_name("restrictions.toml").read_text(encoding="utf-8")
    rows = tomllib.loads(text)["restriction"]
    lists = ("sees", "enforced")
    return {row["id"]: Restriction(**{**row, **{key: tuple(row[key]) for key in lists}}) for row in rows}


def message(path: str, wrong: str, fix: str, restriction: str) -> str:
    """Render the one form of every message: path, what is wrong, the fix, the id and the place in the document.

    `networks[1]: names neither a port nor a network. Set port or uuid. [ECS-302, Table 6, port]`
    """
    return f"{path}: {wrong.rstrip('.')}. {fix.rstrip('.')}. {catalogue()[restriction].citation}"
