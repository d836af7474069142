"""Before everything is deleted: the disks that the cloud would refuse to delete, because they have snapshots (ECS-215).

`pulumi destroy` runs no policy pack, and would stop half way.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from typing import Any

import typer

from commands.failure import Failure
from commands.places import ROOT
from components.restrictions import message
from policy.facts.asking import PendingError, SilentError
from policy.facts.cloud import Clouds
from policy.facts.facts import Facts, Phase
from policy.facts.kinds import VOLUME
from policy.facts.members import Member, Provider, Stack
from policy.facts.previous import Kept, parsed

REFUSED = 5
"""The exit code of a refusal by a restriction."""


def check(stack: str, variables: Mapping[str, str]) -> None:
    """Refuse to delete a stack whose disks have snapshots; raises `Failure` (5) with all of them.

    Where the cloud does not say, that is told, and nothing is refused.
    """
    exported = _export(stack, variables)
    disks = [kept for kept in parsed(exported) if kept.type in VOLUME.types and not kept.retained]
    if not disks:
        return
    reader = Clouds()
    facts = Facts(Stack(), reader, Phase.STATE)
    members = {kept.urn: Member(kept.urn, kept.type, kept.id, {}, provider=_provider(exported, kept)) for kept in disks}
    problems: list[str] = []
    for kept in disks:
        try:
            found = _asked(facts, reader, members[kept.urn], kept)
        except SilentError as silent:
            typer.echo(f"Not checked for snapshots (ECS-215): {silent.reason}.", err=True)
            return
        if found:
            name = kept.urn.rsplit("::", 1)[-1]
            wrong = f"is a disk with {len(found)} snapshots ({', '.join(found[:3])}), with which it cannot be deleted"
            problems.append(message(name, wrong, "Delete its snapshots first", "ECS-215"))
    if problems:
        raise Failure("\n".join(["nothing was deleted.", *problems]), REFUSED)


def _asked(facts: Facts, reader: Clouds, member: Member, kept: Kept) -> list[str]:
    while True:
        try:
            return [str(one.get("name") or one.get("id")) for one in facts.snapshots_of(member, kept.id)]
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


def _provider(exported: Mapping[str, Any], kept: Kept) -> Provider | None:
    resources = exported.get("deployment", {}).get("resources") or []
    own: Mapping[str, Any] = next((one for one in resources if one["urn"] == kept.urn), {})
    urn = str(own.get("provider", "")).rpartition("::")[0]
    inputs = next((one.get("inputs", {}) for one in resources if one["urn"] == urn), None)
    # A secret setting is encrypted in the state; the variables or clouds.yaml then have it.
    return (
        None
        if inputs is None
        else Provider(urn, {key: one for key, one in inputs.items() if isinstance(one, str | bool)})
    )
