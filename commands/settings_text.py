"""A settings file written by a command: its comments and order stay, and it is never half there."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any


def yaml() -> Any:
    """A reader and writer of YAML that keeps comments, quotes and order."""
    from ruamel.yaml import YAML

    made = YAML()
    made.preserve_quotes = True
    made.width = 140
    made.indent(mapping=2, sequence=4, offset=2)
    return made


def dumped(document: Any) -> str:
    """A document as text."""
    text = StringIO()
    yaml().dump(document, text)
    return text.getvalue().rstrip("\n") + "\n"


def beside(file: Path) -> Path:
    """Where the new text of a file stands until it takes the file's place."""
    return file.with_name(f".{file.name}.new")


def replace(file: Path, text: str) -> None:
    """Put a text in a file's place at once, with the file's own mode."""
    new = beside(file)
    new.write_text(text, encoding="utf-8")
    if file.exists():
        new.chmod(file.stat().st_mode & 0o777)
    new.replace(file)
