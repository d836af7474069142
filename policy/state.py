"""A state held against the rules by this process: what the engine's `policy analyze` does by itself, a pack and a call for each resource.

The judge, the levels, the exemptions and the reading of the cloud are the pack's own, in the order in which the engine asks them. What
only the engine can do is left to it: `can_judge` says so of a state whose judged requests hold secrets that a service encrypts, of one
of another format, and of a pack that is not the one that is installed here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pulumi.runtime.rpc import UNKNOWN as LATER

from cloud.connect import READ
from policy import options
from policy.exemptions import FILE, load
from policy.facts.cloud import SECONDS, Clouds
from policy.facts.facts import Phase
from policy.facts.members import Member, Provider
from policy.facts.previous import Previous
from policy.forms import FORMS
from policy.judge import CLOUD, AnyRule, Judge, Said, watched
from policy.pack import EXEMPTED, NAME, Resources, Stacks, policies
from policy.passphrase import MARK, ClosedError, Secrets
from policy.rule import where
from policy.unknown import UNKNOWN

Json = Mapping[str, Any]

FORMAT = 3
"""The version of the engine's states that is read here."""

_ROOT = "pulumi:pulumi:Stack"
_PROVIDER = "pulumi:providers:"
_VERSION = re.compile(r"^version:\s*[\"']?([^\s\"'#]+)", re.MULTILINE)
_SHOWN = ("flavorName", "flavorId", "flavorRef")


class State:
    """What an exported state holds, as the pack is told of it.

    `resources` are its resources, each with `urn` and `type`, and `providers` is what it says of how its secrets are encrypted.
    """

    def __init__(self, version: object, resources: Sequence[Json], providers: object = None) -> None:
        self._version = version
        # What is only waiting to be deleted is not judged.
        self._there = [one for one in resources if not one.get("delete")]
        self._secrets = Secrets(providers)
        self._providers = {one["urn"]: one for one in resources if one["type"].startswith(_PROVIDER)}
        self._rules: list[AnyRule] = [
            rule for policy in policies() if isinstance(policy, Resources | Stacks) for rule in policy.rules
        ]
        self._watched = watched(self._rules)
        self._judged = [one for one in self._there if one["type"] in self._watched]
        self._inputs: dict[int, dict[str, object]] = {}
        self._reached: dict[str, Provider] = {}
        self._root = next(
            (one["urn"] for one in self._there if one["type"] == _ROOT and not one.get("parent")), _root(self._there)
        )

    def can_judge(self, pack: Path) -> bool:
        """Whether this process answers as the engine with the pack in this folder would; False where only the engine knows."""
        if self._version != FORMAT or not _is_installed(pack) or not all(_is_urn(one["urn"]) for one in self._there):
            return False
        try:
            for one in (*self._judged, *self._providers.values()):
                self._inputs_of(one)
        except ClosedError:
            return False
        return True

    def _inputs_of(self, of: Json) -> dict[str, object]:
        """The inputs of a resource, with its secrets opened. Raises `ClosedError` for what only the engine can read."""
        known = self._inputs.get(id(of))
        if known is None:
            known = self._inputs[id(of)] = _plain(of.get("inputs") or {}, self._secrets)
        return known

    def events(self, pack: Path, stack: str, levels: Json) -> Iterator[Json]:
        """Judge all of it, and tell it as the engine's stream does: what was said, what was judged to the end, and at last the result.

        `levels` is the configuration of the pack: a level, or an object with `enforcementLevel` and options, for each policy. Raises
        nothing: where the pack itself fails, an error is told and no result.
        """
        told = _Told(pack, levels)
        try:
            yield from self._judged_by(told, pack, stack, levels)
        except Exception as error:  # noqa: BLE001 - told without its text, which may quote a secret
            text = f"the policy pack failed ({where(error)}). Report this as a defect of the policy pack."
            yield {"diagnosticEvent": {"severity": "error", "message": text}}
        else:
            yield {"summaryEvent": {"result": "failed" if told.refused else "succeeded"}}

    def _judged_by(self, told: _Told, pack: Path, stack: str, levels: Json) -> Iterator[Json]:
        own = pack / "exemptions.yaml"
        waiver = load(own.resolve() if own.is_file() else FILE).run(stack, datetime.now(UTC).date())
        clouds = _clouds(levels)
        judge = Judge(self._rules, clouds, Phase.STATE, waiver, Previous.none())
        judge.options = _options(levels)
        for one in self._there:
            urn = one["urn"]
            if one["type"] in self._watched:
                member = self._member(one)
                if member.type in FORMS and member.provider is not None:
                    clouds.begin(member.provider)
                yield from told.said(judge.resource(member, told.off), (), urn)
            yield {"policyAnalyzeSummaryEvent": {**told.pack, "resourceUrn": urn}}
        members = [self._known(judge, one) for one in self._judged]
        said = judge.whole(members, told.off)
        said += [Said(EXEMPTED, f"exempted: {line}") for line in waiver.listed()]
        yield from told.said(said, {one["urn"] for one in self._there}, self._root)
        yield {"policyAnalyzeStackSummaryEvent": told.pack}

    def _member(self, of: Json) -> Member:
        return Member(
            of["urn"],
            of["type"],
            of["urn"].split("::", 3)[3],
            self._inputs_of(of),
            parent=of.get("parent") or None,
            provider=self._provider(of.get("provider") or ""),
        )

    def _provider(self, named: str) -> Provider | None:
        urn = named.rpartition("::")[0]
        there = self._providers.get(urn)
        if there is None:
            return None
        if urn not in self._reached:
            settings = self._inputs_of(there)
            self._reached[urn] = Provider(urn, {name: settings.get(name) for name in READ})
        return self._reached[urn]

    def _known(self, judge: Judge, of: Json) -> Member:
        """The resource as it was stated, with what the state knows of it."""
        member = judge.stack.members[of["urn"]]
        outputs = of.get("outputs") or {}
        ident = outputs.get("id")
        member.id = ident if isinstance(ident, str) and ident and ident != LATER else None
        member.parent = of.get("parent") or member.parent
        member.shown = {key: _text(outputs[key]) for key in _SHOWN if key in outputs}
        member.sources = {key: tuple(urns) for key, urns in (of.get("propertyDependencies") or {}).items() if urns}
        member.depends = tuple(of.get("dependencies") or ())
        return member


