"""`ecs promote`: what one environment has and another lacks, shown and written into the other's own file."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from commands import settings_text
from commands.failure import Failure
from commands.places import STACKS, environment_of, settings_file

DIFFERENT = 7
"""The exit code where there are differences that were not written."""

SIGNS = {"added": ("+", "32"), "changed": ("~", "33"), "removed": ("-", "31"), "secret": ("!", "35")}
PROJECT = "ecs-stacks"

app = typer.Typer(add_completion=False)


@app.command()
def promote(  # noqa: PLR0917  # one parameter an option
    source: Annotated[str, typer.Argument(metavar="FROM", help="The environment to take from, such as dev.")],
    target: Annotated[str, typer.Argument(metavar="TO", help="The environment to bring it to, such as staging.")],
    write: Annotated[bool, typer.Option("--write", help="Write it into stacks/Pulumi.TO.yaml.")] = False,
    only: Annotated[
        list[str] | None, typer.Option(help="Only this path, such as servers.web-1; again for more.")
    ] = None,
    leave: Annotated[
        list[str] | None, typer.Option("--except", help="Not this path, such as networks.lan.cidr; again for more.")
    ] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Take out what only TO has; without it that stays.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of text.")] = False,
) -> None:
    """Show what FROM's settings have otherwise than TO's, both with all that they inherit, and write it into TO's own file.

    Each environment keeps what is its own: openstack:*, protection, consent, cells, what it inherits, what it lists in ecs-stacks:keeps,
    and its secrets, which are encrypted for it alone: those to be set by hand are listed. The result is validated before it takes the
    file's place. Exit code 0: there is nothing to do, or it was written; 7: there are differences; 2: wrong usage, or the result would be
    refused.
    """
    from components.problems import ArgumentError
    from stacks import cells, promotion

    for name in (source, target):
        _environment(name)
    if source == target:
        raise Failure(f"{source} and {target} are the same environment. Name two.", 2)
    try:
        theirs, ours = cells.stated(source, STACKS), cells.stated(target, STACKS)
        every = promotion.differences(theirs, ours)
        keeps = cells.keeps_in(ours, cells.where_of(target))
    except ArgumentError as error:
        raise Failure(str(error), 2) from None
    only, leave = only or [], leave or []
    _refuse_unknown([*only, *leave], {*_paths(theirs), *_paths(ours)}, f"{source} nor {target}")
    _refuse_parts([*only, *leave], every)
    found = [one for one in every if _is_chosen(one.path, only, [*leave, *keeps])]
    todo = [one for one in found if one.change in ("added", "changed") or (one.change == "removed" and remove)]
    if write and todo:
        settings_text.replace(settings_file(target), _result(target, todo))
    if as_json:
        typer.echo(json.dumps(_as_json(source, target, found, written=write and bool(todo)), indent=2, default=str))
    else:
        _show(source, target, found, remove=remove, written=write and bool(todo))
    if todo and not write:
        sys.exit(DIFFERENT)


def _environment(name: str) -> None:
    if environment_of(name) != name:
        raise Failure(f"{name} is a cell. Name its environment: {environment_of(name)}.", 2)
    if not settings_file(name).is_file():
        there = ", ".join(
            sorted(
                stem for path in STACKS.glob("Pulumi.*.yaml") if "." not in (stem := path.stem.removeprefix("Pulumi."))
            )
        )
        raise Failure(f"there is no environment {name!r}. Name one of: {there}; or make it: `ecs new {name}`.", 2)


def _is_under(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(f"{prefix}.")


def _is_chosen(path: str, only: list[str], leave: list[str]) -> bool:
    wanted = not only or any(_is_under(path, one) for one in only)
    return wanted and not any(_is_under(path, one) for one in leave)


def _refuse_unknown(named: list[str], known: set[str], who: str) -> None:
    """Refuse a path that neither environment has: what it was to hold would be promoted, or left, without a word."""
    unknown = [one for one in named if one not in known]
    if unknown:
        raise Failure(
            f"neither {who} states {', '.join(unknown)}. Name a path such as servers.web-1, without `{PROJECT}:`.", 2
        )


def _refuse_parts(named: list[str], every: list[Any]) -> None:
    """Refuse a path inside something that goes whole or not at all: a server that the other lacks, or a list."""
    for path in named:
        around = next((one.path for one in every if path != one.path and _is_under(path, one.path)), None)
        if around is not None:
            raise Failure(f"{path} is part of {around}, which goes whole. Name that.", 2)


def _paths(value: Any, way: str = "") -> Iterator[str]:
    for key, one in value.items() if isinstance(value, dict) else ():
        path = f"{way}.{key}" if way else str(key)
        yield path
        yield from _paths(one, path)


def _result(target: str, todo: list[Any]) -> str:
    """TO's own file with the differences in it; raises `Failure` (2), with nothing changed, where that would be refused."""
    from components.problems import ArgumentError
    from stacks import cells, inheritance, promotion

    file = settings_file(target)
    document = settings_text.yaml().load(file.read_text(encoding="utf-8"))
    inherited = inheritance.whole(inheritance.layers(cells.own(target, STACKS), STACKS)[:-1])
    config = document["config"]
    for one in todo:
        section = f"{PROJECT}:{one.keys[0]}"
        own = {one.keys[0]: config[section] if isinstance(config.get(section), dict) else {}}
        promotion.put(own, inherited, one)
        if section in config or own[one.keys[0]]:
            config[section] = own[one.keys[0]]
    text = settings_text.dumped(document)
    new = settings_text.beside(file)
    try:
        new.write_text(text, encoding="utf-8")
        cells.check_text(target, new, STACKS)
    except ArgumentError as error:
        raise Failure(f"nothing was written, since the result would be refused:\n{error}", 2) from None
    finally:
        new.unlink(missing_ok=True)
    return text


def _as_json(source: str, target: str, found: list[Any], *, written: bool) -> dict[str, Any]:
    from stacks.promotion import NOTHING

    differences = []
    for one in found:
        if one.change != "secret":
            values = {"from": one.wanted, "to": one.there}
            stated = {name: value for name, value in values.items() if value is not NOTHING}
            differences.append({"path": one.path, "change": one.change, **stated})
    secrets = [
        {"path": one.path, "command": settings_text.secret_command(target, one.keys)}
        for one in found
        if one.change == "secret"
    ]
    return {"from": source, "to": target, "differences": differences, "secrets": secrets, "written": written}


def _show(source: str, target: str, found: list[Any], *, remove: bool, written: bool) -> None:
    coloured = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    for one in found:
        sign, colour = SIGNS[one.change]
        line = f"{sign} {one.path}{_said(one, target, remove=remove)}"
        typer.echo(f"\x1b[{colour}m{line}\x1b[0m" if coloured else line)
    shown = f"stacks/{Path(settings_file(target)).name}"
    if written:
        typer.echo(f"Wrote {shown}. See it with `git diff`, and what it does with `ecs preview --stack {target}`.")
    elif not any(one.change in ("added", "changed") or (remove and one.change == "removed") for one in found):
        typer.echo(f"Nothing of {source} is to be brought to {target}.")
    else:
        typer.echo(f"Nothing was written; `--write` writes it into {shown}.")


def _said(one: Any, target: str, *, remove: bool) -> str:
    if one.change == "secret":
        return f": a secret, each environment's own; set it by hand: {settings_text.secret_command(target, one.keys)}"
    if one.change == "changed":
        return f": {_text(one.there)} -> {_text(one.wanted)}"
    if one.change == "added":
        return f": {_text(one.wanted)}"
    return "" if remove else f": only {target} has it, and keeps it (`--remove` takes it out)"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
