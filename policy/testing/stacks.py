"""A harness for rules that stack or cloud decide: a stack of things, a cloud that is a dict, and what the rule must say of them.

    web = stated(instance(networks=[{"uuid": ref("lan")}]))
    lan = thing(kinds.NETWORK, "lan", {"segments": [{"networkType": "geneve"}]})

    CASES = [
        stack_fails("a network of this stack", web, lan, at=["networks[0]"]),
        stack_silent("nobody answers", web, lan, cloud=cloud(silent="it is asleep")),
    ]

`judge_stack(RULE, case)` sends each resource and then the stack, as the engine does: a `ref` to what does not exist yet is an unknown value
of which only the whole stack says where it comes from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pulumi.runtime.proto import analyzer_pb2

from policy.exemptions import Exemptions
from policy.facts.asking import SilentError
from policy.facts.facts import Phase
from policy.facts.kinds import Kind
from policy.facts.previous import Kept, Previous
from policy.judge import CLOUD, UNDETERMINED
from policy.pack import policies
from policy.rule import StackRule, WholeRule
from policy.serving import Servicer
from policy.testing.clouds import FakeCloud, cloud
from policy.testing.requests import Resource
from policy.testing.servicer import Report, reported, request, unknown, urn
from policy.unknown import UNKNOWN

_DEFAULT_PROVIDER = "default_5_5_0"


@dataclass(frozen=True)
class Ref:
    """An output of another resource of the stack, by its name: its id where it exists, else a value that is not known yet."""

    name: str


def ref(name: str) -> Ref:
    """Refer to the resource of this name."""
    return Ref(name)


@dataclass(frozen=True)
class Stated:
    """One resource of a stack. `id` is None while it does not exist; `shown` is what the engine knows of its outputs beside."""

    type: str
    name: str
    inputs: Mapping[str, object]
    id: str | None = None
    provider: str = _DEFAULT_PROVIDER
    parent: str | None = None
    after: tuple[str, ...] = ()
    shown: Mapping[str, object] = field(default_factory=dict)


def thing(
    type: str | Kind,  # noqa: A002 - the engine's word
    name: str,
    inputs: Mapping[str, object],
    *,
    id: str | None = None,  # noqa: A002 - the engine's word
    provider: str = _DEFAULT_PROVIDER,
    parent: str | None = None,
    after: Sequence[str] = (),
    shown: Mapping[str, object] | None = None,
) -> Stated:
    """Build a resource, of a type or of the first that makes a kind.

    `parent` and `after` (what it depends on beside its inputs) are names; `provider` is one of its own.
    """
    token = type.types[0] if isinstance(type, Kind) else type
    return Stated(token, name, inputs, id, provider, parent, tuple(after), shown or {})


def stated(resource: Resource, **more: Any) -> Stated:
    """Build a resource of a stack from `body(...)`, `instance(...)` or `native(...)`; `more` as `thing` takes it, and `name`."""
    return thing(resource.type, more.pop("name", resource.name), resource.inputs, **more)


def kept(
    type: str | Kind,  # noqa: A002 - the engine's word
    name: str,
    id: str,  # noqa: A002 - the engine's word
    *,
    retained: bool = False,
    outputs: Mapping[str, Any] | None = None,
    parent: Stated | None = None,
) -> Kept:
    """Build a resource of the state before this run, of a type or of the first that makes a kind."""
    token = type.types[0] if isinstance(type, Kind) else type
    above = None if parent is None else urn(Resource(parent.type, {}, parent.name))
    return Kept(urn(Resource(token, {}, name, above)), token, id, retained, outputs or {})


@dataclass(frozen=True)
class StackCase:
    """A stack, its cloud and its state before, with the paths that must fail and those that must be undetermined: these and no others.

    `silent` is the reason why the rule does not decide, where the cloud or the state is silent. `before` is such a reason where the
    state cannot be read.
    """

    title: str
    things: tuple[Stated, ...]
    cloud: FakeCloud = field(default_factory=cloud)
    during: Phase = Phase.PREVIEW
    before: Sequence[Kept] | str = ()
    failing: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    silent: str | None = None

    def __str__(self) -> str:
        return self.title

    @property
    def undecided(self) -> bool:
        """Whether the rule must leave something open."""
        return bool(self.unknown or self.silent)


def stack_passes(title: str, *things: Stated, **more: Any) -> StackCase:
    """Build a case of which the rule says nothing; `more` are fields of `StackCase`."""
    return StackCase(title, things, **more)


def stack_fails(title: str, *things: Stated, at: Sequence[str], **more: Any) -> StackCase:
    """Build a case that fails at exactly these paths. Raises `ValueError` without a path."""
    if not at:
        raise ValueError("a failing case names at least one path")
    return StackCase(title, things, failing=tuple(at), **more)


def stack_undetermined(title: str, *things: Stated, at: Sequence[str], **more: Any) -> StackCase:
    """Build a case that waits for exactly these paths. Raises `ValueError` without a path."""
    if not at:
        raise ValueError("an undetermined case names at least one path")
    return StackCase(title, things, unknown=tuple(at), **more)


def stack_silent(title: str, *things: Stated, because: str = "the cloud is asleep", **more: Any) -> StackCase:
    """Build a case that is not decided because nothing is heard of the cloud, or for another reason that `more` brings about."""
    return StackCase(title, things, silent=because, **{"cloud": cloud(silent=because), **more})


def judge_stack(rule: StackRule | WholeRule, case: StackCase) -> None:
    """Send the case through the real servicer, with this rule alone.

    Raises `AssertionError` for a finding that is missing, one that comes on top, one with the wrong level, and one without the
    rule's citation.
    """
    reports = said(rule, case)
    want = [("fail", path) for path in case.failing] + [("undetermined", path) for path in case.unknown]
    want += [("silent", case.silent)] if case.silent else []
    got = [answer for report in reports for answer in _answers(report, case)]
    text = "\n  ".join(report.text for report in reports) or "nothing"
    if sorted(want) != sorted(got):
        missing = [one for one in want if one not in got]
        extra = [one for one in got if one not in want]
        raise AssertionError(f"{rule.id}, {case.title}: missing {missing}, extra {extra}. It said:\n  {text}")
    must = "mandatory" if rule.restriction.level == "must" else "advisory"
    for report in reports:
        level = "advisory" if report.policy in (UNDETERMINED, CLOUD) else must
        cited = rule.id in report.text if report.policy == CLOUD else report.text.endswith(rule.restriction.citation)
        if report.level != level or not cited:
            raise AssertionError(f"{rule.id}, {case.title}: {report.level}, not {level}, or not cited: {report.text}")


def said(rule: StackRule | WholeRule, case: StackCase) -> list[Report]:
    """Return all that the pack says of a case."""
    servicer: Any = Servicer(
        policies([rule]),
        reader=case.cloud.again(),
        previous=Previous(lambda: _before(case)),
        exemptions=Exemptions(),
        during=case.during,
    )
    sent = _Sent(case.things)
    found = [report for one in case.things for report in reported(servicer.Analyze(sent.resource(one), None))]
    return found + reported(servicer.AnalyzeStack(sent.stack(), None))


def _answers(report: Report, case: StackCase) -> Iterator[tuple[str, str]]:
    if report.policy == CLOUD:
        yield "silent", case.silent if case.silent and f": {case.silent}, so" in report.text else report.text
        return
    verdict = "undetermined" if report.policy == UNDETERMINED else "fail"
    yield from ((verdict, path) for path in report.paths)


def _before(case: StackCase) -> list[Kept]:
    if isinstance(case.before, str):
        raise SilentError(case.before)
    return list(case.before)


class _Sent:
    """A stack as the engine sends it."""

    def __init__(self, things: Sequence[Stated]) -> None:
        self._named = {one.name if one.parent is None else f"{one.parent}/{one.name}": one for one in things}
        self._things = things

    def resource(self, one: Stated) -> Any:
        message = request(self._plain(one))
        if one.provider and not one.type.startswith("ecs:index:"):
            package = one.type.partition(":")[0]
            stated: dict[str, object] = {} if package == "ecs" else {"cloud": one.provider}
            settings = Resource(f"pulumi:providers:{package}", stated, one.provider)
            message.provider.type, message.provider.name = settings.type, settings.name
            message.provider.urn = urn(settings)
            message.provider.properties.update(settings.inputs)
        return message

    def stack(self) -> Any:
        return analyzer_pb2.AnalyzeStackRequest(resources=[self._known(one) for one in self._things])

    def _known(self, one: Stated) -> Any:
        message = self.resource(one)
        message.properties.update({**one.shown, "id": unknown() if one.id is None else one.id})
        sources = {key: [self._urn(self._of(name)) for name in _names(value)] for key, value in one.inputs.items()}
        ahead = [urn for urns in sources.values() for urn in urns]
        return analyzer_pb2.AnalyzerResource(
            type=message.type,
            urn=message.urn,
            name=message.name,
            properties=message.properties,
            options=message.options,
            provider=message.provider if message.HasField("provider") else None,
            parent=message.options.parent,
            dependencies=[*ahead, *(self._urn(self._of(name)) for name in one.after)],
            propertyDependencies={
                key: analyzer_pb2.AnalyzerPropertyDependencies(urns=urns) for key, urns in sources.items() if urns
            },
        )

    def _of(self, name: str) -> Stated:
        return self._named[name]

    def _urn(self, one: Stated) -> str:
        return urn(self._plain(one))

    def _plain(self, one: Stated) -> Resource:
        inputs = {key: self._value(value) for key, value in one.inputs.items()}
        parent = self._urn(self._of(one.parent)) if one.parent else None
        return Resource(one.type, inputs, one.name, parent)

    def _value(self, value: object) -> object:
        if isinstance(value, Ref):
            ident = self._of(value.name).id
            return UNKNOWN if ident is None else ident
        if isinstance(value, Mapping):
            return {key: self._value(inner) for key, inner in value.items()}
        return [self._value(inner) for inner in value] if isinstance(value, list) else value


def _names(value: object) -> Iterator[str]:
    if isinstance(value, Ref):
        yield value.name
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _names(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _names(inner)
