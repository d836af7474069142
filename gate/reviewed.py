"""A reviewed plan: what was reviewed, by which files and versions, and whether what would be done now is the same.

It holds no secret, not even an encrypted one: a secret is compared by the settings that state it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from gate.reading import Reading, Step
from gate.review import Answer, Effect, Finding, Record, Review
from gate.values import LATER, masked

FORMAT = "ecs-stacks/plan/1"
PROGRAM = ("cloud", "components", "policy", "provider", "stacks", "takeover")
"""The folders whose code decides what is made, and what is refused."""

BESIDE = ("Pulumi.yaml", "pyproject.toml", "constraints.txt")
_SALT = re.compile(rb"^encryptionsalt:[^\n]*\n?", re.MULTILINE)
"""The engine writes a new one into settings that have none, each run: it decides nothing, since a secret under another cannot be read."""

_DONE = (Effect.SAME, Effect.READ)
_SHORT = 16


class Reviewing(Record):
    """One resource as it was reviewed."""

    effect: Effect
    after: dict[str, Any] | None = None
    """Its inputs as they are to be, without secrets; None where it is to be deleted."""


class Plan(Record):
    """What `ecs plan` saves and `ecs apply` holds to."""

    format: Literal["ecs-stacks/plan/1"] = "ecs-stacks/plan/1"
    project: str
    stack: str
    made: datetime
    valid_until: datetime
    files: dict[str, str]
    """The digest of every file of program, settings and policies, by its path from the project's root."""

    versions: dict[str, str]
    where: dict[str, str]
    """The state and the cloud that it was made of; it holds for no other."""

    strict: bool
    ids: tuple[str, ...]
    """The ids of everything that existed."""

    steps: dict[str, Reviewing]
    """What is done to each resource, by URN; what stays as it is, is not in it."""

    answers: tuple[str, ...]
    """What rules said that is not a pass: fingerprints of the findings."""

    review: Review

    def digest(self) -> str:
        """What the plan is known by: it changes with every character of it."""
        return f"sha256:{hashlib.sha256(canonical(self)).hexdigest()}"


def canonical(plan: Plan) -> bytes:
    """The plan as bytes that are the same wherever it is written."""
    return json.dumps(plan.model_dump(mode="json"), sort_keys=True, ensure_ascii=False).encode()


def fingerprint(root: Path, settings: Iterable[Path]) -> dict[str, str]:
    """The digest of each file that decides what a stack is: of the program, of the policies, and of its settings."""
    files = {file for folder in PROGRAM for file in (root / folder).rglob("*") if _decides(file, root)}
    files |= {root / name for name in BESIDE} | set(settings)
    return {
        (file.relative_to(root) if file.is_relative_to(root) else file).as_posix(): hashlib.sha256(
            _SALT.sub(b"", file.read_bytes())
        ).hexdigest()[:_SHORT]
        for file in sorted(files)
        if file.is_file()
    }


def _decides(file: Path, root: Path) -> bool:
    # Of whatever kind it is: a program may read user data out of a file, and what a server is given there stands in no plan.
    if "__pycache__" in file.parts or file.name.startswith(".") or file.suffix == ".passphrase":
        return False
    # Of settings and levels only those of the stack itself, which are named.
    return file.parent != root / "policy" / "levels" and not (
        file.parent == root / "stacks" and file.match("Pulumi.*.yaml")
    )


def plan(
    reading: Reading, review: Review, files: Mapping[str, str], where: Mapping[str, str], valid_for: timedelta
) -> Plan:
    """The plan of a run that was reviewed, of the files, the state and the cloud that it was made of."""
    now = datetime.now(UTC).replace(microsecond=0)
    return Plan(
        project=review.project,
        stack=review.stack,
        made=now,
        valid_until=now + valid_for,
        files=dict(files),
        versions=review.versions,
        where=dict(where),
        strict=review.strict,
        ids=tuple(sorted(one.id for one in reading.steps.values() if one.id and one.effect is not Effect.CREATE)),
        steps={urn: _reviewing(step) for urn, step in reading.steps.items() if _counts(step)},
        answers=tuple(sorted(_answers(review))),
        review=review,
    )


