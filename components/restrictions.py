"""The restriction catalogue as data: one row a restriction, read by arguments, rules and reports."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

Level = Literal["must", "warn", "info"]
Sees = Literal["request", "stack", "cloud"]


@dataclass(frozen=True)
class Restriction:
    """One row of the catalogue.

    `id` is stable (`ECS-302`); `quote` is a sentence of the document, or None where `nova` says that the restriction
    follows from the native API that the document declares itself compatible with; `where` is the place in the
    document (`Table 6, port`).
    """

    id: str
    level: Level
    sees: tuple[Sees, ...]
    summary: str
    where: str
    quote: str | None = None
    nova: bool = False

    @property
    def citation(self) -> str:
        """The end of every message: `[ECS-302, Table 6, port]`."""
        return f"[{self.id}, {self.where}]"


@cache
def catalogue() -> dict[str, Restriction]:
    """Every restriction by id, in the document's order. Read once a process from `restrictions.toml`."""
    text = Path(__file__).with_name("restrictions.toml").read_text(encoding="utf-8")
    rows = tomllib.loads(text)["restriction"]
    return {row["id"]: Restriction(**{**row, "sees": tuple(row["sees"])}) for row in rows}


def message(path: str, wrong: str, fix: str, restriction: str) -> str:
    """Render the one form of every message: path, what is wrong, the fix, the id and the place in the document.

    `networks[1]: names neither a port nor a network. Set port or uuid. [ECS-302, Table 6, port]`
    """
    return f"{path}: {wrong.rstrip('.')}. {fix.rstrip('.')}. {catalogue()[restriction].citation}"
