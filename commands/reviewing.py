"""How a review is made of a stack: which run of the engine each kind needs, and what is known beside its events."""

from __future__ import annotations

import json
import os
import platform
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import toolchain
from commands.environment import LEVELS_VARIABLE
from commands.failure import Failure
from commands.places import ROOT, STACKS, levels_file, settings_file
from components.problems import ArgumentError
from gate.assembly import PACK, Run, review
from gate.engine import Ended, Engine, OnEvent
from gate.places import Places
from gate.reading import Reading, Step
from gate.review import Effect, Kind, Review
from gate.reviewed import fingerprint
from gate.values import Scrub, is_secret
from policy.state import State
from policy.trail import TRAIL
from stacks.cells import config_in, files_of
from stacks.inheritance import PROJECT, read
from stacks.lines import find
from takeover.store import masked
from toolchain.pins import PULUMI

_CLOUD = {
    "cloud": "OS_CLOUD", "authUrl": "OS_AUTH_URL", "region": "OS_REGION_NAME", "tenantId": "OS_PROJECT_ID", "tenantName": "OS_PROJECT_NAME",
}  # fmt: skip
"""The variables that name a cloud where the settings do not."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked of a review."""

    strict: bool = False
    expect_no_changes: bool = False
    refresh: bool = False
    """Whether the preview looks at the cloud first."""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A review, and what the engine would need to do what it says."""

    review: Review
    reading: Reading
    plan: Mapping[str, Any]
    """The engine's plan; empty where there is none."""


