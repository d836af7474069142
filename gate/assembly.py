"""One review out of what was read of a run."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from components.ecs.changes import Effect as Told
from components.restrictions import catalogue
from gate.drawing import drawn
from gate.findings import Said, undetermined
from gate.places import Places, type_of
from gate.reading import PACK, Reading, Step
from gate.review import Answer, Change, Coverage, Effect, Finding, Kind, Property, Review, RuleAnswer, Verdict
from gate.values import Scrub, differences
from policy.forms import FORMS
from policy.judge import CLOUD, UNDETERMINED
from policy.pack import policies
from policy.rule import Rule

_SAYS = re.compile(r"^[\w.\[\]-]+( with [\w=.]+)?: ")
DOING = ("apply", "destroy")
"""The kinds of a review that say what was done."""

DONE = {
    Effect.CREATE: "created",
    Effect.CHANGE: "changed",
    Effect.REBOOT: "rebooted",
    Effect.REBUILD: "rebuilt",
    Effect.REPLACE: "replaced",
    Effect.DELETE: "deleted",
}

_WHOLE = ("cloud", "exempted", "exemptions", "undetermined")


@dataclass(frozen=True, slots=True)
class Run:
    """What is known of a run beside its events."""

    kind: Kind
    project: str
    stack: str
    places: Places
    code: int
    """The engine's exit code."""

    errors: str = ""
    """What it wrote to standard error."""

    plan: Mapping[str, Any] = field(default_factory=dict)
    scrub: Scrub = field(default_factory=Scrub)
    strict: bool = False
    expect_no_changes: bool = False
    versions: Mapping[str, str] = field(default_factory=dict)
    levels: Mapping[str, str] = field(default_factory=dict)
    """The level of each policy of the pack in this stack, where it is not the pack's own."""


def review(reading: Reading, run: Run) -> Review:
    """The review of a run. Raises nothing: what went wrong in the run is in it."""
    said = Said(reading, run.places, run.scrub)
    findings = said.findings()
    coverage = _coverage(reading, run.kind)
    says = _says(reading, run.scrub)
    changes = tuple(_changes(reading, says, run))
    findings = _explained(findings, reading, run, coverage)
    made = Review(
        kind=run.kind, project=run.project, stack=run.stack, verdict=Verdict.PASSED, exit_code=0, said="",
        made=datetime.now(UTC).isoformat(timespec="seconds"), changes=changes, findings=tuple(findings),
        rules=tuple(_rules(reading, findings, run)), coverage=coverage, drawing=drawn(reading, says, run.plan),
        versions=dict(run.versions), strict=run.strict,
    )  # fmt: skip
    verdict, sentence = _verdict(made, run)
    return made.model_copy(update={"verdict": verdict, "exit_code": verdict.code, "said": sentence})


def _explained(findings: list[Finding], reading: Reading, run: Run, coverage: Coverage) -> list[Finding]:
    """The findings, with what would leave a failure without a word."""
    more = []
    if run.kind not in ("drift", *DOING) and coverage.missing:
        names = ", ".join(one.rpartition("::")[2] for one in coverage.missing[:3])
        text = (
            f"the policy pack has not judged {len(coverage.missing)} of {coverage.resources} resources ({names}), so nothing is known "
            "of them. Run `ecs doctor`, and look for what stopped the pack."
        )
        more.append(Finding(rule="", answer=Answer.FAILED, blocks=True, text=text))
    elif reading.result == "succeeded" and not _proven(reading, run, coverage):
        text = (
            "the policy pack has not run to its end, so nothing is known of the stack as a whole. Run `ecs doctor`."
            if coverage.resources
            else "the program ended before it had stated anything, even its stack, so nothing was judged. Look for what ends it early."
        )
        more.append(Finding(rule="", answer=Answer.FAILED, blocks=True, text=text))
    more += _silenced(run)
    broken = reading.result != "succeeded" and not (run.code == _EXPECTED and reading.result)
    if broken and not any(one.blocks for one in findings):
        last = [line.removeprefix("error: ") for line in run.errors.strip().splitlines() if line.strip()]
        text = run.scrub(" ".join(last[-3:])) or f"the engine ended with exit code {run.code} and said nothing."
        more.append(Finding(rule="", answer=Answer.FAILED, blocks=True, text=text))
    return [*more, *findings]


