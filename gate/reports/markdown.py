"""The review as the comment on a pull request: one that replaces its predecessor, and that fits however much there is to say.

Summary first, then what refuses, then what destroys, then the rest as far as there is room; what is left out is counted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

from gate.reports import words
from gate.reports.escaping import code, prose
from gate.review import Change, Effect, Finding, Property, Review, RuleAnswer, Verdict

LIMIT = 60_000
"""Characters of a comment at most; GitHub's own limit is 65,536."""

_RESERVE = 1_500
"""Room for what is said of the parts for which there was none."""

_OPEN = 10
"""A list up to this long is open from the start."""

_SHARES = {"refused": 0.45, "destroys": 0.45}
"""Which part of the room that is left a list may take, so that the next one has some too."""

_PROPERTIES = 8
_NAME = 200
_SAYS = 6
_COUNTED = (Effect.DELETE, Effect.REPLACE, Effect.REBUILD, Effect.REBOOT, Effect.CHANGE, Effect.CREATE)
_ALWAYS = (Effect.CREATE, Effect.CHANGE, Effect.DELETE)
_MARKS = {
    Verdict.PASSED: "✅",
    Verdict.REFUSED: "❌",
    Verdict.UNDETERMINED: "❔",
    Verdict.CHANGED: "⚠️",
    Verdict.FAILED: "💥",
}


def marker(review: Review) -> str:
    """Return the hidden first line of the comment: a pipeline replaces the comment that begins with the same one."""
    kind = "" if review.kind == "gate" else f":{review.kind}"
    return f"<!-- ecs-gate:{_hidden(review.project)}/{_hidden(review.stack)}{kind} -->"


def _hidden(name: str) -> str:
    """Return a name that cannot end the comment that hides it, nor fill it."""
    spelled = quote(name, safe="/")
    return spelled if len(spelled) <= _NAME else hashlib.sha256(name.encode()).hexdigest()


def render(review: Review) -> str:
    """Return the comment, of less than `LIMIT` characters."""
    room = _Room(LIMIT - _RESERVE)
    room.put(_summary(review))
    for section in _sections(review):
        room.fill(section)
    return room.text()


@dataclass(frozen=True)
class _Section:
    """A list under a heading; `share` is the part of the room that it may take at most."""

    title: str
    items: Iterable[str]
    size: int
    folded: bool = True
    note: str = ""
    share: float = 1.0


class _Room:
    """What is written so far, and how much more there may be."""

    def __init__(self, limit: int) -> None:
        self.left = limit
        self.parts: list[str] = []
        self.skipped: list[str] = []

    def put(self, text: str) -> None:
        self.parts.append(text)
        self.left -= len(text)

    def fill(self, section: _Section) -> None:
        """Write as many items of a section as there is room for, and how many there was none for."""
        title = f"{section.title} ({section.size:,})"
        start = f"\n<details><summary><b>{title}</b></summary>\n\n"
        end = "\n</details>\n"
        if not section.folded:
            start, end = f"\n### {title}\n\n", ""
        if section.note:
            start += f"{section.note}\n\n"
        budget = int(self.left * section.share) - len(start) - len(end) - 100
        taken: list[str] = []
        for item in section.items:
            if budget < len(item):
                break
            taken.append(item)
            budget -= len(item)
        if not taken:
            self.skipped.append(title)
            return
        rest = section.size - len(taken)
        tail = f"- … and {rest:,} more, left out of this comment\n" if rest else ""
        self.put(start + "".join(taken) + tail + end)

    def text(self) -> str:
        if self.skipped:
            self.parts.append(
                f"\nNo room was left for: {'; '.join(self.skipped)}. The other reports have everything.\n"
            )
        return "".join(self.parts)


def _summary(review: Review) -> str:
    name = code(f"{review.project}/{review.stack}", 200)
    lines = [
        marker(review),
        f"## {_MARKS[review.verdict]} {words.VERDICTS[review.verdict]}: `ecs {review.kind}` of {name}",
        "",
        f"<b>{prose(words.said(review))}</b>",
        *([f"<br>⚠️ {prose(words.lost(review))}"] if words.lost(review) else []),
        "",
        *_counts(review),
        "",
        f"{_proven(review)}{prose(words.proof(review))}",
        "",
        f"<sub>{prose(review.made)}; exit code {review.exit_code}{_versions(review)}</sub>",
        "",
    ]
    return "\n".join(lines)


def _proven(review: Review) -> str:
    if not words.judged(review):
        return ""
    return "✅ " if words.complete(review) else "⚠️ "


