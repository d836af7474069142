"""What was said of a stack, by policies, typed arguments and engine, as findings: each one line, with its place."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from gate.places import Places, type_of
from gate.reading import PACK, Reading, Told, Violation
from gate.review import Answer, Finding, Place
from gate.values import Scrub
from policy.judge import CLOUD, UNDETERMINED
from policy.pack import EXEMPTED

CITED = re.compile(r"\[(ECS-\d{3})\b[^\]]*\]")
_NAMED = re.compile(r"\bECS-\d{3}\b")
_AT = re.compile(r"^(?P<file>[\w./-]+\.(?:ya?ml|py)):(?P<line>\d+): (?P<rest>.*)$")
_IN = re.compile(r"^(?P<file>stacks/[\w.-]+\.ya?ml): (?P<rest>.*)$")
_PATH = re.compile(r"^(?P<path>[A-Za-z_][\w:.\[\]-]*): ")
_VALUES = re.compile(r"'[^']*'|\"[^\"]*\"|\d+")
_EXEMPT = "exempted: "
_NOISE = ("preview failed", "update failed", "resource plan validation failed")
"""What the engine says when it has said why already."""

_LATE = "exited prematurely"
"""What the engine says of a plugin that did not answer in time when it was asked to end: of a run that succeeded, all was done by then."""


@dataclass(frozen=True, slots=True)
class Said:
    """Where findings come from, and how they are told."""

    reading: Reading
    places: Places
    scrub: Scrub

    def findings(self) -> list[Finding]:
        """Every finding of the run; those that block come first."""
        found = [one for violation in self.reading.violations for one in self._violation(violation)]
        found += [one for told in self.reading.told for one in self._told(told)]
        if any(one.blocks and one.text not in _NOISE for one in found):
            found = [one for one in found if one.text not in _NOISE]
        return sorted(dict.fromkeys(found), key=_order)

    def _violation(self, said: Violation) -> Iterator[Finding]:
        # The SDK puts the policy's description before the message, on a line of its own.
        lines = [line.strip() for line in said.text.strip().split("\n") if line.strip()]
        texts = lines[1:] or lines
        for text in texts:
            rule, answer = _answer(said, text)
            yield self._finding(
                rule, answer, self.scrub(text.removeprefix(_EXEMPT)), said.urn,
                blocks=said.mandatory and answer is not Answer.EXEMPTED,
            )  # fmt: skip

    def _told(self, told: Told) -> Iterator[Finding]:
        if told.severity not in ("error", "warning"):
            return
        lines = [line for line in told.text.strip().split("\n") if line.strip()]
        if lines and all(_AT.match(line) or _IN.match(line) for line in lines):
            for line in lines:
                yield self._stated(self.scrub(line), error=told.severity == "error")
            return
        text = self.scrub(" ".join(" ".join(lines).split()))
        if not text:
            return
        wrong = told.severity == "error" and not (_LATE in text and self.reading.result == "succeeded")
        answer = Answer.FAILED if wrong else Answer.NOTED
        yield self._finding(_cited(text), answer, text, told.urn, blocks=wrong)

    def _stated(self, line: str, *, error: bool) -> Finding:
        """A mistake in the settings, told with its file."""
        at, inside = _AT.match(line), _IN.match(line)
        if at:
            place, text = Place(file=at["file"], line=int(at["line"])), at["rest"]
        elif inside:
            place, text = Place(file=inside["file"], line=1), inside["rest"]
        else:
            place, text = Place(file="Pulumi.yaml", line=1), line
        rule = _cited(text)
        return Finding(
            rule=rule, answer=Answer.FAILED if error else Answer.NOTED, blocks=error, text=text, place=place,
            fingerprint=fingerprint(rule, "", text),
        )  # fmt: skip

    def _finding(self, rule: str, answer: Answer, text: str, urn: str, *, blocks: bool) -> Finding:
        path = _PATH.match(text)
        place = self.places.of(urn, self.reading.parents, path["path"] if path else "") if urn else None
        return Finding(
            rule=rule, answer=answer, blocks=blocks, text=text, resource=urn.rpartition("::")[2], urn=urn,
            type=type_of(urn), place=place, fingerprint=fingerprint(rule, urn, text),
        )  # fmt: skip


def undetermined(reading: Reading) -> Iterator[tuple[str, str]]:
    """Each restriction that did not decide, with the URN of what it did not decide on; "" for several resources or the whole stack."""
    for said in reading.violations:
        if said.pack == PACK and said.policy in (UNDETERMINED, CLOUD):
            for rule in dict.fromkeys(_NAMED.findall(said.text)):
                yield rule, said.urn


def fingerprint(rule: str, urn: str, text: str) -> str:
    """What stays the same where the same thing is found again: the rule, the resource and the words without values."""
    words = _VALUES.sub("", text)
    return hashlib.sha256(f"{rule}\n{urn}\n{words}".encode()).hexdigest()[:32]


def _answer(said: Violation, text: str) -> tuple[str, Answer]:
    if said.pack != PACK:
        return said.policy, Answer.FAILED
    if said.policy == EXEMPTED:
        return said.policy, Answer.EXEMPTED
    if said.policy in (UNDETERMINED, CLOUD):
        return _cited(text) or said.policy, Answer.UNDETERMINED
    return said.policy, Answer.NOTED if said.policy == "exemptions" else Answer.FAILED


def _cited(text: str) -> str:
    found = CITED.search(text)
    return found[1] if found else ""


def _order(one: Finding) -> tuple[bool, int, str, str]:
    return (not one.blocks, list(Answer).index(one.answer), one.rule, one.urn)