class Reviewer:
    """Makes reviews of one stack, by the engine in the documented environment."""

    def __init__(self, stack: str, variables: Mapping[str, str], root: Path = ROOT, stacks: Path = STACKS) -> None:
        self.stack = stack
        self.variables = dict(variables)
        self._root = root
        self._stacks = stacks

    @cached_property
    def engine(self) -> Engine:
        """The engine; it is asked for its version as it is made."""
        return Engine(self._root, self.variables)

    @cached_property
    def _settings(self) -> list[tuple[Path, str]]:
        """The files of the stack's settings; to find them all of them are read."""
        return files_of(self.stack, self._stacks)

    @cached_property
    def _levels(self) -> Path:
        """The file of levels that the engine hands to the pack; it takes a path from the project's folder."""
        return self._root / (self._named_levels or levels_file(self.stack))

    @property
    def _named_levels(self) -> str | None:
        return (os.environ | self.variables).get(LEVELS_VARIABLE) or None

    def gate(self, wish: Wish, on_event: OnEvent | None = None, keep: Path | None = None) -> Reviewed:
        """Preview with the pack; the engine's plan is kept in a file where one is named."""
        with tempfile.TemporaryDirectory(prefix="ecs-plan-") as folder:
            file = keep or Path(folder) / "plan.json"
            options = ["--refresh"] if wish.refresh else []
            reading, ended = self._read(
                ["preview", "--stack", self.stack, "--save-plan", str(file), *options], on_event, self.engine
            )
            plan = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
        return Reviewed(review(reading, self._run("gate", ended, wish, plan)), reading, plan)

    def apply(self, plan: Path, on_event: OnEvent | None = None, *, refresh: bool = True) -> Review:
        """Do what an engine's plan says and nothing else; the review is of what was done.

        A plan of a preview that looked at the cloud first (`refresh`) needs that look again.
        """
        arguments = ["up", "--yes", "--skip-preview", "--stack", self.stack, "--plan", str(plan)]
        reading, ended = self._read([*arguments, *(["--refresh"] if refresh else [])], on_event, self.engine)
        return review(reading, self._run("apply", ended, Wish(), {}))

    def destroy(self, on_event: OnEvent | None = None) -> Review:
        """Delete everything that the stack made; the review is of what was deleted."""
        reading, ended = self._read(["destroy", "--yes", "--stack", self.stack], on_event, self.engine)
        return review(reading, self._run("destroy", ended, Wish(), {}))

    def files(self) -> dict[str, str]:
        """The digests of the files that decide what the stack is."""
        return fingerprint(self._root, [*(file for file, _ in self._settings), self._levels])

    def versions(self) -> dict[str, str]:
        """The versions that decide what a run does."""
        sdk = {name: version(name) for name in ("ecs-stacks", "pulumi-openstack", "pulumi-policy")}
        return {**sdk, "pulumi": self._engine_version(), "python": platform.python_version()}

    def _engine_version(self) -> str:
        """The engine's version, without asking it where it is the toolchain's own, which is held against its pins."""
        tools = toolchain.locate()
        found = shutil.which("pulumi", path=self.variables.get("PATH"))
        return PULUMI if tools and found and Path(found) == tools.pulumi else self.engine.version

    def where(self) -> dict[str, str]:
        """Which state and which cloud are worked on, without what is only about who does it: no user, no password."""
        from commands.engine import variables_seen
        from provider.reach import where

        backend = urlsplit(masked(self.variables.get("PULUMI_BACKEND_URL", "")))
        state = backend._replace(netloc=backend.netloc.rpartition("@")[2], path=backend.path.rstrip("/")).geturl()
        with variables_seen(self.variables):
            named = {name: os.environ.get(variable, "") for name, variable in _CLOUD.items()}
            cloud = where(named | self._cloud())
        return {"state": state, "cloud": " ".join(one for one in cloud if one)}

    def _cloud(self) -> dict[str, str]:
        """What the settings state of the cloud in clear; nothing where they cannot be read."""
        try:
            stated = config_in(settings_file(self.stack), settings_file(self.stack).name)
        except ArgumentError:
            return {}
        named = {key.partition(":")[2]: value for key, value in stated.items() if key.startswith("openstack:")}
        return {key: value for key, value in named.items() if isinstance(value, str)}

    def drift(self, on_event: OnEvent | None = None) -> Review:
        """Look at the cloud and write nothing."""
        reading, ended = self._read(
            ["refresh", "--preview-only", "--expect-no-changes", "--stack", self.stack], on_event, self.engine
        )
        return review(reading, self._run("drift", ended, Wish(expect_no_changes=True), {}))

    def audit(self, wish: Wish, exported: Path | None = None) -> Review:
        """Hold the pack's rules against a state: the stack's own, or an exported one.

        This process does it, and the engine where only the engine can: see `policy.state`.
        """
        with tempfile.TemporaryDirectory(prefix="ecs-audit-") as folder:
            file = exported or self._export(Path(folder) / "state.json")
            version, resources, secrets = _resources(file)
            reading = Reading(result="succeeded")
            follow(reading, resources)
            pack = self._root / "policy"
            if not resources:
                # The engine takes an empty state for a mistake.
                ended = Ended(0, "", "")
            else:
                ended = self._judged(reading, State(version, resources, secrets), pack) or self._analyzed(
                    reading, pack, exported, Path(folder) / "trail.jsonl"
                )
        return review(reading, self._run("audit", ended, wish, {}))

    def _judged(self, reading: Reading, state: State, pack: Path) -> Ended | None:
        """Hold the pack against a state in this process; None where only the engine can."""
        from commands.engine import variables_seen

        with variables_seen(self.variables):
            if not state.can_judge(pack):
                return None
            reading.result = ""
            for event in state.events(pack, self.stack, {} if self._named_levels is None else _stated(self._levels)):
                reading.event(event)
        return Ended(int(reading.result != "succeeded"), "", "")

    def _analyzed(self, reading: Reading, pack: Path, exported: Path | None, trail: Path) -> Ended:
        """Let the engine hold the pack against a state, and the reading know what the pack says that it judged."""
        # With the variable beside the flag the engine would run the pack twice.
        variables = {**self.variables, TRAIL: str(trail), "PULUMI_OPTION_POLICY_PACK": ""}
        config = [] if self._named_levels is None else ["--policy-pack-config", str(self._levels)]
        variables[LEVELS_VARIABLE] = ""
        which = ["--file", str(exported)] if exported else ["--stack", self.stack]
        arguments = ["policy", "analyze", *which, "--policy-pack", str(pack), *config]
        reading.result = ""
        ended = Engine(self._root, variables).events(arguments, reading.event)
        if trail.is_file():
            for line in trail.read_text(encoding="utf-8").splitlines():
                said = json.loads(line)
                if said["urn"]:
                    reading.judged[said["urn"]] = said
                else:
                    reading.whole = said
        return ended

    def _export(self, file: Path) -> Path:
        ended = self.engine.run(["stack", "export", "--stack", self.stack, "--file", str(file)])
        if ended.code:
            raise Failure(f"the state of stack {self.stack!r} cannot be read: {_last(ended.errors)}")
        return file

    def _read(self, arguments: list[str], on_event: OnEvent | None, engine: Engine) -> tuple[Reading, Ended]:
        reading = Reading()

        def take(event: Mapping[str, Any]) -> None:
            reading.event(event)
            if on_event is not None:
                on_event(event)

        return reading, engine.events(arguments, take)

    def _run(self, kind: Kind, ended: Ended, wish: Wish, plan: Mapping[str, Any]) -> Run:
        return Run(
            kind=kind, project=PROJECT, stack=self.stack, places=self._places(), code=ended.code,
            errors=f"{ended.out}\n{ended.errors}" if ended.out else ended.errors, plan=plan,
            scrub=Scrub(_secrets(self._settings)), strict=wish.strict, expect_no_changes=wish.expect_no_changes,
            versions=self.versions(), levels=_levels(self._levels),
        )  # fmt: skip

    def _places(self) -> Places:
        def stated_at(path: str) -> tuple[str, int]:
            return find(self._settings, f"{PROJECT}:{path}")

        return Places(stated_at, self._stacks, self._root)


