"""`ecs changes`: what a change of each argument does, at a terminal, for programs, and as a page."""

from __future__ import annotations

import difflib
import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from commands.failure import Failure

if TYPE_CHECKING:
    from components.ecs.changes import Change

app = typer.Typer(add_completion=False)


@app.command()
def changes(
    argument: Annotated[
        str, typer.Argument(metavar="[ARGUMENT]", help="Show this one alone: flavor_ref, or boot.")
    ] = "",
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
    write_docs: Annotated[bool, typer.Option("--write-docs", help="Write docs/changes.md.")] = False,
) -> None:
    """List what a change of each argument does to a server or a batch: in place, with a reboot, a rebuild, another one."""
    if write_docs:
        if argument or as_json:
            raise Failure("--write-docs writes the page of all changes. Leave the argument and --json out.", 2)
        _write()
        return
    found = _found(argument)
    if as_json:
        typer.echo(json.dumps([_fields(*one) for one in found], indent=2, ensure_ascii=False))
    elif sys.stdout.isatty():
        _table(found)
    else:
        for component, row in found:
            typer.echo(f"{component}.{row.argument}: {row.effect.value}: {row.how}")


def _write() -> None:
    from commands.changes_page import PAGE, text

    try:
        PAGE.write_text(text(), encoding="utf-8")
    except OSError as error:
        raise Failure(f"{PAGE} cannot be written: {error.strerror}.") from None
    typer.echo(f"Wrote {PAGE}")


def _found(argument: str) -> list[tuple[str, Change]]:
    from commands.changes_page import rows

    if found := rows(argument):
        return found
    known = sorted({row.argument for _, row in rows()})
    near = difflib.get_close_matches(argument, known, n=3, cutoff=0.6)
    hint = f"Did you mean {', '.join(near)}? " if near else ""
    raise Failure(f"there is no argument {argument!r}. {hint}`ecs changes` lists them.", 2)


def _fields(component: str, row: Change) -> dict[str, Any]:
    from components.ecs.changes import PROOFS

    return {
        "component": component,
        "argument": row.argument,
        "effect": row.effect.name.lower(),
        "means": row.effect.value,
        "how": row.how,
        "proof": f"{PROOFS}/{row.proof}",
    }


def _table(found: list[tuple[str, Change]]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    from components.ecs.changes import Effect

    styles = {Effect.REBOOT: "yellow", Effect.REBUILD: "bold red", Effect.REPLACE: "red", Effect.STATE: "bright_black"}
    console = Console(file=sys.stdout, highlight=False, markup=False, emoji=False)
    for name in dict.fromkeys(component for component, _ in found):
        table = Table(title=name, title_justify="left", title_style="bold", box=SIMPLE_HEAD, pad_edge=False)
        table.add_column("argument", no_wrap=True)
        for heading in ("effect", "how"):
            table.add_column(heading)
        for component, row in found:
            if component == name:
                table.add_row(row.argument, row.effect.value, row.how, style=styles.get(row.effect))
        console.print(table)
