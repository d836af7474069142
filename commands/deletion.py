"""Before everything is deleted: the disks that the cloud would refuse to delete, because they have snapshots (ECS-215).

`pulumi destroy` runs no policy pack, and would stop half way.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import typer

from cloud.connect import READ
from commands.failure import Failure
from commands.places import ROOT
from components.restrictions import message
from policy.facts.asking import PendingError, SilentError
from policy.facts.cloud import OURS, Clouds
from policy.facts.doomed import Doomed, disks_of
from policy.facts.facts import Facts, Phase
from policy.facts.kinds import VOLUME
from policy.facts.members import Member, Provider, Stack
from policy.facts.previous import Kept, parsed
from policy.native import NATIVE

REFUSED = 5
"""The exit code of a refusal by a restriction."""


def check(stack: str, variables: Mapping[str, str]) -> None:
    """Refuse to delete a stack whose disks have snapshots; raises `Failure` (5) with all of them.

    Where the cloud does not say, that is told, and nothing is refused.
    """
    exported = _export(stack, variables)
    disks = [(kept, gone) for kept in parsed(exported) for gone in _gone(kept)]
    if not disks:
        return
    reader = Clouds()
    facts = Facts(Stack(), reader, Phase.STATE)
    providers = _Providers(exported, lambda: _config(stack, variables))
    problems: list[str] = []
    for kept, gone in disks:
        member = Member(kept.urn, kept.type, kept.id, {}, provider=providers.of(kept))
        try:
            found = _asked(facts, reader, member, gone)
        except SilentError as silent:
            typer.echo(f"Not checked for snapshots (ECS-215): {silent.reason}.", err=True)
            return
        if found:
            wrong = f"is a disk with {len(found)} snapshots ({', '.join(found[:3])}), with which it cannot be deleted"
            problems.append(message(gone.name, wrong, "Delete its snapshots first", "ECS-215"))
    if problems:
        raise Failure("\n".join(["nothing was deleted.", *problems]), REFUSED)


def _gone(kept: Kept) -> Iterator[Doomed]:
    """The disks that are deleted with a resource: itself, or those that go with a native server."""
    if kept.type == NATIVE:
        yield from disks_of(kept)
    elif kept.type in VOLUME.types and not kept.retained:
        yield Doomed(kept.name, kept.id, kept.urn)


def _asked(facts: Facts, reader: Clouds, member: Member, gone: Doomed) -> list[str]:
    while True:
        try:
            return [str(one.get("name") or one.get("id")) for one in facts.snapshots_of(member, gone.id)]
        except PendingError:
            reader.wait()


def _export(stack: str, variables: Mapping[str, str]) -> dict[str, Any]:
    done = subprocess.run(
        ["pulumi", "stack", "export", "--stack", stack],
        cwd=ROOT, env=os.environ | dict(variables), check=False, capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode != 0:
        raise Failure(f"the state of stack {stack!r} cannot be read: {done.stderr.strip()}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _config(stack: str, variables: Mapping[str, str]) -> dict[str, object]:
    """What the stack's configuration says of its cloud: a provider of ours that is told nothing itself goes by it."""
    done = subprocess.run(
        ["pulumi", "config", "--json", "--stack", stack],
        cwd=ROOT, env=os.environ | dict(variables), check=False, capture_output=True, text=True,
    )  # fmt: skip
    found: dict[str, dict[str, Any]] = json.loads(done.stdout) if done.returncode == 0 else {}
    # A secret setting has no value here; the variables or clouds.yaml then have it.
    return {key.partition(":")[2]: one.get("value") for key, one in found.items() if key.startswith("openstack:")}


class _Providers:
    """The providers of a state, each with its settings; the stack's configuration is read where one of ours has none."""

    def __init__(self, exported: Mapping[str, Any], config: Callable[[], Mapping[str, object]]) -> None:
        resources = exported.get("deployment", {}).get("resources") or []
        self._by_urn: dict[str, Mapping[str, Any]] = {one["urn"]: one for one in resources}
        self._config = config
        self._found: dict[str, Provider | None] = {}

    def of(self, kept: Kept) -> Provider | None:
        """Return the provider of a resource, None where the state does not tell it."""
        urn = str(self._by_urn[kept.urn].get("provider", "")).rpartition("::")[0]
        if urn not in self._found:
            self._found[urn] = self._read(urn)
        return self._found[urn]

    def _read(self, urn: str) -> Provider | None:
        stated = self._by_urn.get(urn, {}).get("inputs")
        if stated is None:
            return None
        # A secret setting is encrypted in the state; the variables or clouds.yaml then have it.
        settings: Mapping[str, object] = {key: one for key, one in stated.items() if isinstance(one, str | bool)}
        if OURS in urn and not any(settings.get(key) for key in READ):
            return Provider("", self._config())
        return Provider(urn, settings)
