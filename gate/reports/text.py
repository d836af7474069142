"""The review for a terminal: the verdict first, and little where little happens."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gate.reports import words
from gate.review import Change, Effect, Finding, Property, Review, Verdict

SHOWN = 30
"""So many resources of one effect are told one by one, and so many findings of one kind that refuse nothing."""

_PROPERTIES = 12
_VALUE = 60
_LINE = 400
_COLOURS = {
    Effect.CREATE: "32",
    Effect.CHANGE: "36",
    Effect.REBOOT: "33",
    Effect.REBUILD: "35",
    Effect.REPLACE: "35",
    Effect.DELETE: "31",
}
_VERDICTS = {
    Verdict.PASSED: "1;32",
    Verdict.REFUSED: "1;31",
    Verdict.UNDETERMINED: "1;33",
    Verdict.CHANGED: "1;33",
    Verdict.FAILED: "1;31",
}
_PROPERTY_SIGNS = {"add": "+", "change": "~", "remove": "-"}


def render(review: Review, colour: bool = False) -> str:
    """Return the review as text; with `colour` with the escape sequences of a terminal."""
    paint = _Paint(on=colour)
    return "\n".join(line.rstrip() for line in _lines(review, paint)) + "\n"


class _Paint:
    def __init__(self, *, on: bool) -> None:
        self.on = on

    def __call__(self, text: str, code: str | None) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.on and code else text

    def quiet(self, text: str) -> str:
        return self(text, "2")

    def strong(self, text: str) -> str:
        return self(text, "1")


def _lines(review: Review, paint: _Paint) -> Iterator[str]:
    sign = words.VERDICT_SIGNS[review.verdict]
    yield paint(f"{sign} {words.visible(review.said)}", _VERDICTS[review.verdict])
    yield paint.quiet(
        f"  ecs {review.kind} of {words.visible(review.project)}/{words.visible(review.stack)}, {review.made}"
    )
    if review.kind != "audit":
        yield from _changes(review, paint)
    for title, _, chosen in words.SECTIONS:
        findings = chosen(review)
        most = None if chosen in (words.errors, words.refusing) else SHOWN
        yield from _findings(title, findings, most, paint)
    yield ""
    yield from _coverage(review, paint)


def _changes(review: Review, paint: _Paint) -> Iterator[str]:
    yield ""
    changed = review.changed()
    title = words.changes_title(review.kind)
    if not changed:
        yield f"{paint.strong(title)}: {words.nothing(review)}."
        return
    yield f"{paint.strong(title)}: {words.tally(review)}."
    for effect, changes in words.grouped(changed):
        told = f" {words.meaning(effect, review.kind)}" if words.meaning(effect, review.kind) else ""
        head = f"{words.SIGNS[effect]} {words.effect_word(effect, review.kind)} ({len(changes):,})."
        yield f"  {paint(head, _COLOURS.get(effect))}{paint.quiet(told)}"
        for change in changes[:SHOWN]:
            yield from _change(change, paint)
        if len(changes) > SHOWN:
            yield paint.quiet(f"      and {len(changes) - SHOWN:,} more, which the other reports list")


def _change(change: Change, paint: _Paint) -> Iterator[str]:
    place = paint.quiet(f"  {words.visible(str(change.place))}") if change.place else ""
    yield f"      {words.kind_of(change.type)} {paint.strong(words.shorten(change.name, 120))}{place}"
    for line in change.says:
        yield f"          {words.shorten(line, _LINE)}"
    if change.effect in (Effect.CREATE, Effect.DELETE):
        return
    for one in change.properties[:_PROPERTIES]:
        yield paint.quiet(f"          {_property(one)}")
    if len(change.properties) > _PROPERTIES:
        yield paint.quiet(f"          and {len(change.properties) - _PROPERTIES:,} properties more")


def _property(one: Property) -> str:
    values = {
        "add": words.shorten(one.after or "", _VALUE),
        "remove": words.shorten(one.before or "", _VALUE),
        "change": f"{words.shorten(one.before or '?', _VALUE)} → {words.shorten(one.after or '?', _VALUE)}",
    }
    value = values[one.kind]
    return f"{_PROPERTY_SIGNS[one.kind]} {words.shorten(one.path, 120)}{f': {value}' if value else ''}"


def _findings(title: str, findings: tuple[Finding, ...], most: int | None, paint: _Paint) -> Iterator[str]:
    if not findings:
        return
    yield ""
    yield f"{paint.strong(title)} ({len(findings):,})"
    for one in findings[:most]:
        yield from _finding(one, paint)
    if most is not None and len(findings) > most:
        yield paint.quiet(f"  and {len(findings) - most:,} more, which the other reports list")


def _finding(one: Finding, paint: _Paint) -> Iterator[str]:
    sign = paint("✗", "31") if one.blocks else "•"
    parts = _joined((str(one.place) if one.place else "", one.resource, one.rule))
    if parts:
        yield f"  {sign} {paint.strong(parts)}"
        yield f"      {words.text_of(one)}"
    else:
        yield f"  {sign} {words.text_of(one)}"


def _joined(parts: Iterable[str]) -> str:
    return "  ".join(words.shorten(part, 120) for part in parts if part)


def _coverage(review: Review, paint: _Paint) -> Iterator[str]:
    proof = words.proof(review)
    yield proof if words.complete(review) else paint(proof, "33")
    for urn in review.coverage.missing[:SHOWN]:
        yield f"  not judged: {words.visible(urn)}"
    rules = [one for one in review.rules if one.level != "disabled"]
    failed = sum(1 for one in rules if one.failed)
    undecided = sum(1 for one in rules if one.undetermined)
    if rules:
        yield (
            f"{words.several(len(rules), 'policy', 'policies')}: {failed:,} failed, {undecided:,} with something undetermined, "
            f"{len(review.rules) - len(rules):,} disabled. Exit code {review.exit_code}."
        )
    else:
        yield f"Exit code {review.exit_code}."
