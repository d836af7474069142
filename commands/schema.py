"""`ecs schema`: the JSON Schema of a stack's YAML."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from commands.places import STACKS

FILE = STACKS / "settings.schema.json"

app = typer.Typer(add_completion=False)


def text() -> str:
    """The schema as it stands in stacks/settings.schema.json."""
    from stacks.schema import schema

    return json.dumps(schema(), indent=2) + "\n"


@app.command()
def write(
    only_print: Annotated[bool, typer.Option("--print", help="Print it and change nothing.")] = False,
) -> None:
    """Write stacks/settings.schema.json, which editors check and complete a stack's YAML with."""
    if only_print:
        typer.echo(text(), nl=False)
        return
    FILE.write_text(text(), encoding="utf-8")
    typer.echo(f"Wrote {FILE}")