class _Told:
    """What the judge says, as the engine tells it: with the level of its policy, and not where that is disabled."""

    def __init__(self, pack: Path, levels: Json) -> None:
        self._policies = {policy.name: policy for policy in policies()}
        stated = {name: level for name in ("all", *self._policies) if (level := _level(levels.get(name)))}
        self._levels = {
            name: stated.get(name) or stated.get("all") or str(policy.enforcement_level.value)  # type: ignore[union-attr]
            for name, policy in self._policies.items()
        }
        self.pack = {"policyPackName": NAME, "policyPackVersion": _version(pack)}
        self.off = frozenset(name for name, level in self._levels.items() if level == "disabled")
        self.refused = False

    def said(self, said: Iterable[Said], known: Collection[str], otherwise: str) -> Iterator[Json]:
        """Tell what was said, of the resource that it names where that is one of the known ones."""
        for one in said:
            level = self._levels.get(one.policy, "disabled")
            if level != "disabled":
                self.refused |= level == "mandatory"
                text = f"{self._policies[one.policy].description}\n{one.text}"
                urn = one.urn if one.urn in known else otherwise
                about = {"policyName": one.policy, "message": text, "enforcementLevel": level, "resourceUrn": urn}
                yield {"policyEvent": {**self.pack, **about}}


def _is_urn(text: str) -> bool:
    return text.startswith("urn:pulumi:") and text.count("::") >= 3  # noqa: PLR2004 - stack, project, types, name


def _root(resources: Sequence[Json]) -> str:
    """The URN of the stack itself where the state does not hold it."""
    if not resources or not _is_urn(resources[0]["urn"]):
        return ""
    stack, project, *_ = resources[0]["urn"].split("::")
    return f"{stack}::{project}::{_ROOT}::{project}-{stack.rpartition(':')[2]}"


def _level(stated: object) -> str:
    level = stated.get("enforcementLevel") if isinstance(stated, Mapping) else stated
    return level if isinstance(level, str) else ""


def _options(levels: Json) -> dict[str, dict[str, object]]:
    """The options of each policy that has some, as the pack's configuration sets them."""
    found = {}
    for name in options.configurable():
        stated = levels.get(name)
        given = (
            {key: one for key, one in stated.items() if key != "enforcementLevel"}
            if isinstance(stated, Mapping)
            else {}
        )
        found[name] = {**options.defaults(name), **given}
    return found


def _clouds(levels: Json) -> Clouds:
    stated = _options(levels)[CLOUD]
    seconds = stated["seconds"]
    return Clouds(
        read=stated["read"] is not False, seconds=float(seconds) if isinstance(seconds, int | float) else SECONDS
    )


def _is_installed(pack: Path) -> bool:
    """Whether the pack in a folder begins as the installed one does; all else of it is imported from where that is."""
    try:
        return (pack / "__main__.py").read_bytes() == FILE.with_name("__main__.py").read_bytes()
    except OSError:
        return False


def _version(pack: Path) -> str:
    found = _VERSION.search((pack / "PulumiPolicy.yaml").read_text(encoding="utf-8"))
    return found[1] if found else ""


def _plain(inputs: Json, secrets: Secrets) -> dict[str, object]:
    """Inputs as the engine hands them to a pack: without keys of its own, every secret opened, every number a float."""
    return {key: _value(one, secrets) for key, one in inputs.items() if not key.startswith("__")}


def _value(value: object, secrets: Secrets) -> object:
    # What JSON is decoded to is of these types and of no subclass of them.
    kind = type(value)
    if kind is str:
        return UNKNOWN if value == LATER else value
    if isinstance(value, dict):
        return _value(secrets.opened(value), secrets) if MARK in value else _plain(value, secrets)
    if isinstance(value, list):
        return [_value(one, secrets) for one in value]
    return float(value) if isinstance(value, int) and kind is not bool else value


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