def _versions(review: Review) -> str:
    return "".join(f"; {prose(name, 40)} {prose(value, 40)}" for name, value in list(review.versions.items())[:6])


def _counts(review: Review) -> Iterator[str]:
    """Yield the tables of counts: what happens, and what was found."""
    if review.kind == "audit":
        yield from _table({"resources": len(review.changes)})
    elif not words.known(review):
        yield f"{words.changes_title(review.kind)}: {words.nothing(review)}."
    else:
        found = review.counts()
        happens: dict[str, int] = {}
        for effect in _COUNTED:
            word = f"{words.SIGNS[effect]} {words.effect_word(effect, review.kind)}"
            if found.get(effect) or (review.kind == "gate" and effect in _ALWAYS):
                happens[word] = happens.get(word, 0) + found.get(effect, 0)
        yield from _table({**happens, "unchanged": len(review.changes) - len(review.changed())})
    counted = {word: len(chosen(review)) for _, word, chosen in words.SECTIONS}
    if any(counted.values()):
        yield ""
        yield from _table({word: number for word, number in counted.items() if number})


def _table(cells: dict[str, int]) -> Iterator[str]:
    yield f"| {' | '.join(prose(one) for one in cells)} |"
    yield f"|{' ---: |' * len(cells)}"
    yield f"| {' | '.join(f'**{number:,}**' if number else '0' for number in cells.values())} |"


def _sections(review: Review) -> Iterator[_Section]:
    """Yield the lists in the order of how much a reviewer has to see them."""
    for title, refused in (("Errors", words.errors(review)), ("Refused by", words.refusing(review))):
        if not refused:
            continue
        yield _Section(
            title, map(_finding, refused), len(refused), folded=len(refused) > _OPEN, share=_SHARES["refused"]
        )
    missing = review.coverage.missing
    if missing:
        yield _Section("Not judged", (f"- {code(urn, 300)}\n" for urn in missing), len(missing), share=0.2)
    for effect, changes in words.grouped(review.changed() if review.kind != "audit" else ()):
        word = words.effect_word(effect, review.kind)
        yield _Section(
            prose(f"{words.SIGNS[effect]} {word[:1].upper()}{word[1:]}"),
            map(_change, changes),
            len(changes),
            folded=not (effect.destroys and len(changes) <= _OPEN),
            note=words.meaning(effect, review.kind),
            share=_SHARES["destroys"] if effect.destroys else 1.0,
        )
    for title, _, chosen in words.SECTIONS[2:]:
        findings = chosen(review)
        if findings:
            yield _Section(title, map(_finding, findings), len(findings))
    told = [one for one in review.rules if one.failed or one.undetermined or one.exempted or one.level == "disabled"]
    if told:
        yield _Section("Policies with something to say", (_policy(one) for one in told), len(told))


def _finding(one: Finding) -> str:
    parts = [code(str(one.place), 160) if one.place else "", code(one.resource) if one.resource else ""]
    parts.append(_rule(one.rule))
    head = " ".join(part for part in parts if part)
    return f"- {head}{'<br>' if head else ''}{prose(words.text_of(one), 900)}\n"


def _rule(rule: str) -> str:
    return f"<b>{prose(rule, 60)}</b>" if rule else ""


def _change(one: Change) -> str:
    place = f" {code(str(one.place), 160)}" if one.place else ""
    lines = [f"- {prose(words.kind_of(one.type), 60)} {code(one.name)}{place}"]
    lines += [f"  <br>{prose(line, 300)}" for line in one.says[:_SAYS]]
    if one.effect not in (Effect.CREATE, Effect.DELETE):
        lines += [f"  <br>{_property(each)}" for each in one.properties[:_PROPERTIES]]
        if len(one.properties) > _PROPERTIES:
            lines.append(f"  <br>and {len(one.properties) - _PROPERTIES:,} properties more")
    return "\n".join(lines) + "\n"


def _property(one: Property) -> str:
    path = code(one.path)
    if one.kind == "change":
        return f"{path}: {code(one.before or '?', 80)} → {code(one.after or '?', 80)}"
    word = "added" if one.kind == "add" else "removed"
    value = one.after if one.kind == "add" else one.before
    return f"{path} {word}{f': {code(value, 80)}' if value else ''}"


def _policy(one: RuleAnswer) -> str:
    numbers = {"failed": one.failed, "undetermined": one.undetermined, "exempted": one.exempted, "passed": one.passed}
    told = ", ".join(f"{number:,} {word}" for word, number in numbers.items() if number) or "no answer"
    return f"- {_rule(one.rule)} ({one.level}): {told}. {prose(one.summary, 200)}\n"
