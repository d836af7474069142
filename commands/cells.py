"""`ecs cells`: the stacks of the engine that an environment is divided into."""

from __future__ import annotations

import json
import os
import subprocess
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Annotated, Any

import typer

from commands.deployable import is_linked
from commands.environment import default_stack, environment, known_stack
from commands.failure import Failure
from commands.places import ROOT, STACKS, environment_of, link_of, settings_file

app = typer.Typer(add_completion=False)


@dataclass
class Cell:
    """One cell: what it states, and whether its link and its stack are there."""

    cell: str
    stack: str
    servers: int
    batches: int
    disks: int
    link: str = ""
    """`there`, `missing`, or `in the way` where a file of another kind has its place."""

    resources: int | None = None
    """What the engine's stack has; None where there is no such stack, or the backend cannot be asked."""

    stated: bool = True
    """Whether the settings still name it."""


@app.command()
def cells(
    stack: Annotated[
        str, typer.Option("--stack", "-s", help="The environment; ECS_STACK or `sandbox` by default.")
    ] = "",
    write: Annotated[
        bool, typer.Option("--write", help="Make missing links, and remove those of dropped cells.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of text.")] = False,
) -> None:
    """List the cells of an environment with what each has; `--write` puts the links in place by which the engine finds their settings.

    A cell is the stack `<environment>.<cell>`. A cell that the settings no longer name keeps its link while its stack has resources: delete
    them first with `ecs down`.
    """
    whole = known_stack(environment_of(stack or default_stack()))
    found = look(whole)
    changed = put(whole, found) if write else []
    if as_json:
        typer.echo(
            json.dumps({"environment": whole, "cells": [asdict(one) for one in found], "changed": changed}, indent=2)
        )
        return
    for line in changed:
        typer.echo(line)
    _show(whole, found)


def look(whole: str) -> list[Cell]:
    """The cells of an environment, and those that it no longer has while a link or a stack is left; raises `Failure` (2)."""
    from components.problems import ArgumentError
    from stacks.cells import DIVIDED, cells_of, placed, stated

    try:
        names = cells_of(whole, STACKS)
        sections = stated(whole, STACKS)
    except ArgumentError as error:
        raise Failure(str(error), 2) from None
    stacks = _stacks(whole)
    there = []
    for name in names:
        counts = Counter(section for section, _ in placed(sections, name))
        servers, batches, disks = (counts[section] for section in DIVIDED)
        there.append(Cell(name, f"{whole}.{name}", servers, batches, disks))
    links = {path.name.removeprefix("Pulumi.").removesuffix(".yaml") for path in STACKS.glob(f"Pulumi.{whole}.*.yaml")}
    left = sorted((links | {name for name, resources in stacks.items() if resources}) - {one.stack for one in there})
    there += [Cell(gone.partition(".")[2], gone, 0, 0, 0, stated=False) for gone in left]
    for one in there:
        link = link_of(one.stack)
        one.link = "there" if is_linked(one.stack) else "in the way" if os.path.lexists(link) else "missing"
        one.resources = stacks.get(one.stack)
    return there


def put(whole: str, found: list[Cell]) -> list[str]:
    """Make the links that are missing and remove those that nothing needs, and say so.

    Raises `Failure` (2), before anything is done, where a file of its own has a link's place.
    """
    wrong = [
        f"stacks/{link_of(one.stack).name}"
        for one in found
        if one.link == "in the way" and not link_of(one.stack).is_symlink()
    ]
    if wrong:
        raise Failure(
            f"{', '.join(wrong)}: a file of its own, where a link belongs. Move what it says to {settings_file(whole).name}, and it away.",
            2,
        )
    said = []
    for one in found:
        link, name = link_of(one.stack), f"stacks/{link_of(one.stack).name}"
        if one.stated and one.link != "there":
            new = link.with_name(f".{link.name}.new")
            new.unlink(missing_ok=True)
            new.symlink_to(settings_file(whole).name)
            new.replace(link)
            said.append(f"made {name}")
        elif not one.stated and os.path.lexists(link) and not one.resources:
            link.unlink()
            said.append(f"removed {name}")
        if one.stated:
            one.link = "there"
    found[:] = [one for one in found if one.stated or one.resources]
    return said


def _stacks(whole: str) -> dict[str, int]:
    """The engine's stacks of an environment's cells, with how many resources each has; raises `Failure` where it cannot be asked."""
    variables = environment(whole)
    listed = subprocess.run(
        ["pulumi", "stack", "ls", "--json"],
        cwd=ROOT,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode != 0:
        raise Failure(f"the stacks cannot be listed: {listed.stderr.strip()}")
    found: list[dict[str, Any]] = json.loads(listed.stdout)
    names = ((one["name"].rpartition("/")[2], one.get("resourceCount") or 0) for one in found)
    return {name: count for name, count in names if name.startswith(f"{whole}.")}


def _show(whole: str, found: list[Cell]) -> None:
    if not found:
        typer.echo(f"{whole} is one stack and has no cells.")
        return
    width = max(len(one.stack) for one in found)
    typer.echo(f"{'stack':<{width}}  servers  batches  disks  resources  link")
    for one in found:
        resources = "-" if one.resources is None else str(one.resources)
        typer.echo(
            f"{one.stack:<{width}}  {one.servers:>7}  {one.batches:>7}  {one.disks:>5}  {resources:>9}  {one.link}"
        )
    for one in found:
        if not one.stated and one.resources:
            typer.echo(
                f"{one.stack}: no longer stated, but its stack has {one.resources} resources: `ecs down --stack {one.stack}`"
            )
        elif not one.stated:
            typer.echo(f"{one.stack}: no longer stated; `--write` removes its link")
    if any(one.stated and one.link != "there" for one in found):
        typer.echo(f"Links are missing: `ecs cells --stack {whole} --write`")
