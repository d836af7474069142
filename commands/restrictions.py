"""`ecs restrictions`: the catalogue at a terminal, for programs, and as a page."""

from __future__ import annotations

import difflib
import json
import re
import sys
import textwrap
from typing import TYPE_CHECKING, Annotated, Any

import typer

from commands.failure import Failure

if TYPE_CHECKING:
    from components.restrictions import Restriction

app = typer.Typer(add_completion=False)

WIDTH = 100
"""How long a line of text may become where nobody says how wide the terminal is."""


@app.command()
def restrictions(
    restriction: Annotated[str, typer.Argument(metavar="[ID]", help="Show this one whole: ECS-302, or 302.")] = "",
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
    write_docs: Annotated[bool, typer.Option("--write-docs", help="Write docs/restrictions.md.")] = False,
) -> None:
    """List what the API's document refuses, ignores, asks for or cannot do, and where each is enforced."""
    if write_docs:
        if restriction or as_json:
            raise Failure("--write-docs writes the page of all restrictions. Leave the id and --json out.", 2)
        _write()
        return
    if restriction:
        row = _found(restriction)
        typer.echo(json.dumps(_whole(row), indent=2, ensure_ascii=False) if as_json else _shown(row))
        return
    if as_json:
        from components.restrictions import catalogue

        typer.echo(json.dumps([_fields(row) for row in catalogue().values()], indent=2, ensure_ascii=False))
        return
    _list()


def _write() -> None:
    from commands.restrictions_page import PAGE, text

    try:
        PAGE.write_text(text(), encoding="utf-8")
    except OSError as error:
        raise Failure(f"{PAGE} cannot be written: {error.strerror}.") from None
    typer.echo(f"Wrote {PAGE}")


def _found(asked: str) -> Restriction:
    from components.restrictions import catalogue

    wanted = asked.strip().upper()
    if re.fullmatch(r"[0-9]+", wanted):
        wanted = f"ECS-{wanted}"
    if wanted in catalogue():
        return catalogue()[wanted]
    near = difflib.get_close_matches(wanted, catalogue(), n=3, cutoff=0.8)
    hint = f"Did you mean {', '.join(near)}? " if near else ""
    raise Failure(f"there is no restriction {asked!r}. {hint}`ecs restrictions` lists them.", 2)


def _fields(row: Restriction) -> dict[str, Any]:
    from commands.restrictions_page import rules

    return {
        "id": row.id,
        "level": row.level,
        "sees": list(row.sees),
        "summary": row.summary,
        "met": row.met,
        "where": row.where,
        "quote": row.quote,
        "native_api": row.nova,
        "enforced": list(row.enforced),
        "exemptable": row.exemptable,
        "rules": [file.as_posix() for file, _ in rules().get(row.id, ())],
    }


def _whole(row: Restriction) -> dict[str, Any]:
    from commands.restrictions_page import rules
    from commands.restrictions_samples import sample

    own = [rule for _, rule in rules().get(row.id, ())]
    return {
        **_fields(row),
        "fixes": [rule.fix for rule in own],
        "samples": [said for rule in own if (said := sample(rule)) is not None],
    }


def _shown(row: Restriction) -> str:
    whole = _whole(row)
    quote = "(not in its words: it follows from the native OpenStack API)" if row.quote is None else row.quote
    exempt = "an exemption may let it pass" if row.exemptable else "cannot be exempted"
    lines = [
        ("restriction", row.summary),
        ("met", row.met),
        ("document", " ".join(quote.split())),
        ("place", row.where),
        ("level", row.level),
        ("decided by", ", ".join(row.sees)),
        ("enforced by", ", ".join(row.enforced)),
        ("exempt", exempt if "rule" in row.enforced else None),
        *(("rule", file) for file in whole["rules"]),
        *(("fix", f"{fix.rstrip('.')}.") for fix in whole["fixes"]),
        *(("sample", said) for said in whole["samples"]),
    ]
    return "\n".join([row.id, *(_labelled(label, text) for label, text in lines if text)])


def _labelled(label: str, text: str) -> str:
    start = f"  {label:<13}"
    wrapped = textwrap.wrap(text, WIDTH, initial_indent=start, subsequent_indent=" " * len(start),
                            break_long_words=False, break_on_hyphens=False)  # fmt: skip
    return "\n".join(wrapped)


def _list() -> None:
    from commands.restrictions_page import sections

    if sys.stdout.isatty():
        _table()
        return
    for title, rows in sections().items():
        typer.echo(f"{title}")
        for row in rows:
            typer.echo(f"  {row.id}  {row.level:<4}  {', '.join(row.enforced):<28}  {row.summary}")


def _table() -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    from commands.restrictions_page import sections

    console = Console(file=sys.stdout, highlight=False, markup=False, emoji=False)
    styles = {"must": "bold red", "warn": "yellow", "info": "bright_black"}
    for title, rows in sections().items():
        table = Table(title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD, pad_edge=False)
        for heading in ("id", "level", "enforced by"):
            table.add_column(heading, no_wrap=True)
        table.add_column("restriction")
        for row in rows:
            table.add_row(row.id, row.level, ", ".join(row.enforced), row.summary, style=styles[row.level])
        console.print(table)
    console.print("One whole, with what its rule says: ecs restrictions ECS-302", style="bright_black")
