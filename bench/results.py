"""The table of results: rows of one measurement, and the file that keeps the last one."""

import os
import platform
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median

FILE = Path(__file__).with_name("RESULTS.md")


Measured = list[list[float]]
"""The values of what is measured, and those of its peer."""


@dataclass(frozen=True)
class Row:
    """One thing measured in `unit`, several times each: of what is measured, and of its peer."""

    what: str
    number: str
    unit: str
    target: str
    values: Measured
    how: str

    def text(self) -> str:
        """Return the row in Markdown."""
        ours, peer = self.values
        ratio = f"{median(ours) / median(peer):.2f}" if median(peer) else ""
        cells = (self.what, self.number, self.unit, self.target, _spread(ours), _spread(peer), ratio, self.how)
        return "| " + " | ".join(cells) + " |"


def _spread(values: list[float]) -> str:
    if len(values) == 1:
        return _plain(values[0])
    return " / ".join(_plain(one) for one in (min(values), median(values), max(values)))


def _plain(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"  # noqa: PLR2004 - three digits


def table(rows: list[Row], ours: str, peer: str) -> str:
    """Return the rows with their heading, which names what is measured and its peer."""
    head = f"| what | N | in | target | {ours} | {peer} | ratio | how |\n|---|---|---|---|---|---|---|---|"
    return "\n".join([head, *(row.text() for row in rows)])


def circumstances(load_before: tuple[float, ...], named: Iterable[str]) -> str:
    """Return when, on what (with the versions of the libraries that are named) and under which load it was measured."""
    libraries = [f"{name} {version(name)}" for name in named]
    versions = ", ".join([f"Python {platform.python_version()}", *libraries])
    loads = " then ".join(f"{load[0]:.2f}" for load in (load_before, os.getloadavg()))
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores ({_processor()}), {sys.platform}; {versions}; "
        f"load of the machine {loads}."
    )


def _processor() -> str:
    try:
        found = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
    except OSError:
        found = None
    return found.group(1).strip() if found else platform.machine()


def write(title: str, text: str) -> None:
    """Replace the section `title` of the results by `text`; the others stay."""
    old = FILE.read_text(encoding="utf-8") if FILE.exists() else "# What it costs\n\nWritten by `make bench`.\n"
    section = f"## {title}\n\n{text}\n"
    pattern = re.compile(rf"^## {re.escape(title)}\n.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
    new = pattern.sub(lambda _: section, old) if pattern.search(old) else f"{old.rstrip()}\n\n{section}"
    FILE.write_text(new, encoding="utf-8")


def publish(title: str, text: str, *, only_print: bool) -> None:
    """Print a section, and keep it among the results unless it is only to be printed."""
    if not only_print:
        write(title, text)
    sys.stdout.write(f"{text}\n")