def _levels(file: Path) -> dict[str, str]:
    levels = {
        name: one.get("enforcementLevel") if isinstance(one, dict) else one for name, one in _stated(file).items()
    }
    return {name: level for name, level in levels.items() if isinstance(level, str)}


def _stated(file: Path) -> dict[str, Any]:
    """What a file of levels says; nothing where it says nothing that can be read."""
    try:
        stated = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stated if isinstance(stated, dict) else {}


def _resources(state: Path) -> tuple[object, list[dict[str, Any]], object]:
    """The format of an exported state, its resources, and how its secrets are encrypted. Raises `Failure` (2) for a file that is none."""
    try:
        read = json.loads(state.read_text(encoding="utf-8"))
        found = read["deployment"].get("resources") or []
        resources = [one for one in found if one["urn"] and one["type"]]
        return read.get("version"), resources, read["deployment"].get("secrets_providers")
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise Failure(
            f"{state}: is no exported state. Write one with `pulumi stack export --file {state}`.", 2
        ) from None


def follow(reading: Reading, resources: list[dict[str, Any]]) -> None:
    """Let the reading know the state, of which no event tells; what is only waiting to be deleted is no longer of the stack."""
    for one in resources:
        if one.get("delete"):
            continue
        urn = one["urn"]
        reading.parents[urn] = one.get("parent") or ""
        reading.registered[urn] = None
        reading.steps[urn] = Step(
            urn, one["type"], Effect.SAME, one.get("inputs") or {}, one.get("inputs") or {}, one.get("outputs") or {},
            one.get("parent") or "", bool(one.get("custom")), one.get("id") or "",
        )  # fmt: skip


def _secrets(files: Iterable[tuple[Path, str]]) -> Iterator[str]:
    """What stands in the settings in clear although its name says that it is a secret."""
    for file, shown in files:
        try:
            document = read(file, shown)
        except ArgumentError:
            # The run itself tells what is wrong with the file.
            continue
        yield from _in_clear(document, "")


def _in_clear(value: Any, key: str) -> Iterator[str]:
    if isinstance(value, dict):
        for inner, one in value.items():
            yield from _in_clear(one, str(inner))
    elif isinstance(value, list):
        for one in value:
            yield from _in_clear(one, key)
    elif isinstance(value, str) and is_secret(key):
        yield value


def _last(errors: str) -> str:
    lines = [line.removeprefix("error: ") for line in errors.strip().splitlines() if line.strip()]
    return lines[-1] if lines else "the engine said nothing"


__all__ = ["PACK", "Reviewed", "Reviewer", "Wish"]
