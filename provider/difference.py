"""What a change does, told before it is done: from the one table of changes, for servers and batches."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from components.ecs.changes import Change, Effect
from provider.properties import Properties, unknown_in

HARD = (Effect.REBUILD, Effect.REPLACE)


@dataclass
class Difference:
    """What changes: for each changed input its row and what happens, the lines that tell it, and what is refused."""

    effects: dict[str, Effect] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    unsure: set[str] = field(default_factory=set)
    """The inputs whose value is known only after apply: whether they change is decided then."""

    @property
    def replaces(self) -> list[str]:
        """The inputs for which another one takes its place."""
        return [key for key, effect in self.effects.items() if effect is Effect.REPLACE]

    @property
    def hardest(self) -> Effect | None:
        """The hardest effect."""
        return max(self.effects.values(), key=list(Effect).index, default=None)


def between(had: Properties, wanted: Properties, rows: Iterable[Change]) -> Difference:
    """The inputs that differ, with their effects; a value that is not known yet counts as another one."""
    found = Difference()
    for row in rows:
        for key in row.inputs:
            if differs(had.get(key), wanted.get(key)):
                found.effects[key] = row.effect
                if unknown_in(wanted.get(key)):
                    found.unsure.add(key)
                    found.lines.append(
                        f"{row.argument}: known after apply; another value means {row.effect}: {row.how}"
                    )
                else:
                    found.lines.append(f"{row.argument}: {row.effect}: {row.how}")
    return found


def differs(had: Any, wanted: Any) -> bool:
    """Whether two values differ; absent and empty are the same."""
    if unknown_in(wanted):
        return True
    return (had or None) != (wanted or None)


def consent(found: Difference, label: str, had: Properties, wanted: Properties) -> None:
    """Refuse what a protected resource may not suffer without the settings' consent."""
    certain = [effect for key, effect in found.effects.items() if key not in found.unsure]
    hardest = max(certain, key=list(Effect).index, default=Effect.STATE)
    word = {Effect.REPLACE: "replace", Effect.REBUILD: "rebuild"}.get(hardest)
    if word is None or not (had.get("deletion_protection") and word not in (wanted.get("consent") or [])):
        return
    keys = ", ".join(key for key, effect in found.effects.items() if effect in HARD and key not in found.unsure)
    found.refused.append(
        f"{label!r} is protected (deletion_protection), and this change ({keys}) would {word} it. If that is meant, add `consent: "
        f"[{word}]` to it in the stack's settings (or under `ecs-stacks:consent`), and take it out again afterwards"
    )
