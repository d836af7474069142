"""A rule, what it finds, and its three answers: pass, fail, undetermined."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from components.restrictions import Restriction, catalogue, message
from policy.unknown import NotYetKnownError
from policy.view import Request, View


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong, and where its author wrote it. `fix` replaces the rule's own where this case needs another."""

    path: str
    wrong: str
    fix: str | None = None


@dataclass(frozen=True, slots=True)
class Undetermined:
    """The rule cannot decide before `path` is known."""

    path: str


Outcome = Finding | Undetermined
Check = Callable[[Request], Iterable[Outcome]]


class Verdict(enum.Enum):
    """The three answers of a rule. A failure that is certain is not taken back by another value that is unknown."""

    PASS = "pass"  # noqa: S105 - an answer, not a password
    FAIL = "fail"
    UNDETERMINED = "undetermined"


@dataclass(frozen=True, slots=True)
class Answer:
    """What one rule says of one request.

    `crash` is where a defective rule stopped (`TypeError in nic.py, line 12`), without the error's text, which could
    quote the request; a rule that crashed is undetermined unless it had already found something.
    """

    findings: tuple[Finding, ...] = ()
    unknown: tuple[str, ...] = ()
    crash: str | None = None

    @property
    def verdict(self) -> Verdict:
        """The answer in one word."""
        if self.findings:
            return Verdict.FAIL
        return Verdict.UNDETERMINED if self.unknown or self.crash else Verdict.PASS


PASSED = Answer()


@dataclass(frozen=True, slots=True)
class Rule:
    """One restriction as code.

    `id` is the restriction's, `check` yields what is wrong with a request (and may simply read: a value that is not known yet
    makes the rule undetermined), `fix` is the sentence that says what to do.
    """

    id: str
    check: Check
    fix: str

    @property
    def restriction(self) -> Restriction:
        """The row of the catalogue that this rule enforces. Raises `KeyError` for an id that the catalogue does not have."""
        return catalogue()[self.id]

    def answer(self, request: Request) -> Answer:
        """Judge a request. Never raises: a rule that crashes answers with where it crashed."""
        findings: list[Finding] = []
        unknown: list[str] = []
        crash = None
        try:
            for outcome in settled(self.check(request)):
                if isinstance(outcome, Finding):
                    findings.append(outcome)
                elif outcome.path not in unknown:
                    unknown.append(outcome.path)
        except Exception as error:  # noqa: BLE001 - one defective rule must not hide the findings of the others
            crash = where(error)
        if not (findings or unknown or crash):
            return PASSED
        return Answer(tuple(findings), tuple(unknown), crash)

    def message(self, finding: Finding) -> str:
        """Render a finding in the one form of every message: path, what is wrong, the fix, the id and the place."""
        return message(finding.path or "the resource", finding.wrong, finding.fix or self.fix, self.id)

    def undetermined_message(self, answer: Answer, resource: str) -> str:
        """Render why the rule could not decide: what is not known yet, or where the rule itself is at fault."""
        citation = self.restriction.citation
        parts = []
        if answer.unknown:
            listed = ", ".join(answer.unknown)
            verb = "is" if len(answer.unknown) == 1 else "are"
            parts.append(f"{listed}: undetermined until apply: {listed} {verb} not known yet {citation}")
        if answer.crash:
            parts.append(
                f"{resource}: undetermined: the rule {self.id} itself failed ({answer.crash}), so it decided nothing. "
                f"Report this as a defect of the policy pack. {citation}"
            )
        return "\n".join(parts)


def for_each(key: str) -> Callable[[Callable[[View, Request], Iterable[Outcome]]], Check]:
    """Make a check of one entry of the server's list `key` a check of all: what is unknown in one hides no other."""

    def widened(check_one: Callable[[View, Request], Iterable[Outcome]]) -> Check:
        def check(request: Request) -> Iterator[Outcome]:
            for item in request.server.each(key):
                yield from settled(check_one(item, request))

        return check

    return widened


def settled(outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
    """Yield the outcomes, and an `Undetermined` in the place where reading an unknown value ended them."""
    try:
        yield from outcomes
    except NotYetKnownError as unknown:
        yield Undetermined(unknown.path)


def where(error: BaseException) -> str:
    """Say where an error came from without its text: the text may quote a secret of the request."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return type(error).__name__
    file = trace.tb_frame.f_code.co_filename.rpartition("/")[2]
    return f"{type(error).__name__} in {file}, line {trace.tb_lineno}"
