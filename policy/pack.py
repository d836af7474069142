"""Rules become policies of the Pulumi policy pack.

One policy a rule, named by the restriction's id, so that the engine's output names the restriction and a pack's configuration can
set its level. The policies share one view of a resource (`Session`), and one more policy, `undetermined`, reports what could not be
decided: a policy has one enforcement level, and an undetermined answer is advisory where a failure is mandatory.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyComplianceFramework,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
)

from policy.forms import BATCH, FORMS, SERVER
from policy.reading import plain
from policy.rule import Answer, Rule, Verdict, where
from policy.rules import RULES
from policy.view import Request

NAME = "ecs-stacks"
UNDETERMINED = "undetermined"

_COMPONENTS = frozenset({SERVER, BATCH})
_NOTHING: Mapping[str, Verdict] = MappingProxyType({})


@dataclass(slots=True)
class Hearing:
    """One resource before the rules: its request (None where it could not be read), and what the rules answered so far."""

    urn: str
    name: str
    request: Request | None
    crash: str | None
    parent: Mapping[str, Verdict] | None
    """What the rules said of the component that made this resource; None where no component of ours did."""
    place: int = -1
    unsettled: list[tuple[Rule, Answer]] = field(default_factory=list)


class Session:
    """What the policies of one process share: the hearing in hand, one a thread, and what was said of each component."""

    def __init__(self) -> None:
        self._thread = threading.local()
        self._said: dict[str, Mapping[str, Verdict]] = {}

    def hearing(self, args: ResourceValidationArgs, place: int) -> Hearing:
        """Return the hearing of this resource, a new one where the policies start again from the first.

        The engine runs the policies of one resource one after another in one thread, so a hearing is over as soon as a
        policy is asked that stands no later (`place`) than the one before it, or another resource comes.
        """
        hearing: Hearing | None = getattr(self._thread, "hearing", None)
        if hearing is None or hearing.urn != args.urn or place <= hearing.place:
            hearing = self._opened(args)
            self._thread.hearing = hearing
        hearing.place = place
        return hearing

    def close(self) -> None:
        """Forget the hearing in hand: its request need not outlive its judgement."""
        self._thread.hearing = None

    def say(self, hearing: Hearing, rule: Rule, verdict: Verdict) -> None:
        """Remember what a rule said of a component, for the sake of what the component makes."""
        if verdict is not Verdict.PASS and hearing.urn in self._said:
            self._said[hearing.urn] = {**self._said[hearing.urn], rule.id: verdict}

    def _opened(self, args: ResourceValidationArgs) -> Hearing:
        types = args.urn.split("::")[2].split("$") if args.urn.count("::") > 1 else [args.resource_type]
        translated = len(types) > 1 and types[-2] in _COMPONENTS
        parent = self._said.get(args.opts.parent or "") if translated else None
        self._said.pop(args.urn, None)
        try:
            request = FORMS[args.resource_type](plain(args.props), translated=translated)
        except Exception as error:  # noqa: BLE001 - told as undetermined, and without its text, which may quote a secret
            return Hearing(args.urn, args.name, None, where(error), parent)
        if args.resource_type in _COMPONENTS:
            self._said[args.urn] = _NOTHING
        return Hearing(args.urn, args.name, request, None, parent)


def policies(rules: Sequence[Rule] = RULES) -> list[Policy]:
    """Build the policies of the pack, in the order of the rules, `undetermined` last."""
    session = Session()
    built: list[Policy] = [_policy(session, place, rule) for place, rule in enumerate(rules)]
    built.append(
        ResourceValidationPolicy(
            name=UNDETERMINED,
            description="What cannot be decided before apply is said, and decided at apply before the resource is touched.",
            validate=_undetermined(session, len(rules)),
            enforcement_level=EnforcementLevel.ADVISORY,
            display_name="Undetermined",
            severity=Severity.LOW,
        )
    )
    return built


def _policy(session: Session, place: int, rule: Rule) -> Policy:
    restriction = rule.restriction
    must = restriction.level == "must"
    return ResourceValidationPolicy(
        name=rule.id,
        description=restriction.summary,
        validate=_validation(session, place, rule),
        enforcement_level=EnforcementLevel.MANDATORY if must else EnforcementLevel.ADVISORY,
        display_name=f"{rule.id}: {restriction.where}",
        severity=Severity.HIGH if must else Severity.LOW,
        framework=PolicyComplianceFramework(
            name="Creating an ECS",
            reference=restriction.quote or "native OpenStack API",
            specification=restriction.where,
        ),
        remediation_steps=f"{rule.fix}.",
    )


Validation = Callable[[ResourceValidationArgs, ReportViolation], None]


def _validation(session: Session, place: int, rule: Rule) -> Validation:
    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        if args.resource_type not in FORMS:
            return
        hearing = session.hearing(args, place)
        if hearing.request is None:
            return
        answer = rule.answer(hearing.request)
        verdict = answer.verdict
        session.say(hearing, rule, verdict)
        if verdict is Verdict.PASS:
            return
        if hearing.parent is None or hearing.parent.get(rule.id) is not Verdict.FAIL:
            for finding in answer.findings:
                report(rule.message(finding), None)
        if answer.crash or (answer.unknown and hearing.parent is None):
            hearing.unsettled.append((rule, answer))

    return validate


def _undetermined(session: Session, place: int) -> Validation:
    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        if args.resource_type not in FORMS:
            return
        hearing = session.hearing(args, place)
        if hearing.crash:
            report(
                f"{hearing.name}: undetermined: the request could not be read ({hearing.crash}), so no rule decided. "
                "Report this as a defect of the policy pack.",
                None,
            )
        for rule, answer in hearing.unsettled:
            report(rule.undetermined_message(answer, hearing.name), None)
        session.close()

    return validate
