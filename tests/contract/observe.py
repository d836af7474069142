"""What a cloud answered, freed of everything that differs by nature, and compared with what the real one answered."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
RECORDED = FOLDER / "recorded"
DIFFERENCES = FOLDER / "differences.toml"

_LONGEST = 900
_BY_NATURE = [
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"), "<uuid>"),
    (re.compile(r"\b[0-9a-f]{56}\b"), "<host>"),
    (re.compile(r"\b[0-9a-f]{32}\b"), "<id>"),
    (re.compile(r"\br-[0-9a-z]{8}\b"), "<reservation>"),
    (re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)?"), "<time>"),
    (re.compile(r"\b([0-9a-f]{2}:){5}[0-9a-f]{2}\b"), "<mac>"),
]


class Normal:
    """Replaces ids, times and addresses by words: those of `known` by their own, the others by their kind."""

    def __init__(self, known: dict[str, str]) -> None:
        self._known = known

    def __call__(self, value: Any) -> Any:
        """Return a copy of a JSON value with every text of it replaced."""
        if isinstance(value, dict):
            return {self(key): self(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self(item) for item in value]
        return self._text(value) if isinstance(value, str) else value

    def _text(self, text: str) -> str:
        # The longest first: a URL contains the id of the project. A name is not replaced inside of a longer word.
        for raw, word in sorted(self._known.items(), key=lambda one: -len(one[0])):
            if raw in text:
                text = re.sub(rf"(?<![\w.]){re.escape(raw)}(?!\w)", word, text)
        for pattern, word in _BY_NATURE:
            text = pattern.sub(word, text)
        return text if len(text) <= _LONGEST else f"{text[:100]}... ({len(text)} characters) ...{text[-100:]}"


@dataclass
class Difference:
    """One row of the table: where, how the sandbox answers instead, and why that is right."""

    test: str
    names: tuple[str, ...]
    profiles: tuple[str, ...]
    reason: str
    here: Any = None
    keys: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()

    def covers(self, test: str, name: str, profile: str) -> bool:
        """Tell whether the row speaks of an observation."""
        return (
            profile in self.profiles
            and test == self.test
            and any(name == one or fnmatchcase(name, one) for one in self.names)
        )

    def explains(self, real: Any, here: Any) -> bool:
        """Tell whether the row says just what was seen.

        `here` is the whole answer; `keys` are the places (`body.server.image`) at or below which alone it may differ;
        `ids` are the restrictions that the answer, a 400, names.
        """
        if self.ids:
            return is_refusal(here) and set(re.findall(r"ECS-\d{3}", json.dumps(here))) == set(self.ids)
        if self.keys:
            differing = list(places(real, here))
            return all(
                any(fnmatchcase(one, key) or fnmatchcase(one, f"{key}.*") for key in self.keys) for one in differing
            )
        return bool(self.here == here)


def is_refusal(answer: Any) -> bool:
    """Tell whether an observation is an answer with status 400."""
    return answer == 400 or (isinstance(answer, dict) and answer.get("status") == 400)


def places(real: Any, here: Any, path: str = "") -> Iterator[str]:
    """Yield every place at which two JSON values differ, as a dotted path."""
    if isinstance(real, dict) and isinstance(here, dict):
        for key in real.keys() | here.keys():
            below = f"{path}.{key}" if path else str(key)
            if key not in real or key not in here:
                yield below
            else:
                yield from places(real[key], here[key], below)
    elif isinstance(real, list) and isinstance(here, list) and len(real) == len(here):
        for place, (one, other) in enumerate(zip(real, here, strict=True)):
            yield from places(one, other, f"{path}.{place}" if path else str(place))
    elif real != here or type(real) is not type(here):
        yield path or "."


def load_differences() -> list[Difference]:
    """Read the table."""
    rows = tomllib.loads(DIFFERENCES.read_text(encoding="utf-8")).get("difference", [])
    return [
        Difference(
            row["test"],
            tuple(row["names"]),
            tuple(row.get("profiles", ("ecs", "community"))),
            row["reason"],
            row.get("here"),
            tuple(row.get("keys", ())),
            tuple(row.get("ids", ())),
        )
        for row in rows
    ]


@dataclass
class Record:
    """What the real cloud answered in the tests of one file: test, then name, then the answer."""

    file: Path
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, module: str) -> Record:
        """Read the record of a test file; empty if there is none yet."""
        file = RECORDED / f"{module.removeprefix('test_')}.json"
        return cls(file, json.loads(file.read_text(encoding="utf-8")) if file.exists() else {})

    def write(self) -> None:
        """Write it down, in an order that does not change by itself."""
        self.file.parent.mkdir(exist_ok=True)
        text = json.dumps(dict(sorted(self.answers.items())), indent=1, ensure_ascii=False)
        self.file.write_text(text + "\n", encoding="utf-8")


class Watch:
    """What one test sees of one cloud."""

    def __init__(self, normal: Normal) -> None:
        self._normal = normal
        self.seen: dict[str, Any] = {}

    def __call__(self, name: str, value: Any) -> None:
        """Note an observation under a name that is its own in the test."""
        assert name not in self.seen, f"{name} is noted twice"
        self.seen[name] = self._normal(value)

    def answer(self, name: str, response: Any, *, keys: bool = False) -> None:
        """Note an HTTP answer: its status and its body, or (`keys`) only the keys and types of the body."""
        body = response.json() if response.content and "json" in response.headers.get("Content-Type", "") else None
        self(name, {"status": response.status_code, "body": shape(body) if keys else body})


def shape(value: Any) -> Any:
    """Return a JSON value with every scalar replaced by the name of its type, and lists cut to their first entry."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return "null" if value is None else type(value).__name__


def compare(test: str, profile: str, real: dict[str, Any], here: dict[str, Any], rows: list[Difference]) -> list[str]:
    """Return what differs and is not in the table, and what is in the table and does not differ."""
    problems = []
    for name in real.keys() | here.keys():
        covering = [row for row in rows if row.covers(test, name, profile)]
        if name not in here or name not in real:
            problems.append(f"{name}: seen on the {'sandbox' if name in here else 'real cloud'} only")
        elif real[name] == here[name]:
            problems += [
                f"{name}: the table says that it differs, but it does not: {row.reason}"
                for row in covering
                if name in row.names
            ]
        elif not any(row.explains(real[name], here[name]) for row in covering):
            where = ", ".join(sorted(places(real[name], here[name])))
            told = [json.dumps(one[name], ensure_ascii=False) for one in (real, here)]
            problems.append(f"{name} differs at {where}\n    real:    {told[0]}\n    {profile + ':':8} {told[1]}")
    return sorted(problems)
