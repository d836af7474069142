"""The answers as JUnit XML: one suite a stack, one case a policy, so that a pipeline's list of tests shows them.

A policy that refuses is a failure, one that could not decide is skipped with its reason. What passes with something to say says it in
`system-out`. Two cases stand for what is no policy: that every resource was judged, and that the run came to an end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from gate.reports import words
from gate.reports.markup import Element, add, element
from gate.reports.markup import render as markup
from gate.review import Answer, Finding, Review, RuleAnswer, Verdict

_LISTED = 200
"""So many lines are in one case; more say only how many."""


@dataclass
class _Case:
    """One case of the suite. Of what is set the hardest is what it ends with."""

    name: str
    errors: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    @property
    def end(self) -> str:
        """The tag that tells how it ended; "" where it passed."""
        if self.errors:
            return "error"
        return "failure" if self.failures else "skipped" if self.skipped else ""


def render(review: Review) -> str:
    """Return the answers as JUnit XML with one suite."""
    cases = list(_cases(review))
    name = f"{review.project}/{review.stack}"
    counts = {
        "tests": len(cases),
        "failures": sum(1 for one in cases if one.end == "failure"),
        "errors": sum(1 for one in cases if one.end == "error"),
    }
    suite = element(
        "testsuite",
        name=name,
        **counts,
        skipped=sum(1 for one in cases if one.end == "skipped"),
        timestamp=review.made.removesuffix("Z").split("+")[0].split(".")[0],
    )
    add(suite, _properties(review))
    for case in cases:
        add(suite, _case(case, f"ecs-{review.kind}.{name}"))
    root = element("testsuites", suite, name=f"ecs {review.kind}", **counts)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{markup(root, "xml")}\n'


def _properties(review: Review) -> Element:
    told = {
        "verdict": review.verdict.value,
        "exit code": str(review.exit_code),
        "said": review.said,
        "changes": words.tally(review),
        **review.versions,
    }
    return element("properties", *(element("property", name=name, value=value) for name, value in told.items()))


def _cases(review: Review) -> Iterator[_Case]:
    by_rule: dict[str, list[Finding]] = {}
    for finding in review.findings:
        by_rule.setdefault(finding.rule, []).append(finding)
    for rule in review.rules:
        yield _policy(review, rule, by_rule.pop(rule.rule, []))
    without = by_rule.pop("", [])
    for name, findings in by_rule.items():
        yield _filled(_Case(name), findings, strict=review.strict)
    if words.judged(review):
        yield _judged(review)
    yield _ended(review, without)


def _policy(review: Review, rule: RuleAnswer, findings: list[Finding]) -> _Case:
    case = _filled(_Case(f"{rule.rule} {rule.summary}"), findings, strict=review.strict)
    answered = findings or rule.passed or rule.failed or rule.undetermined or rule.exempted
    if not answered and not words.complete(review):
        case.skipped.append("It was not asked: the pack did not run for everything.")
    if rule.level == "disabled":
        case.skipped.append("The policy is disabled for this stack.")
    return case


def _filled(case: _Case, findings: Iterable[Finding], *, strict: bool) -> _Case:
    for one in findings:
        undecided = one.answer is Answer.UNDETERMINED
        # With --strict an undetermined answer ends the gate: a list of tests that is all green would say otherwise.
        lines = case.failures if one.blocks or (undecided and strict) else case.skipped if undecided else case.told
        lines.append(_line(one))
    return case


def _judged(review: Review) -> _Case:
    case = _Case("every resource was judged")
    if not words.complete(review):
        lines = case.failures if review.coverage.missing else case.skipped
        lines.append(words.proof(review))
        lines.extend(review.coverage.missing)
    else:
        case.told.append(words.proof(review))
    return case


def _ended(review: Review, without_rule: list[Finding]) -> _Case:
    """Return the case that fails where no policy's does: errors without a rule, a run that failed, an unexpected change."""
    case = _Case("the run came to an end as expected")
    for one in without_rule:
        (case.errors if one.blocks else case.told).append(_line(one))
    if review.verdict is Verdict.FAILED:
        case.errors.insert(0, review.said)
    elif review.verdict is Verdict.CHANGED:
        case.failures.append(review.said)
        case.failures.extend(
            f"{words.kind_of(one.type)} {one.name}: {words.effect_word(one.effect, review.kind)}"
            for one in review.changed()
        )
    return case


def _line(one: Finding) -> str:
    place = f"{one.place}: " if one.place else ""
    resource = f"{one.resource}: " if one.resource else ""
    exempted = "exempted: " if one.answer is Answer.EXEMPTED else ""
    return f"{place}{exempted}{resource}{words.text_of(one)}"


def _case(case: _Case, classname: str) -> Element:
    made = element("testcase", name=words.shorten(case.name, 250), classname=classname)
    lines = {"error": case.errors, "failure": case.failures, "skipped": case.skipped}.get(case.end, [])
    if case.end:
        made.append(_filled_element(case.end, lines, message=True))
    # The lines of what ended it less hard are still worth reading.
    others = [
        *(case.failures if case.end == "error" else []),
        *(case.skipped if case.end in ("error", "failure") else []),
    ]
    if others or case.told:
        made.append(_filled_element("system-out", [*others, *case.told], message=False))
    return made


def _filled_element(tag: str, lines: list[str], *, message: bool) -> Element:
    shown = [words.visible(line) for line in lines[:_LISTED]]
    if len(lines) > _LISTED:
        shown.append(f"and {len(lines) - _LISTED:,} more")
    first = (
        words.shorten(lines[0], 300)
        if len(lines) == 1
        else f"{words.shorten(lines[0], 280)} (and {len(lines) - 1:,} more)"
    )
    made = element(tag, message=first if message else None, type="policy" if tag == "failure" else None)
    made.text = "\n".join(shown)
    return made
