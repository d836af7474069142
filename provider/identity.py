"""Which state a run works on: part of every marker, so that two states that know the same names never share a server."""

from __future__ import annotations

import hashlib
import json
import os
import uuid
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

FILE = "ecs-stacks-state-id"


def of_state() -> str:
    """A text that is the same for every run on one state, wherever it runs, and another for any other state.

    A folder's (`file://`) is kept in the folder itself, so that it moves with the state; any other backend's is its address.
    """
    url = os.environ.get("PULUMI_BACKEND_URL") or _logged_in()
    if not url.startswith("file://"):
        parts = urlsplit(url)
        # One database may hold several states, each in a table of its own; nothing else behind `?` tells states apart.
        table = dict(parse_qsl(parts.query)).get("table")
        return f"{parts.scheme}://{parts.hostname or ''}{parts.path}{f'?table={table}' if table else ''}"
    place = unquote(url.removeprefix("file://")).partition("?")[0]
    folder = Path(place).expanduser() / ".pulumi"
    try:
        return _kept(folder / FILE)
    except OSError:
        return url


def _logged_in() -> str:
    home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    try:
        current = json.loads((home / "credentials.json").read_text(encoding="utf-8")).get("current")
    except (OSError, ValueError):
        current = None
    return str(current or "")


def _kept(file: Path) -> str:
    if not file.is_file():
        file.parent.mkdir(parents=True, exist_ok=True)
        ident = uuid.uuid4().hex
        # A name of its own: another thread that wrote to the same file would change what is linked already.
        fresh = file.with_name(f"{FILE}.{ident}")
        fresh.write_text(ident, encoding="utf-8")
        try:
            # A link fails where another run was first; its text is the one that holds.
            os.link(fresh, file)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return file.read_text(encoding="utf-8").strip()


def digest(*parts: str) -> str:
    """32 hexadecimal digits for these texts."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
