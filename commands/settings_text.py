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
    made.width = 4096  # a long line stays as it was written
    made.brace_single_entry_mapping_in_flow_sequence = True
    made.indent(mapping=2, sequence=4, offset=2)
    return made


def dumped(document: Any) -> str:
    """A document as text."""
    text = StringIO()
    yaml().dump(document, text)
    return text.getvalue().rstrip("\n") + "\n"


def secret_command(environment: str, keys: tuple[str, ...]) -> str:
    """How a secret of an environment is set by hand; a name with dots in it is quoted, as the engine's paths want it."""
    path = keys[0] + "".join(f'["{key}"]' if "." in key else f".{key}" for key in keys[1:])
    return f"pulumi config set --secret --path 'ecs-stacks:{path}' --stack {environment}"


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
