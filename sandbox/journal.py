"""The request log: one JSON object a line, every secret masked, written before the answer is sent."""

import json
import os
from pathlib import Path
from typing import Any

_BLOCK = 65_536


class Journal:
    """Appends to the file at `path`; None keeps the lines in `lines` only, for a test."""

    def __init__(self, path: Path | None) -> None:
        self.lines: list[dict[str, Any]] = []
        self._keep = path is None
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND
        self._file = -1 if path is None else os.open(path, flags, 0o600)
        if path is not None:
            self._mend()

    def append(self, entry: dict[str, Any]) -> None:
        """Write one line in one piece; what a kill leaves of one is cut off by the next start."""
        if self._keep:
            self.lines.append(entry)
        else:
            os.write(self._file, (json.dumps(entry, ensure_ascii=False) + "\n").encode())

    def _mend(self) -> None:
        # The kernel may stop in the middle of a long line when the process is killed; its request was not answered.
        end = start = os.fstat(self._file).st_size
        while start:
            start = max(0, start - _BLOCK)
            found = os.pread(self._file, _BLOCK, start).rfind(b"\n", 0, end - start)
            if found >= 0:
                os.ftruncate(self._file, start + found + 1)
                return
        os.ftruncate(self._file, 0)

    def close(self) -> None:
        """Let go of the file."""
        if not self._keep:
            os.close(self._file)
