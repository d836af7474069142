"""A rule, what it finds, and its three answers: pass, fail, undetermined."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from components.restrictions import Restriction, catalogue, message
from policy.facts.asking import PendingError, SilentError
from policy.facts.members import SERVERS, Member
from policy.unknown import NotYetKnownError
from policy.view import Request, View

if TYPE_CHECKING:
    from policy.facts.facts import Facts


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong, and where its author wrote it. `fix` replaces the rule's own where this case needs another."""

    path: str
    wrong: str
    fix: str | None = None
    urn: str | None = None
    """The resource that is wrong, where it is another than the one that was judged."""


@dataclass(frozen=True, slots=True)
class Undetermined:
    """The rule cannot decide before `path` is known."""

    path: str


@dataclass(frozen=True, slots=True)
class Silent:
    """The rule cannot decide because the cloud does not say; `reason` is a sentence without secrets."""

    reason: str


Outcome = Finding | Undetermined | Silent
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
    silent: tuple[str, ...] = ()
    """Why the cloud does not say what the rule would have to know."""

    @property
    def verdict(self) -> Verdict:
        """The answer in one word."""
        if self.findings:
            return Verdict.FAIL
        return Verdict.UNDETERMINED if self.unknown or self.crash or self.silent else Verdict.PASS


PASSED = Answer()


@dataclass(frozen=True, slots=True)
class Cited:
    """What every rule has: the restriction that it enforces, and the sentence that says what to do."""

    id: str

    fix: str = field(kw_only=True)

    @property
    def restriction(self) -> Restriction:
        """The row of the catalogue that this rule enforces. Raises `KeyError` for an id that the catalogue does not have."""
        return catalogue()[self.id]

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


@dataclass(frozen=True, slots=True)
class Rule(Cited):
    """One restriction as code, decided by the request alone.

    `check` yields what is wrong with a request (and may simply read: a value that is not known yet makes the rule undetermined).
    """

    check: Check = field(kw_only=True)
    known_from: tuple[str, ...] = field(default=(), kw_only=True)
    """Resource types whose output cannot break the rule: an unknown value that comes from one of this stack decides it."""

    def answer(self, request: Request) -> Answer:
        """Judge a request. Never raises: a rule that crashes answers with where it crashed."""
        return gathered(self.check, request)


@dataclass(frozen=True, slots=True)
class StackRule(Cited):
    """One restriction that the request alone does not decide: `check` is given a resource and the facts of stack and cloud.

    `on` are the resource types that it judges. `creation` says that it speaks of what is created only: an ECS that exists is not
    refused because its flavor is sold out by now. A native server may still get a new one, so there `facts.fresh` tells.
    """

    check: Callable[[Member, Facts], Iterable[Outcome]] = field(kw_only=True)
    on: frozenset[str] = field(default=SERVERS, kw_only=True)
    creation: bool = field(default=False, kw_only=True)

    def answer(self, member: Member, facts: Facts) -> Answer:
        """Judge a resource. Raises `PendingError` while the cloud has not answered, and nothing else."""
        return gathered(self._outcomes, member, facts)

    def _outcomes(self, member: Member, facts: Facts) -> Iterable[Outcome]:
        return () if self.creation and not facts.may_be_new(member) else self.check(member, facts)


@dataclass(frozen=True, slots=True)
class WholeRule(Cited):
    """One restriction that all resources of the stack decide together, such as a quota."""

    check: Callable[[Facts], Iterable[Outcome]] = field(kw_only=True)

    def answer(self, facts: Facts) -> Answer:
        """Judge the stack. Raises `PendingError` while the cloud has not answered, and nothing else."""
        return gathered(self.check, facts)


def gathered(check: Callable[..., Iterable[Outcome]], *given: object) -> Answer:
    """Make one answer of the outcomes of a check, each finding once; a check that crashes answers with where it crashed.

    Raises `PendingError` while the cloud has not answered.
    """
    findings: dict[Finding, None] = {}
    unknown: dict[str, None] = {}
    silent: dict[str, None] = {}
    crash = None
    # Called for each rule and each resource, and nearly always nothing is found: so nothing stands between this loop and the check.
    try:
        for outcome in check(*given):
            if isinstance(outcome, Finding):
                findings[outcome] = None
            elif isinstance(outcome, Undetermined):
                unknown[outcome.path] = None
            else:
                silent[outcome.reason] = None
    except PendingError:
        raise
    except NotYetKnownError as not_yet:
        unknown[not_yet.path] = None
    except SilentError as said_nothing:
        silent[said_nothing.reason] = None
    except Exception as error:  # noqa: BLE001 - one defective rule must not hide the findings of the others
        crash = where(error)
    if not (findings or unknown or silent or crash):
        return PASSED
    return Answer(tuple(findings), tuple(unknown), crash, tuple(silent))


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
    except SilentError as silent:
        yield Silent(silent.reason)


def where(error: BaseException) -> str:
    """Say where an error came from without its text: the text may quote a secret of the request."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return type(error).__name__
    file = trace.tb_frame.f_code.co_filename.rpartition("/")[2]
    return f"{type(error).__name__} in {file}, line {trace.tb_lineno}"
