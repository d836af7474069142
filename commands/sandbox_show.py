"""`ecs sandbox show`: what is in the sandbox, as tables, as JSON, or as a page to keep."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NoReturn

import typer

from commands.places import SANDBOX

if TYPE_CHECKING:
    from rich.table import Table as Grid
    from rich.text import Text

    from sandbox.show.inventory import Inventory
    from sandbox.show.tables import Column, Table

_STYLES = {"well": "green", "busy": "yellow", "rest": "bright_black", "broken": "bold red"}
_ENDLESS = 100_000
"""A width in which nothing is wrapped or left out, for a file or another program."""
_BETWEEN = 3
"""How many columns of the terminal stand between two columns of a table, or around all of them."""


def show(
    kinds: Annotated[
        list[str] | None, typer.Argument(metavar="[KIND]...", help="Only these: servers, networks, disks, ...")
    ] = None,
    folder: Annotated[
        Path, typer.Option("--folder", help="Where its state is kept.", show_default=".ecs/sandbox")
    ] = SANDBOX,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write the page with the drawing to a file.")
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show what is in it, running or not. While it runs, a browser shows a drawing at its address."""
    from sandbox import daemon
    from sandbox.show.reader import NothingToShowError, read
    from sandbox.show.tables import tables

    try:
        inventory = read(folder)
    except NothingToShowError as error:
        _fail(str(error))
    every = {table.key: table for table in tables(inventory)}
    if unknown := [kind for kind in kinds or () if kind not in every]:
        raise typer.BadParameter(f"{unknown[0]!r} is none of: {', '.join(every)}", param_hint="KIND")
    now = daemon.status(folder)
    url = now.url if now.running else None
    if html is not None:
        _write(inventory, html)
    if as_json:
        typer.echo(json.dumps({"running": now.running, "url": url, **inventory.as_json()}))
    elif html is not None:
        typer.echo(f"Wrote {html}.")
    elif kinds:
        _print([every[kind] for kind in kinds])
    else:
        where = f"at {url}: open it in a browser for the drawing" if url else "stopped: this is what it remembers"
        typer.echo(f"Sandbox (profile {inventory.profile}), {where}.")
        _print([table for table in every.values() if table.rows])
        none = [table.title.lower() for table in every.values() if not table.rows]
        typer.echo(f"None: {', '.join(none)}." if none else "There is something of every kind.")


def _fail(text: str) -> NoReturn:
    typer.echo(f"error: {text}", err=True)
    raise typer.Exit(1)


def _write(inventory: Inventory, file: Path) -> None:
    from sandbox.show.page import content, page

    try:
        file.write_text(page(inventory, content(inventory), live=False), encoding="utf-8")
    except OSError as error:
        _fail(f"{file} cannot be written ({error.strerror}); name another file with --html")


def _print(shown: list[Table]) -> None:
    from rich.console import Console

    console = Console(file=sys.stdout, highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        for table in shown:
            typer.echo(_plain(_grid(table, list(table.columns))))
        return
    for table in shown:
        columns = [
            column
            for place, column in enumerate(table.columns)
            if not column.extra or any(row[place] for row in table.rows)
        ]
        hidden = []
        # What tells least goes first: the ids, at the right.
        while _natural_width(table, columns) > console.width and (extra := [one for one in columns if one.extra]):
            hidden.append(extra[-1].title)
            columns.remove(extra[-1])
        console.print(_grid(table, columns))
        if hidden:
            console.print(f"Too narrow for: {', '.join(reversed(hidden))}.\n", style="bright_black")


def _natural_width(table: Table, columns: list[Column]) -> int:
    """Return how wide a table is when nothing in it is wrapped."""
    return sum(_width(table, column) + _BETWEEN for column in columns)


def _width(table: Table, column: Column) -> int:
    from sandbox.show import text
    from sandbox.show.tables import lines

    place = table.columns.index(column)
    # A fault's message below a status is long and may be wrapped.
    counted = slice(1) if column.style == "status" else slice(None)
    return max(
        text.columns(line)
        for row in [(column.title,) * (place + 1), *table.rows]
        for line in lines(row[place])[counted]
    )


def _plain(grid: Grid) -> str:
    """Return a table for a file or another program: nothing wrapped, left out or padded at its end."""
    from rich.console import Console

    console = Console(file=io.StringIO(), width=_ENDLESS, highlight=False, markup=False, emoji=False)
    with console.capture() as captured:
        console.print(grid)
    return "\n".join(line.rstrip() for line in captured.get().rstrip().splitlines()) + "\n"


def _grid(table: Table, columns: list[Column]) -> Grid:
    from rich import box
    from rich.table import Table as Grid

    title = f"{table.title} ({len(table.rows):,})"
    grid = Grid(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        least = _width(table, column) if column.style == "status" else None
        justify: Literal["left", "right"] = "right" if column.style == "number" else "left"
        grid.add_column(column.title, justify=justify, overflow="fold", min_width=least)
    places = [table.columns.index(column) for column in columns]
    for row in table.rows:
        grid.add_row(*(_text(table.columns[place], row[place]) for place in places))
    return grid


def _text(column: Column, cell: str | tuple[str, ...]) -> Text:
    from rich.text import Text

    from sandbox.show.states import tone
    from sandbox.show.tables import lines

    found = lines(cell)
    if column.style != "status":
        return Text("\n".join(found))
    words = Text(found[0], style=_STYLES[tone(found[0])])
    return words.append("".join(f"\n{line}" for line in found[1:]), style="red")
