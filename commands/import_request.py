"""`ecs import`: a documented create request becomes a server or a batch of a stack."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from commands import settings_text
from commands.environment import default_stack, environment, known_stack, make_stack
from commands.failure import Failure
from commands.places import ROOT, STACKS, settings_file

KINDS = {"server": "ecs-stacks:servers", "batch": "ecs-stacks:batches"}
"""Where a stack's settings state each kind."""

app = typer.Typer(add_completion=False)


@app.command()
def import_request(
    file: Annotated[Path, typer.Argument(help="The request's JSON, as the document shows it; `-` for standard input.")],
    stack: Annotated[
        str, typer.Option("--stack", "-s", help="The stack to add it to; ECS_STACK or `sandbox` by default.")
    ] = "",
    name: Annotated[str, typer.Option(help="Its name in the stack; the request's `name` by default.")] = "",
    only_print: Annotated[bool, typer.Option("--print", help="Print the YAML and change nothing.")] = False,
    replace: Annotated[bool, typer.Option("--replace", help="Replace what has that name in the stack.")] = False,
) -> None:
    """Turn a documented create request into the YAML of a stack: a server, or a batch where it asks for more than one.

    Secrets (adminPass, user_data) are encrypted with the stack's passphrase. Every field that is not sent as written is listed with
    its reason.
    """
    from components.problems import ArgumentError

    try:
        converted, label = _read(file, name)
    except ArgumentError as error:
        raise Failure(str(error), 2) from None
    if only_print:
        typer.echo(_fragment(label, converted), nl=False)
    else:
        stack = known_stack(stack or default_stack())
        _add(stack, label, converted, replace=replace)
        typer.echo(
            f"{_kind(converted).capitalize()} {label!r} is in stacks/Pulumi.{stack}.yaml. Next: ecs preview --stack {stack}"
        )
    for note in converted.notes:
        cited = f" [{note.restriction}]" if note.restriction else ""
        typer.echo(f"note: {note.path}: {note.reason}{cited}", err=True)


def _read(file: Path, name: str) -> tuple[Any, str]:
    from components.document.text import parse
    from components.document.to_args import convert

    path = "standard input" if str(file) == "-" else str(file)
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Failure(f"{path} cannot be read: {getattr(error, 'strerror', 'it is not UTF-8 text')}.", 2) from None
    converted = convert(parse(text, path), path)
    return converted, name or str(converted.arguments["name"])


def _kind(converted: Any) -> str:
    return "batch" if converted.batch else "server"


def _fragment(label: str, converted: Any) -> str:
    text = settings_text.dumped({KINDS[_kind(converted)]: {label: converted.arguments}})
    lines = [
        f"# {argument} is a secret: pulumi config set --secret --path '{_path(label, argument, converted)}' < FILE"
        for argument in converted.secrets
    ]
    return text + "".join(f"{line}\n" for line in lines)


def _path(label: str, argument: str, converted: Any) -> str:
    return f'{KINDS[_kind(converted)]}["{label}"].{argument}'


def _add(stack: str, label: str, converted: Any, *, replace: bool) -> None:
    """Write the server or the batch into the stack's YAML, whole or not at all."""
    arguments = _in_cell(stack, converted.arguments)
    variables = environment(stack) if converted.secrets else {}
    if variables:
        make_stack(stack, variables)
    file = settings_file(stack)
    before = file.read_text(encoding="utf-8")
    document = settings_text.yaml().load(before) or {}
    config = document.setdefault("config", {})
    ours = KINDS[_kind(converted)]
    for kind, section in KINDS.items():
        if label in (config.get(section) or {}) and not (replace and section == ours):
            way = ", or `--replace` it" if section == ours else ""
            raise Failure(f"{file.name} has a {kind} {label!r} already. Give another `--name`{way}.", 2)
    config.setdefault(ours, {})[label] = arguments
    try:
        settings_text.replace(file, settings_text.dumped(document))
        for argument, secret in converted.secrets.items():
            _encrypt(stack, _path(label, argument, converted), secret, variables)
    except BaseException:
        settings_text.replace(file, before)
        raise


def _in_cell(stack: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments, with the cell where the stack is one; raises `Failure` (2) where it is to be named."""
    from components.problems import ArgumentError
    from stacks.cells import cells_of, parts

    whole, cell = parts(stack)
    try:
        cells = cells_of(whole, STACKS)
    except ArgumentError as error:
        raise Failure(str(error), 2) from None
    if cells and cell is None:
        of_each = ", ".join(f"{whole}.{one}" for one in cells)
        raise Failure(f"{whole!r} is divided into cells. Name the one to add it to: {of_each}.", 2)
    return arguments if cell is None else {"cell": cell, **arguments}


def _encrypt(stack: str, path: str, secret: str, variables: dict[str, str]) -> None:
    """Hand a secret to the engine on its standard input, so that no process list shows it."""
    done = subprocess.run(
        ["pulumi", "config", "set", "--secret", "--raw", "--path", path, "--stack", stack],
        cwd=ROOT,
        env=os.environ | variables,
        input=secret,
        text=True,
        capture_output=True,
        check=False,
    )
    if done.returncode != 0:
        raise Failure(f"the secret {path} cannot be encrypted: {done.stderr.strip()}. Nothing was changed.")