def _silenced(run: Run) -> Iterable[Finding]:
    """What the levels of the stack keep the pack from saying: whether a rule decided is then not known."""
    for policy in (UNDETERMINED, CLOUD) if run.kind in ("gate", "audit") else ():
        if _of(run.levels, policy) == "disabled":
            text = f"the policy `{policy}` is disabled for this stack, so what no rule could decide is not said. Leave it advisory."
            yield Finding(rule=policy, answer=Answer.UNDETERMINED, blocks=False, text=text)


def _proven(reading: Reading, run: Run, coverage: Coverage) -> bool:
    """Whether the pack ran to its end where it had to; an empty state has nothing for it."""
    if run.kind in ("drift", *DOING) or (run.kind == "audit" and not coverage.resources):
        return True
    return bool(reading.pack and coverage.resources) and coverage.whole_stack


_EXPECTED = 7
"""The engine's exit code where changes were found that were not expected."""


def _verdict(made: Review, run: Run) -> tuple[Verdict, str]:
    blocking = [one for one in made.findings if one.blocks]
    rules = sorted({one.rule for one in blocking if one.rule})
    if [one for one in blocking if not one.rule and not one.place] or (blocking and not rules):
        errors = _count(len(blocking), "error")
        if run.kind in DOING:
            return (
                Verdict.FAILED,
                f"Failed: {errors}. What was done is in the state, and the next run goes on from there.",
            )
        return Verdict.FAILED, f"This could not be judged to the end: {errors}."
    if blocking:
        return Verdict.REFUSED, f"Refused: {_count(len(blocking), 'finding')} of {', '.join(rules)}."
    open_ = made.said_by(Answer.UNDETERMINED)
    if run.strict and open_:
        return Verdict.UNDETERMINED, f"Undetermined: {_count(len(open_), 'answer')} cannot be given before `up`."
    changed = _count(len(made.changed()), "resource")
    if made.changed() and (run.expect_no_changes or run.kind == "drift"):
        drift = f"Drift: {changed} changed behind the state's back."
        return Verdict.CHANGED, drift if run.kind == "drift" else f"Changed: {changed} would change, and none was to."
    return Verdict.PASSED, _passed(made)


def _passed(made: Review) -> str:
    if made.kind in DOING:
        done = ", ".join(f"{count} {DONE[effect]}" for effect, count in made.counts().items() if effect in DONE)
        return f"Done: {done or 'nothing was to do'}."
    if made.kind == "drift":
        return "No drift: the cloud is as the state says."
    open_ = len(made.said_by(Answer.UNDETERMINED))
    rest = f"; {_count(open_, 'answer')} cannot be given before `up`" if open_ else ""
    if made.kind == "audit":
        return f"Passed: {_count(made.coverage.judged, 'resource')} of the state judged{rest}."
    counts = ", ".join(f"{count} to {effect.value}" for effect, count in made.counts().items()) or "no changes"
    return f"Passed: {counts}; {_count(made.coverage.judged, 'resource')} judged{rest}."


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _says(reading: Reading, scrub: Scrub) -> dict[str, tuple[str, ...]]:
    """What a provider said of a change, by resource."""
    found: dict[str, dict[str, None]] = {}
    for told in reading.told:
        text = " ".join(told.text.split())
        if told.severity == "info" and told.urn and _SAYS.match(text):
            found.setdefault(told.urn, {})[scrub(text)] = None
    return {urn: tuple(lines) for urn, lines in found.items()}


