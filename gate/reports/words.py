"""The words and signs that all reports share, so that one thing is called the same everywhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from gate.review import Answer, Change, Effect, Finding, Kind, Review, Verdict

HARDEST = tuple(reversed(Effect))
"""Every effect, the hardest first."""

SIGNS = {
    Effect.SAME: "=",
    Effect.READ: "?",
    Effect.CREATE: "+",
    Effect.CHANGE: "~",
    Effect.REBOOT: "↻",
    Effect.REBUILD: "!",
    Effect.REPLACE: "±",
    Effect.DELETE: "-",
}
"""One sign for each effect: told apart without colours."""

_PLANNED = {
    Effect.SAME: "unchanged",
    Effect.READ: "read",
    Effect.CREATE: "created",
    Effect.CHANGE: "changed in place",
    Effect.REBOOT: "changed with a reboot",
    Effect.REBUILD: "rebuilt",
    Effect.REPLACE: "replaced",
    Effect.DELETE: "destroyed",
}
_DRIFTED = {
    Effect.SAME: "unchanged",
    Effect.READ: "read",
    Effect.CREATE: "new in the cloud",
    Effect.CHANGE: "changed in the cloud",
    Effect.REBOOT: "changed in the cloud",
    Effect.REBUILD: "changed in the cloud",
    Effect.REPLACE: "changed in the cloud",
    Effect.DELETE: "gone from the cloud",
}
_MEANS = {
    Effect.REBOOT: "It is down for a moment; id, addresses and disks stay.",
    Effect.REBUILD: "Everything on its system disk is lost; id and addresses stay.",
    Effect.REPLACE: "The old one is deleted and another one is made: new id, new addresses unless fixed.",
    Effect.DELETE: "It is deleted for good.",
}
VERDICTS = {
    Verdict.PASSED: "Passed",
    Verdict.REFUSED: "Refused",
    Verdict.UNDETERMINED: "Undetermined",
    Verdict.CHANGED: "Changed",
    Verdict.FAILED: "Failed",
}
VERDICT_SIGNS = {
    Verdict.PASSED: "✓",
    Verdict.REFUSED: "✗",
    Verdict.UNDETERMINED: "?",
    Verdict.CHANGED: "≠",
    Verdict.FAILED: "!",
}
_TITLES: dict[Kind, str] = {
    "gate": "What changes",
    "drift": "What differs in the cloud",
    "audit": "What is there",
    "apply": "What was done",
    "destroy": "What was deleted",
}


def effect_word(effect: Effect, kind: Kind) -> str:
    """Return what has happened to a resource in a word or a few: `destroyed`, in a drift `gone from the cloud`."""
    return (_DRIFTED if kind == "drift" else _PLANNED)[effect]


def meaning(effect: Effect, kind: Kind) -> str:
    """Return what a hard effect means for what exists, as a sentence; "" for the mild ones."""
    return "" if kind == "drift" else _MEANS.get(effect, "")


def changes_title(kind: Kind) -> str:
    """Return the heading over the changes."""
    return _TITLES[kind]


def said(review: Review) -> str:
    """Return the verdict's sentence as it stands under the verdict's word, which it may begin with."""
    text = visible(review.said)
    rest = text.removeprefix(f"{VERDICTS[review.verdict]}: ")
    return rest if rest == text else f"{rest[:1].upper()}{rest[1:]}"


def grouped(changes: Iterable[Change]) -> Iterator[tuple[Effect, list[Change]]]:
    """Return the changes by effect, the hardest first, each in the order in which they were given."""
    found: dict[Effect, list[Change]] = {}
    for one in changes:
        found.setdefault(one.effect, []).append(one)
    for effect in HARDEST:
        if effect in found:
            yield effect, found[effect]


def tally(review: Review) -> str:
    """Return the counts in one line, the hardest first: `1 replaced, 2 created, 7 unchanged`."""
    counts: dict[str, int] = {}
    for effect, changes in grouped(review.changes):
        word = effect_word(effect, review.kind)
        counts[word] = counts.get(word, 0) + len(changes)
    return ", ".join(f"{number:,} {word}" for word, number in counts.items()) or "no resources"


def lost(review: Review) -> str:
    """Return that something which exists is lost, and how much, as one sentence; "" where nothing is."""
    if review.kind not in ("gate", "apply"):
        return ""
    parts = [
        f"{len(changes):,} {effect_word(effect, review.kind)}"
        for effect, changes in grouped(review.changes)
        if effect.destroys
    ]
    return f"Something that exists is lost: {', '.join(parts)}." if parts else ""


def known(review: Review) -> bool:
    """Whether the run came so far that what changes is known: a program that ends early registers nothing."""
    return bool(review.changes) or review.kind != "gate" or review.coverage.whole_stack


def nothing(review: Review) -> str:
    """Return what is said where no resource changes."""
    if not known(review):
        return "not known, since the run did not come that far"
    return f"nothing; {tally(review)}"


def resources(number: int) -> str:
    """Return a number of resources with its noun."""
    return several(number, "resource")


def several(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun: `1 server`, `1,000 servers`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def kind_of(engine_type: str) -> str:
    """Return an engine's type as it is spoken of: `ecs:compute:Server` is a `Server`."""
    return visible(engine_type.rsplit(":", 1)[-1].rsplit("/", 1)[-1])


