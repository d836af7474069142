"""The page: one HTML file that needs nothing else, with the drawing, the quotas and every table."""

import base64
import hashlib
from pathlib import Path

from sandbox.clock import zulu
from sandbox.show.drawing import draw
from sandbox.show.inventory import Inventory, Quota
from sandbox.show.markup import Element, add, element, render
from sandbox.show.states import tone
from sandbox.show.tables import Cell, Column, Table, lines, tables

ROWS = 2000
"""So many rows of a table are on the page at most."""

_HERE = Path(__file__).parent
_STYLE = _HERE.joinpath("page.css").read_text(encoding="utf-8")
_SCRIPT = _HERE.joinpath("page.js").read_text(encoding="utf-8")
_ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E"
    "%3Crect x='1' y='2' width='14' height='12' rx='3' fill='%232f6fdb'/%3E%3C/svg%3E"
)
_METERS = {
    "instances": "Servers",
    "cores": "vCPUs",
    "ram": "RAM",
    "volumes": "Disks",
    "gigabytes": "Disk space",
    "port": "Ports",
    "floatingip": "Floating IPs",
}
_UNITS = {"ram": (" GiB", 1024), "gigabytes": (" GB", 1)}
"""The quotas that are no counts: the unit in which they are shown, and how many of theirs make one."""
_KEY = (
    "Upright bars are networks. A line is a NIC, with its fixed IP; a dashed line is a floating IP. "
    "A filled disk is one that boots. The grey label at the right of a server is its host."
)


def _digest(text: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def policy(*, live: bool = True) -> str:
    """Return the page's Content-Security-Policy: its own style and script, nothing from anywhere else."""
    style = f"default-src 'none'; style-src {_digest(_STYLE)}; img-src data:; base-uri 'none'; form-action 'none'"
    return f"{style}; script-src {_digest(_SCRIPT)}; connect-src 'self'" if live else style


def content(inventory: Inventory) -> str:
    """Return the changing part of the page, the element `main`."""
    every = tables(inventory)
    main = element("main", _contents(every), _meters(inventory))
    sheet = element("div", draw(inventory), class_="sheet", tabindex=0, role="region", aria_label="The drawing")
    add(main, element("h2", "Drawing", id="drawing"), sheet, element("p", _KEY, class_="key"))
    for table in every:
        add(main, *_table(table))
    return render(main)


def tag(main: str) -> str:
    """Return a short text that differs where the content does."""
    return hashlib.sha256(main.encode()).hexdigest()[:16]


def page(inventory: Inventory, main: str, *, live: bool) -> str:
    """Return the whole page around its content; one that is not `live` is a file to keep and tells its time."""
    title = "Sandbox"
    saved = f"As it was at {zulu(inventory.at)}"
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy(live=live)),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", title),
        element("link", rel="icon", href=_ICON),
    )
    pulse = element("span", "Reload to see what changed" if live else saved, id="pulse", role="status")
    header = element(
        "header", element("h1", title), element("span", f"profile {inventory.profile}", class_="tag"), pulse
    )
    # Style and script are hashed as they stand, so they must not pass through anything that escapes.
    script = f"<script>{_SCRIPT}</script>" if live else ""
    foot = render(element("footer", "A cloud to practise on. Nothing in it costs anything."))
    return (
        f'<!doctype html>\n<html lang="en" data-tag="{tag(main)}">'
        f"{render(head).removesuffix('</head>')}<style>{_STYLE}</style></head>\n"
        f"<body>{render(header)}\n{main}\n{foot}{script}</body></html>\n"
    )


def _contents(every: tuple[Table, ...]) -> Element:
    nav = element("nav", element("a", "Drawing", href="#drawing"), aria_label="On this page")
    for table in every:
        add(nav, element("a", f"{table.title} ({len(table.rows):,})", href=f"#{table.key}"))
    return nav


def _meters(inventory: Inventory) -> Element:
    found = {one.name: one for one in inventory.quotas}
    return element(
        "ul",
        *(_meter(title, found[name]) for name, title in _METERS.items() if name in found),
        class_="meters",
        aria_label="Quotas",
    )


def _meter(title: str, quota: Quota) -> Element:
    unit, scale = _UNITS.get(quota.name, ("", 1))
    used, limit = (f"{value / scale:,.{0 if value % scale == 0 else 1}f}" for value in (quota.used, quota.limit))
    amount = f"{used}{unit}, no limit" if quota.limit < 0 else f"{used} of {limit}{unit}"
    full = 0 <= quota.limit <= quota.used
    share = min(1.0, quota.used / quota.limit) if quota.limit > 0 else float(full)
    bar = element(
        "svg",
        element("rect", class_="track", width=100, height=5),
        element("rect", class_="fill", width=round(share * 100, 2), height=5),
        viewBox="0 0 100 5",
        preserveAspectRatio="none",
        aria_hidden="true",
    )
    words = element("b", amount + (", full" if full else ""))
    return element("li", title, words, bar, class_="full" if full else None)


def _table(table: Table) -> tuple[Element, ...]:
    heading = element("h2", f"{table.title} ({len(table.rows):,})", id=table.key)
    if not table.rows:
        return heading, element("p", "None.", class_="none")
    titles = (
        element("th", one.title, scope="col", class_="number" if one.style == "number" else None)
        for one in table.columns
    )
    body = element("tbody")
    for number, row in enumerate(table.rows[:ROWS]):
        anchor = f"row-{table.anchors[number]}" if table.anchors else None
        cells = (
            _cell(column, cell, place) for place, (column, cell) in enumerate(zip(table.columns, row, strict=True))
        )
        add(body, element("tr", *cells, id=anchor))
    rest = len(table.rows) - ROWS
    told = element("p", f"{rest:,} more are not listed here; `ecs sandbox show` lists all.", class_="none")
    inside = element("table", element("thead", element("tr", *titles)), body, aria_labelledby=table.key)
    frame = element("div", inside, class_="table", tabindex=0, role="region", aria_labelledby=table.key)
    return (heading, frame, told) if rest > 0 else (heading, frame)


def _kind(column: Column) -> str | None:
    # A text needs no class; with thousands of rows that is much less to send.
    return column.style if column.style in ("code", "number") else None


def _cell(column: Column, cell: Cell, place: int) -> Element:
    found = lines(cell)
    if column.style == "status":
        word = element("span", found[0], class_=f"word {tone(found[0])}")
        return element("td", word, *(element("div", one, class_="broken") for one in found[1:]))
    if place == 0:
        return element("th", found[0] or "(no name)", scope="row", class_=_kind(column))
    if len(found) == 1:
        return element("td", found[0], class_=_kind(column))
    return element("td", *(element("div", one) for one in found), class_=_kind(column))
