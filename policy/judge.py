"""One run of the pack: every resource before the rules, and at the end the whole stack.

What the request alone decides is said for each resource. What the stack or the cloud decides is said when the whole stack is known:
only then does the engine say which resource an unknown value comes from. While the cloud is being changed every value is known, so
there it is decided for each resource, before it is touched.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from policy.exemptions import Run
from policy.facts import kinds
from policy.facts.asking import PendingError
from policy.facts.cloud import Reader
from policy.facts.facts import Facts, Phase
from policy.facts.members import COMPONENTS, Member, Stack
from policy.facts.previous import Previous
from policy.forms import FORMS
from policy.rule import PASSED, Answer, Cited, Finding, Rule, StackRule, Verdict, WholeRule, where

UNDETERMINED = "undetermined"
CLOUD = "cloud"

AnyRule = Rule | StackRule | WholeRule
Options = Mapping[str, Mapping[str, object]]
_NO_OPTIONS: Options = MappingProxyType({})
_NOTHING: Mapping[str, Verdict] = MappingProxyType({})
_NAMED = 3


_FACTS = frozenset(name for kind in vars(kinds).values() if isinstance(kind, kinds.Kind) for name in kind.types)


def watched(rules: Iterable[AnyRule]) -> frozenset[str]:
    """Return the resource types that matter to these rules: servers, what a fact can be about, and what a rule judges."""
    return _FACTS.union(FORMS, *(rule.on for rule in rules if isinstance(rule, StackRule)))


@dataclass(frozen=True, slots=True)
class Said:
    """One diagnostic: the policy that speaks, its text, and the resource that it is about; "" for the whole stack."""

    policy: str
    text: str
    urn: str = ""


@dataclass(slots=True)
class _Task:
    """A rule that waits for its answer; `member` is None for the whole stack."""

    rule: StackRule | WholeRule
    member: Member | None
    answer: Answer | None = None


class Judge:
    """The rules of one run, what they said of each component, and what they know of stack and cloud."""

    def __init__(
        self, rules: Sequence[AnyRule], reader: Reader, phase: Phase, waiver: Run, previous: Previous | None = None
    ) -> None:
        self.phase = phase
        self.options: Options = _NO_OPTIONS
        self.stack = Stack()
        self.waiver = waiver
        self.facts = Facts(self.stack, reader, phase, previous)
        self._reader = reader
        self._rules = [rule for rule in rules if isinstance(rule, Rule)]
        self._stack_rules = [rule for rule in rules if isinstance(rule, StackRule)]
        self._whole_rules = [rule for rule in rules if isinstance(rule, WholeRule)]
        self._said: dict[str, Mapping[str, Verdict]] = {}
        self._later: list[tuple[Rule, Answer, Member]] = []
        self._silence: dict[str, tuple[dict[str, None], dict[str, None]]] = {}

    def resource(self, member: Member, off: Collection[str] = ()) -> list[Said]:
        """Judge one resource; `off` are the ids of the rules that the configuration switched off."""
        self.stack.members[member.urn] = member
        said: list[Said] = []
        if member.type in FORMS:
            said = self._request(member, off)
        if (
            self.phase is Phase.UPDATE
            and member.type not in COMPONENTS
            and not (member.type in FORMS and member.request is None)
        ):
            tasks = [_Task(rule, member) for rule in self._stack_rules if member.type in rule.on and rule.id not in off]
            said += self._decided(tasks)
            said += self._silences()
        return said

    def whole(self, members: Iterable[Member], off: Collection[str] = ()) -> list[Said]:
        """Judge the stack when every resource has been seen."""
        said: list[Said] = []
        if self.phase is not Phase.UPDATE:
            self.stack.complete(members)
            tasks = [
                _Task(rule, member)
                for member in self.stack.judged()
                for rule in self._stack_rules
                if member.type in rule.on
                and rule.id not in off
                and not (member.type in FORMS and member.request is None)
            ]
            tasks += [_Task(rule, None) for rule in self._whole_rules if rule.id not in off]
            said += self._waited()
            said += self._decided(tasks)
            said += self._silences()
        return [*said, *(Said(policy, text) for policy, text in self.waiver.told())]

    def _request(self, member: Member, off: Collection[str]) -> list[Said]:
        parent = self._said.get(member.parent or "") if member.made_by_component else None
        self._said.pop(member.urn, None)
        try:
            request = FORMS[member.type](member.inputs)
        except Exception as error:  # noqa: BLE001 - told as undetermined, and without its text, which may quote a secret
            text = (
                f"{member.name}: undetermined: the request could not be read ({where(error)}), so no rule decided. "
                "Report this as a defect of the policy pack."
            )
            return [Said(UNDETERMINED, text, member.urn)]
        member.request = request = replace(request, options=self.options) if self.options else request
        verdicts: dict[str, Verdict] = {}
        said: list[Said] = []
        unsettled: list[Said] = []
        for rule in self._rules:
            if rule.id in off:
                continue
            answer = rule.answer(request)
            if answer is PASSED:
                continue
            verdicts[rule.id] = answer.verdict
            if parent is None or parent.get(rule.id) is not Verdict.FAIL:
                said += self._findings(rule, answer.findings, member.urn)
            if (
                answer.unknown
                and not answer.crash
                and rule.known_from
                and self.phase is Phase.PREVIEW
                and parent is None
            ):
                self._later.append((rule, answer, member))
            elif answer.crash or (answer.unknown and parent is None):
                unsettled.append(Said(UNDETERMINED, rule.undetermined_message(answer, member.name), member.urn))
        if member.type in COMPONENTS:
            self._said[member.urn] = verdicts or _NOTHING
        return said + unsettled

    def _findings(self, rule: Cited, findings: Iterable[Finding], urn: str) -> list[Said]:
        said = []
        for finding in findings:
            about = finding.urn or urn
            if not self.waiver.covers(rule.id, about):
                said.append(Said(rule.id, rule.message(finding), about))
        return said

    def _decided(self, tasks: list[_Task]) -> list[Said]:
        waiting = tasks
        while waiting:
            missing = []
            for task in waiting:
                try:
                    task.answer = self._answer(task)
                except PendingError:
                    missing.append(task)
            if missing:
                self._reader.wait()
            waiting = missing
        return [said for task in tasks for said in self._told(task)]

    def _answer(self, task: _Task) -> Answer:
        if isinstance(task.rule, WholeRule):
            return task.rule.answer(self.facts)
        return PASSED if task.member is None else task.rule.answer(task.member, self.facts)

    def _told(self, task: _Task) -> list[Said]:
        answer, member, rule = task.answer, task.member, task.rule
        if answer is None or answer is PASSED:
            return []
        about = "" if member is None else self.stack.above(member)
        if member is not None and about != member.urn:
            answer = _in_documents_words(answer, member)
            # While the cloud is changed the engine refuses the resource that it asks about, so that is the one to name.
            about = member.urn if self.phase is Phase.UPDATE else about
        said = self._findings(rule, answer.findings, about)
        name = "the stack" if member is None else member.name
        if answer.unknown or answer.crash:
            said.append(Said(UNDETERMINED, rule.undetermined_message(answer, name), about))
        for reason in answer.silent:
            rules, names = self._silence.setdefault(reason, ({}, {}))
            rules[rule.id] = None
            names[name] = None
        return said

    def _waited(self) -> list[Said]:
        """Say what is still unknown now that it can be seen where values come from."""
        said = []
        for rule, answer, member in self._later:
            paths = tuple(path for path in answer.unknown if not self.stack.behind(member, path, rule.known_from))
            if paths:
                text = rule.undetermined_message(replace(answer, unknown=paths), member.name)
                said.append(Said(UNDETERMINED, text, member.urn))
        self._later.clear()
        return said

    def _silences(self) -> list[Said]:
        """Say why the cloud was silent: each reason once a preview, and once a resource while the cloud is changed."""
        said = []
        for reason, (rules, names) in self._silence.items():
            listed = ", ".join(list(names)[:_NAMED]) + (
                f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
            )
            text = f"undetermined: {reason}, so nothing was decided by {', '.join(sorted(rules))} for {listed}."
            said.append(Said(CLOUD, text))
        # While the cloud is changed every resource is told of its own, since each may have to be refused.
        self._silence.clear()
        return said


def _in_documents_words(answer: Answer, member: Member) -> Answer:
    spelled = member.asked.in_document
    findings = tuple(replace(one, path=spelled(one.path)) for one in answer.findings)
    return replace(answer, findings=findings, unknown=tuple(spelled(path) for path in answer.unknown))