def blocking(review: Review) -> tuple[Finding, ...]:
    """The findings for which nothing goes on: errors, and what refuses."""
    return (*errors(review), *refusing(review))


def errors(review: Review) -> tuple[Finding, ...]:
    """What the program, the engine or the cloud said, and no rule."""
    return tuple(one for one in review.findings if one.blocks and not one.rule)


def refusing(review: Review) -> tuple[Finding, ...]:
    """The findings of rules for which it is refused."""
    return tuple(one for one in review.findings if one.blocks and one.rule)


def warnings(review: Review) -> tuple[Finding, ...]:
    """The findings that a reviewer is told of and that refuse nothing."""
    return tuple(one for one in review.findings if one.answer is Answer.FAILED and not one.blocks)


def undetermined(review: Review) -> tuple[Finding, ...]:
    """What could not be decided yet, and refuses nothing for it."""
    return tuple(one for one in review.findings if one.answer is Answer.UNDETERMINED and not one.blocks)


def let_pass(review: Review) -> tuple[Finding, ...]:
    """What an exemption lets pass."""
    return tuple(one for one in review.findings if one.answer is Answer.EXEMPTED and not one.blocks)


def notes(review: Review) -> tuple[Finding, ...]:
    """What is about no restriction."""
    return tuple(one for one in review.findings if one.answer is Answer.NOTED and not one.blocks)


SECTIONS = (
    ("Errors", "errors", errors),
    ("Refused by", "refuse", refusing),
    ("Warnings", "warnings", warnings),
    ("Not decided yet", "not decided yet", undetermined),
    ("Let pass by an exemption", "let pass", let_pass),
    ("Notes", "notes", notes),
)
"""Heading, word of the count, and which findings. Every finding is in exactly one of these."""


def judged(review: Review) -> bool:
    """Whether the review is one in which the pack has to have run: where nothing is to be made it need not."""
    return review.kind not in ("drift", "destroy") or bool(review.coverage.pack)


def proof(review: Review) -> str:
    """Return the proof that the pack ran, as one sentence."""
    found = review.coverage
    if not judged(review):
        return "The policy pack has no part in this, so nothing was judged."
    if not found.pack:
        return "No policy pack ran, so nothing was judged."
    told = f"{visible(found.pack)} judged {found.judged:,} of {resources(found.resources)}"
    whole = (
        "the rules about the whole stack ran" if found.whole_stack else "the rules about the whole stack did not run"
    )
    missing = f"; not judged: {resources(len(found.missing))}" if found.missing else ""
    return f"{told}, and {whole}{missing}."


def complete(review: Review) -> bool:
    """Whether the pack ran for every resource and for the whole stack, where it had to."""
    found = review.coverage
    if not judged(review):
        return True
    return bool(found.pack) and found.whole_stack and not found.missing and found.judged >= found.resources


def stack_file(review: Review) -> str:
    """Return the YAML of the review's stack, from the project's root: where a finding without a place is shown."""
    return f"stacks/Pulumi.{review.stack.rsplit('/', 1)[-1]}.yaml"


def text_of(one: Finding) -> str:
    """Return what a finding says, without the place that is told beside it."""
    return visible(one.text.removeprefix(f"{one.place}: ") if one.place else one.text)


def visible(text: str) -> str:
    r"""Return `text` with everything that has no glyph spelled out (`\x1b`, `\u202e`), so that no report is upset by it.

    A name may hold escape sequences, marks that turn the direction of writing, or line breaks.
    """
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in text)


def shorten(text: str, most: int) -> str:
    """Return `text`, made visible, of at most `most` characters; what is longer has an ellipsis in its middle."""
    text = visible(text)
    if len(text) <= most:
        return text
    tail = (most - 1) // 3
    return f"{text[: most - 1 - tail]}…{text[len(text) - tail :]}"


def anchor(rule: str) -> str:
    """Return where a restriction stands in the documentation; "" for a policy that is none."""
    return f"docs/restrictions.md#{rule.lower()}" if re.fullmatch(r"ECS-\d{3}", rule) else ""
