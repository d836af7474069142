"""What the rules let pass by somebody's word: `exemptions.yaml`, what of it applies, and what of it was needed.

Nothing but the text is looked at while the file lists nothing: what reads entries is imported when there is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from fnmatch import translate
from pathlib import Path

FILE = Path(__file__).with_name("exemptions.yaml")
"""The file that the pack ships with."""

POLICY = "exemptions"
"""The policy that tells what is wrong about the file."""

_EMPTY = re.compile(r"\s*(exemptions:\s*(\[\s*\])?)?\s*")
_COMMENT = re.compile(r"^\s*#.*$", re.MULTILINE)
_PARTS = 4


@dataclass(frozen=True, slots=True)
class Exemption:
    """One entry of the file: a rule that lets resources of some stacks pass, until the end of the day `expires` (UTC).

    `resource` is a pattern of the resource's name (`web-*`), or of its kind or type and its name (`Instance::web-*`); `place` is where the
    entry stands, for messages.
    """

    rule: str
    resource: str
    stacks: tuple[str, ...]
    reason: str
    approver: str
    expires: date
    place: str = field(default="", compare=False)
    _kind: re.Pattern[str] | None = field(init=False, repr=False, compare=False)
    _name: re.Pattern[str] = field(init=False, repr=False, compare=False)
    _stacks: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        kind, separator, name = self.resource.partition("::")
        compiled = {
            "_kind": re.compile(translate(kind)) if separator else None,
            "_name": re.compile(translate(name if separator else kind)),
            "_stacks": re.compile("|".join(translate(stack) for stack in self.stacks) or r"(?!)"),
        }
        for slot, pattern in compiled.items():
            object.__setattr__(self, slot, pattern)

    def __str__(self) -> str:
        """One line: `ECS-211 on web-*: kept for the migration, approved by j.doe, until 2026-12-31`."""
        said = f"{self.rule} on {self.resource}: {self.reason}, approved by {self.approver}"
        return f"{one_line(said)}, until {self.expires.isoformat()}"

    def holds_in(self, stack: str) -> bool:
        """Say whether it is for this stack, or for the environment that this is a cell of (`prod.a` of `prod`)."""
        return self._stacks.match(stack) is not None or self.is_for_environment_of(stack)

    def is_for_environment_of(self, stack: str) -> bool:
        """Say whether it is for a whole environment of which this stack is one cell: another cell may be the one that needs it."""
        environment, dot, _ = stack.partition(".")
        return bool(dot) and self._stacks.match(environment) is not None

    def is_about(self, urn: str) -> bool:
        """Say whether it is for this resource."""
        parts = urn.split("::", _PARTS - 1)
        if self._name.match(parts[-1]) is None:
            return False
        if self._kind is None:
            return True
        token = parts[-2].rpartition("$")[2] if len(parts) == _PARTS else ""
        return any(self._kind.match(kind) for kind in (token, token.rpartition(":")[2]))


class Exemptions:
    """The entries of a file, what was wrong with it, and which of them were needed. A file with a mistake exempts nothing."""

    def __init__(self, entries: Iterable[Exemption] = (), mistakes: Iterable[str] = (), source: str = "") -> None:
        self.mistakes = tuple(mistakes)
        """What is wrong with the file: each with its place, what is wrong, and the fix."""
        self.entries = () if self.mistakes else tuple(entries)
        self.source = source
        self._by_rule: dict[str, list[Exemption]] = {}
        for entry in self.entries:
            self._by_rule.setdefault(entry.rule, []).append(entry)
        self._needed: dict[Exemption, set[str]] = {}

    def covering(self, rule: str, urn: str, stack: str, today: date) -> Exemption | None:
        """Return the exemption that lets a finding of a rule on a resource pass, the first in the file, and remember that it was needed."""
        for entry in self._by_rule.get(rule, ()):
            if today <= entry.expires and entry.holds_in(stack) and entry.is_about(urn):
                self._needed.setdefault(entry, set()).add(urn)
                return entry
        return None

    def used(self) -> dict[Exemption, int]:
        """Return what was needed, each with how many resources it let pass."""
        return {entry: len(self._needed[entry]) for entry in self.entries if entry in self._needed}

    def unused(self, stack: str, today: date | None = None) -> tuple[Exemption, ...]:
        """Return what holds in this stack and was not needed so far; with `today`, without what has expired and could not be.

        Nothing is said in a cell of what holds in the whole environment.
        """
        return tuple(
            entry
            for entry in self.entries
            if entry.holds_in(stack) and not entry.is_for_environment_of(stack)
            if entry not in self._needed and not (today and entry.expires < today)
        )

    def expired(self, today: date, stack: str | None = None) -> tuple[Exemption, ...]:
        """Return what applies no more, of all stacks or of one."""
        return tuple(
            entry for entry in self.entries if entry.expires < today and (stack is None or entry.holds_in(stack))
        )

    def run(self, stack: str, today: date) -> Run:
        """Return the exemptions of one run of the pack."""
        return Run(self, stack, today)


@dataclass(frozen=True, slots=True)
class Run:
    """The exemptions in one stack on one day: what a run of the pack asks of them."""

    exemptions: Exemptions
    stack: str
    today: date

    def covers(self, rule: str, urn: str) -> bool:
        """Say whether a finding of a rule on a resource is exempted, and count it if it is."""
        return self.exemptions.covering(rule, urn, self.stack, self.today) is not None

    def told(self) -> list[tuple[str, str]]:
        """Return what is wrong about the file at the end of the run, each with the policy that tells it."""
        expired = self.exemptions.expired(self.today, self.stack)
        unused = self.exemptions.unused(self.stack, self.today)
        said = [
            *self.exemptions.mistakes,
            *(f"{one.place}: has expired, so it applies no more ({one}). Renew or remove it." for one in expired),
            *(
                f"{one.place}: stack {self.stack!r} did not need it ({one}). Remove it, or narrow `stacks`."
                for one in unused
            ),
        ]
        return [(POLICY, text) for text in said]

    def listed(self) -> list[str]:
        """Return a line for each exemption that was needed, with how many resources it let pass."""
        return [
            f"{entry} ({count} resource{'' if count == 1 else 's'})" for entry, count in self.exemptions.used().items()
        ]


def one_line(text: str) -> str:
    """Return a text of the file as it can be printed: without line breaks and what a terminal would take for a command."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def load(path: Path = FILE, today: date | None = None) -> Exemptions:
    """Read a file of exemptions; never raises: what is wrong with it, all of it, is in `mistakes`.

    No file is no exemptions. `today` (UTC) is what the dates are held against.
    """
    name = str(path.relative_to(FILE.parents[1])) if path.is_relative_to(FILE.parents[1]) else str(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return Exemptions(source=name)
    except OSError as error:
        return Exemptions(mistakes=[f"{name}: cannot be read: {error.strerror}. Make it readable."], source=name)
    except UnicodeDecodeError as error:
        return Exemptions(mistakes=[f"{name}: byte {error.start + 1} is not UTF-8. Save it as UTF-8."], source=name)
    if _EMPTY.fullmatch(_COMMENT.sub("", text)):
        return Exemptions(source=name)
    from policy.exemptions_file import read

    entries, mistakes = read(text, name, today or datetime.now(UTC).date())
    return Exemptions(entries, mistakes, name)
