"""What the engine said in one run, read from its events as they come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from gate.review import Effect

Json = Mapping[str, Any]

PACK = "ecs-stacks"
"""The name of the project's own policy pack."""

EFFECTS = {
    "same": Effect.SAME,
    "read": Effect.READ,
    # What is imported is taken over as it is, and nobody is to overlook it.
    "import": Effect.CHANGE,
    "create": Effect.CREATE,
    "update": Effect.CHANGE,
    "delete": Effect.DELETE,
    "discard": Effect.DELETE,
    "remove-pending-replace": Effect.DELETE,
}
"""What the engine's operations do to a resource; every other one is part of a replacement."""

_BEFORE = ("refresh",)
"""Operations of a look at the cloud that comes before the program runs: they register nothing."""
_NOT_REGISTERED = frozenset({"delete", "delete-replaced", "discard", "discard-replaced", "remove-pending-replace", "read",
                             "read-replacement", "refresh"})  # fmt: skip
_ORDER = list(Effect)


@dataclass(slots=True)
class Step:
    """One resource, and the hardest of what the engine would do to it."""

    urn: str
    type: str
    effect: Effect
    before: Json
    """Its inputs as they are; empty where there are none."""

    after: Json
    """Its inputs as they are to be."""

    known: Json
    """Its outputs as they are known: those after a read, else those of the state."""

    parent: str
    custom: bool
    id: str = ""

    @property
    def name(self) -> str:
        """Its name in the program."""
        return self.urn.rpartition("::")[2]


@dataclass(frozen=True, slots=True)
class Violation:
    """What a policy said."""

    policy: str
    pack: str
    mandatory: bool
    text: str
    urn: str


@dataclass(frozen=True, slots=True)
class Told:
    """What the engine, the program or a provider said."""

    severity: str
    text: str
    urn: str


@dataclass
class Reading:
    """The events of one run, as they come: `event` takes each."""

    steps: dict[str, Step] = field(default_factory=dict)
    drifted: dict[str, Step] = field(default_factory=dict)
    """What a look at the cloud found changed."""

    parents: dict[str, str] = field(default_factory=dict)
    registered: dict[str, None] = field(default_factory=dict)
    judged: dict[str, Json] = field(default_factory=dict)
    """The summary of the pack's answers on each resource."""

    whole: Json | None = None
    """The summary of its answers about the whole stack."""

    disabled: Counter[str] = field(default_factory=Counter)
    pack: str = ""
    violations: list[Violation] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    failed_steps: list[str] = field(default_factory=list)
    result: str = ""
    """`succeeded` or `failed`; empty where the run ended before it could say."""

    def event(self, event: Json) -> None:
        """Take one event; one of an unknown kind is left alone."""
        for kind, of in event.items():
            reader = self._readers.get(kind)
            if reader is not None and isinstance(of, Mapping):
                reader(of)

    @cached_property
    def _readers(self) -> dict[str, Callable[[Json], None]]:
        return {
            "resourcePreEvent": self._before_step,
            "resOutputsEvent": self._after_step,
            "resOpFailedEvent": self._failed,
            "policyAnalyzeSummaryEvent": self._judged,
            "policyAnalyzeStackSummaryEvent": self._judged_whole,
            "policyEvent": self._violation,
            "diagnosticEvent": self._diagnostic,
            "summaryEvent": self._summary,
        }

    def _before_step(self, of: Json) -> None:
        about = of["metadata"]
        if about["op"] not in _NOT_REGISTERED:
            self.registered[about["urn"]] = None
        if about["op"] not in _BEFORE:
            self._step(self.steps, about)

    def _after_step(self, of: Json) -> None:
        about = of["metadata"]
        known = self.steps.get(about["urn"])
        if known is None:
            # A look at the cloud says what it found only here.
            self._step(self.drifted, about)
        elif about["op"] not in ("delete", "delete-replaced"):
            known.known = (about.get("new") or {}).get("outputs") or known.known

    def _step(self, into: dict[str, Step], about: Json) -> None:
        old, new = about.get("old") or {}, about.get("new") or {}
        latest = new or old
        effect = EFFECTS.get(about["op"], Effect.REPLACE)
        self.parents[about["urn"]] = latest.get("parent", "")
        there = into.get(about["urn"])
        if there is None:
            into[about["urn"]] = Step(
                about["urn"], about["type"], effect, old.get("inputs") or {}, new.get("inputs") or {},
                latest.get("outputs") or old.get("outputs") or {}, latest.get("parent", ""),
                bool(latest.get("custom")), latest.get("id") or old.get("id") or "",
            )  # fmt: skip
            return
        # A replacement is several operations on one resource, and each tells a part.
        there.effect = max(there.effect, effect, key=_ORDER.index)
        if {there.effect, effect} == {Effect.CREATE, Effect.DELETE}:
            there.effect = Effect.REPLACE
        there.before = there.before or old.get("inputs") or {}
        there.after = there.after or new.get("inputs") or {}

    def _judged(self, of: Json) -> None:
        if of.get("policyPackName") == PACK:
            self.judged[of["resourceUrn"]] = of
            self.pack = f"{PACK} {of.get('policyPackVersion', '')}".strip()
            self.disabled.update(of.get("disabled") or ())

    def _judged_whole(self, of: Json) -> None:
        if of.get("policyPackName") == PACK:
            self.whole = of
            self.disabled.update(of.get("disabled") or ())

    def _violation(self, of: Json) -> None:
        mandatory = of.get("enforcementLevel") == "mandatory"
        self.violations.append(
            Violation(of["policyName"], of["policyPackName"], mandatory, of["message"], of.get("resourceUrn") or "")
        )

    def _diagnostic(self, of: Json) -> None:
        if of.get("severity") != "debug" and not of.get("ephemeral"):
            self.told.append(Told(str(of.get("severity", "")), str(of.get("message", "")), of.get("urn") or ""))

    def _failed(self, of: Json) -> None:
        self.failed_steps.append(of["metadata"]["urn"])

    def _summary(self, of: Json) -> None:
        self.result = of.get("result") or "succeeded"
        for name, version in (of.get("PolicyPacks") or {}).items():
            if name.partition("|")[0] == PACK:
                self.pack = f"{PACK} {version}"