def _changes(reading: Reading, says: Mapping[str, tuple[str, ...]], run: Run) -> Iterable[Change]:
    drift = run.kind == "drift"
    for step in (reading.drifted if drift else reading.steps).values():
        if not step.custom or step.type.startswith("pulumi:"):
            continue
        lines = says.get(step.urn, ())
        step.effect = step.effect if drift else _effect(step, lines)
        yield Change(
            urn=step.urn, type=step.type, name=step.name, effect=step.effect,
            says=() if drift or step.effect is Effect.SAME else lines,
            properties=tuple(_properties(step)),
            place=None if step.effect is Effect.SAME else run.places.of(step.urn, reading.parents),
        )  # fmt: skip


def _properties(step: Step) -> Iterable[Property]:
    """What a change changes; of what is made or deleted all that it has, without what says nothing."""
    if step.effect in (Effect.SAME, Effect.READ):
        return ()
    found = differences(step.before, step.after)
    if step.effect not in (Effect.CREATE, Effect.DELETE):
        return found
    return (one for one in found if (one.after or one.before) not in _NOTHING)


_NOTHING = (None, "", "false", "[]", "{}")


def _effect(step: Step, lines: Iterable[str]) -> Effect:
    if step.effect is not Effect.CHANGE:
        return step.effect
    if any(f": {Told.REBUILD.value}" in line for line in lines):
        return Effect.REBUILD
    return Effect.REBOOT if any(f": {Told.REBOOT.value}" in line for line in lines) else Effect.CHANGE


def _coverage(reading: Reading, kind: Kind) -> Coverage:
    if kind in ("drift", "destroy"):
        return Coverage()
    missing = tuple(urn for urn in reading.registered if urn not in reading.judged)
    return Coverage(
        pack=reading.pack,
        resources=len(reading.registered),
        judged=len(reading.registered) - len(missing),
        missing=missing,
        whole_stack=reading.whole is not None,
    )


def _rules(reading: Reading, findings: Iterable[Finding], run: Run) -> Iterable[RuleAnswer]:
    if run.kind in ("drift", "destroy"):
        return
    failed = Counter(one.rule for one in findings if one.answer is Answer.FAILED)
    failed_on: dict[str, set[str]] = {}
    for said in reading.violations:
        failed_on.setdefault(said.policy, set()).add(said.urn)
    open_: dict[str, set[str]] = {}
    for rule, urn in undetermined(reading):
        open_.setdefault(rule, set()).add(urn)
    exempted = Counter(one.text.split(" ", 1)[0] for one in findings if one.answer is Answer.EXEMPTED)
    servers = _judged_servers(reading)
    for policy in policies():
        name = policy.name
        if name in _WHOLE:
            continue
        row = catalogue()[name]
        level = "disabled" if reading.disabled[name] else _of(run.levels, name) or policy.enforcement_level.value  # type: ignore[union-attr]
        by_request = any(isinstance(rule, Rule) for rule in getattr(policy, "rules", ()))
        asked = len(servers) if by_request else int(reading.whole is not None)
        bad, unknown = failed[name], len(open_.get(name, ()))
        yield RuleAnswer(
            rule=name, summary=row.summary, where=row.where, level=_level(level), failed=bad, undetermined=unknown,
            exempted=exempted[name],
            passed=0 if level == "disabled" else max(0, asked - len(failed_on.get(name, set()) | open_.get(name, set()))),
        )  # fmt: skip


def _of(levels: Mapping[str, str], policy: str) -> str | None:
    """The level that a configuration gives a policy, by its name or for all."""
    return levels.get(policy) or levels.get("all")


def _level(text: str) -> Any:
    return text if text in ("mandatory", "advisory", "disabled") else "mandatory"


def _judged_servers(reading: Reading) -> set[str]:
    """The servers that were judged, each once: what a component makes is not counted beside it."""
    return {
        urn for urn in reading.judged if type_of(urn) in FORMS and type_of(reading.parents.get(urn, "")) not in FORMS
    }


__all__ = ["PACK", "Run", "review"]