def outdated(
    made: Plan, files: Mapping[str, str], versions: Mapping[str, str], where: Mapping[str, str], now: datetime
) -> list[str]:
    """Why a plan must not be applied, as far as that can be said without the engine: a sentence each."""
    found = []
    if now >= made.valid_until:
        found.append(f"it was valid until {made.valid_until:%Y-%m-%d %H:%M UTC}")
    if now < made.made - timedelta(minutes=5):
        found.append(f"it was made in the future ({made.made:%Y-%m-%d %H:%M UTC}): one of the two clocks is wrong")
    changed = [name for name in files if name in made.files and files[name] != made.files[name]]
    found += [f"{name} was changed since" for name in changed]
    found += [f"{name} was added since" for name in files if name not in made.files]
    found += [f"{name} is gone since" for name in made.files if name not in files]
    found += [
        f"{name} is {versions.get(name, 'gone')}, and was {stated}"
        for name, stated in made.versions.items()
        if versions.get(name) != stated
    ]
    found += [
        f"it is of another {name}: of {stated or 'none that is named'}, and this is {where.get(name) or 'none that is named'}"
        for name, stated in made.where.items()
        if where.get(name) != stated
    ]
    return found


def otherwise(made: Plan, reading: Reading, review: Review) -> list[str]:
    """In what that which would be done now is not what was reviewed: a line each. What is done already is no difference."""
    found = [line for step in reading.steps.values() if _counts(step) for line in _step_differs(made, step)]
    known = set(made.answers)
    found += [
        f"{one.resource or 'the stack'}: what was not said at the review: {one.text}"
        for one in review.findings
        if one.answer is not Answer.EXEMPTED and _key(one) not in known
    ]
    return found


def done(made: Plan, reading: Reading) -> list[str]:
    """The names of what was reviewed as a change and is done already."""
    return [
        urn.rpartition("::")[2]
        for urn in made.steps
        if (step := reading.steps.get(urn)) is None or step.effect in _DONE
    ]


def _step_differs(made: Plan, step: Step) -> Iterator[str]:
    reviewed = made.steps.get(step.urn)
    what = f"{step.type.rpartition(':')[2]} {step.name}"
    if reviewed is None:
        if step.effect is Effect.DELETE and step.id and step.id not in made.ids:
            return
        yield f"{what}: {step.effect.value}, which was not reviewed"
    elif not _within(step, reviewed, made):
        yield f"{what}: {step.effect.value}, and {reviewed.effect.value} was reviewed"
    elif step.effect is not Effect.DELETE:
        paths = list(_differ(reviewed.after, masked(dict(step.after)), ""))
        if paths:
            yield f"{what}: {', '.join(paths[:5])}{' and more' if len(paths) > 5 else ''}: not what was reviewed"  # noqa: PLR2004


def _within(step: Step, reviewed: Reviewing, made: Plan) -> bool:
    """Whether what is to be done is what was reviewed, or what is left of it."""
    if step.effect is reviewed.effect:
        return True
    if reviewed.effect is Effect.REPLACE:
        return step.effect in (Effect.CREATE, Effect.DELETE)
    # What was begun since the review is gone on with, or made again where it came out broken: nothing that existed then is lost.
    return (
        reviewed.effect is Effect.CREATE
        and step.effect in (Effect.CHANGE, Effect.REBOOT, Effect.REPLACE)
        and step.id not in made.ids
    )


def _differ(reviewed: Any, now: Any, path: str) -> Iterator[str]:
    """The paths at which two values differ; what was not known at the review may be anything now."""
    if reviewed in (now, LATER):
        return
    if isinstance(reviewed, dict) and isinstance(now, dict):
        for key in sorted({*reviewed, *now}):
            yield from _differ(reviewed.get(key), now.get(key), f"{path}.{key}" if path else key)
    elif isinstance(reviewed, list) and isinstance(now, list) and len(reviewed) == len(now):
        for place, (one, other) in enumerate(zip(reviewed, now, strict=True)):
            yield from _differ(one, other, f"{path}[{place}]")
    else:
        yield path


def _counts(step: Step) -> bool:
    """Whether something is done in the cloud, or to a provider."""
    return step.custom and step.effect not in _DONE


def _reviewing(step: Step) -> Reviewing:
    return Reviewing(effect=step.effect, after=None if step.effect is Effect.DELETE else masked(dict(step.after)))


def _answers(review: Review) -> Iterator[str]:
    for one in review.findings:
        if one.answer is not Answer.EXEMPTED:
            yield _key(one)


def _key(one: Finding) -> str:
    return f"{one.answer.value} {one.fingerprint}"
