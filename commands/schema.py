"""`ecs schema`: the JSON Schemas of a stack's YAML, and of the reviews that `ecs gate` writes."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from commands.places import ROOT, STACKS

FILE = STACKS / "settings.schema.json"
REVIEWS = ROOT / "docs/review.schema.json"

app = typer.Typer(add_completion=False)


def text() -> str:
    """The schema as it stands in stacks/settings.schema.json."""
    from stacks.schema import schema

    return json.dumps(schema(), indent=2) + "\n"


@app.command()
def write(
    only_print: Annotated[bool, typer.Option("--print", help="Print the first one and change nothing.")] = False,
) -> None:
    """Write stacks/settings.schema.json, which editors check and complete a stack's YAML with, and docs/review.schema.json."""
    if only_print:
        typer.echo(text(), nl=False)
        return
    from gate.reports.json_report import schema_text

    for file, told in ((FILE, text()), (REVIEWS, schema_text())):
        file.write_text(told, encoding="utf-8")
        typer.echo(f"Wrote {file}")
