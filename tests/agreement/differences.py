"""Whether the judges agree on a request, with the foreseen differences and without them."""

from __future__ import annotations

import itertools
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.agreement.generate import Asked, changed
from tests.agreement.judges import Said, Sandbox, Word, arguments, pack

FILE = Path(__file__).with_name("differences.toml")


@dataclass(frozen=True)
class Difference:
    """A row of the table."""

    name: str
    reason: str
    forgive: dict[str, re.Pattern[str]]
    case: Asked
    given: str
    lacks: str

    def applies(self, asked: Asked, said: Sequence[Said]) -> bool:
        """Whether the row speaks of the request and of something that was said."""
        if self.given and at(asked.body, self.given) in (None, "", [], {}):
            return False
        if self.lacks and isinstance(at(asked.body, self.lacks), dict):
            return False
        return any(self._forgives(one, word) for one in said for word in one.words)

    def without(self, said: Sequence[Said], *, uncited: bool) -> list[Said]:
        """What was said without what is forgiven."""
        return [one.without(lambda word, one=one: self._forgives(one, word), uncited=uncited) for one in said]

    def _forgives(self, said: Said, word: Word) -> bool:
        pattern = self.forgive.get(said.judge)
        return pattern is not None and pattern.search(word.text) is not None


def at(body: Any, path: str) -> Any:
    """What stands at a dotted place of a body; None where nothing does."""
    for key in path.split("."):
        body = body.get(key) if isinstance(body, dict) else None
    return body


def load() -> list[Difference]:
    """Read the table."""
    rows = tomllib.loads(FILE.read_text(encoding="utf-8"))["difference"]
    return [
        Difference(
            row["name"],
            row["reason"],
            {judge: re.compile(pattern) for judge, pattern in row["forgive"].items()},
            changed(**row["case"]),
            row.get("given", ""),
            row.get("lacks", ""),
        )
        for row in rows
    ]


TABLE = load()


@dataclass(frozen=True)
class Heard:
    """A request and what the judges said of it; `schema` is what the native API's own types are broken by besides."""

    asked: Asked
    said: tuple[Said, Said, Said]
    schema: str

    def split(self, rows: Sequence[Difference]) -> str:
        """In what the judges disagree, whichever of the rows are made use of; "" where they agree."""
        plain = disagreement(self.said, self.schema)
        applying = [row for row in rows if row.applies(self.asked, self.said)] if plain else []
        # What a row forgives the arguments for may have ended them before they came to a restriction.
        ended = self.schema or any("arguments" in row.forgive for row in applying)
        if any(not disagreement(forgiven, ended) for forgiven in self._forgiven(applying)):
            return ""
        return plain

    def _forgiven(self, applying: Sequence[Difference]) -> Iterator[Sequence[Said]]:
        for ways in itertools.product((None, False, True), repeat=len(applying)):
            said: Sequence[Said] = self.said
            for row, uncited in zip(applying, ways, strict=True):
                if uncited is not None:
                    said = row.without(said, uncited=uncited)
            yield said

    @property
    def outcome(self) -> str:
        """What became of the request, for the statistics of a run."""
        _, rules, cloud = self.said
        if rules.ids:
            return "breaks restrictions"
        if cloud.refuses:
            return "breaks the types of the native API alone"
        return "refused for what the cloud has" if cloud.cloud else "made"

    def __str__(self) -> str:
        told = [str(self.asked), *map(str, self.said)]
        return "\n".join([*told, f"    (its schema besides: {self.schema[:200]})"] if self.schema else told)


def hear(asked: Asked, sandbox: Sandbox) -> Heard:
    """Ask all three."""
    said = (arguments(asked), pack(asked), sandbox(asked))
    return Heard(asked, said, sandbox.schema(asked) if said[1].ids and not said[0].ids else "")


def disagreement(said: Sequence[Said], ended: str | bool) -> str:
    """In what three judges disagree; "" where they agree.

    The pack and the sandbox report every restriction. The arguments begin with the types of the tables and may have `ended` there; the
    pack knows nothing of the types of fields that no restriction speaks of.
    """
    args, rules, cloud = said
    if rules.ids != cloud.ids:
        return f"the pack cites {sorted(rules.ids)}, the sandbox {sorted(cloud.ids)}"
    if not args.ids <= rules.ids:
        return f"the arguments alone cite {sorted(args.ids - rules.ids)}"
    if args.refuses != cloud.refuses:
        return f"the {'arguments' if args.refuses else 'sandbox'} alone refuse{'' if args.refuses else 's'} it"
    if rules.ids and not args.ids and not ended:
        return f"the arguments refuse it without a restriction, the others with {sorted(rules.ids)}"
    return ""
