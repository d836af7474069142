"""The request log: one JSON object a line, every secret masked, written before the answer is sent."""

import json
import os
from pathlib import Path
from typing import Any


class Journal:
    """Appends to the file at `path`; None keeps the lines in `lines` only, for a test."""

    def __init__(self, path: Path | None) -> None:
        self.lines: list[dict[str, Any]] = []
        self._keep = path is None
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        self._file = -1 if path is None else os.open(path, flags, 0o600)

    def append(self, entry: dict[str, Any]) -> None:
        """Write one line in one piece, so that a kill leaves the whole of it or nothing."""
        if self._keep:
            self.lines.append(entry)
        else:
            os.write(self._file, (json.dumps(entry, ensure_ascii=False) + "\n").encode())

    def close(self) -> None:
        """Let go of the file."""
        if not self._keep:
            os.close(self._file)
