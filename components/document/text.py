"""The text of a request: JSON, in which the document's own example has a `//` comment."""

from __future__ import annotations

import json
import re
from typing import Any

from components.problems import ArgumentError, Problem

STRING_OR_COMMENT = re.compile(r'"(?:\\.|[^"\\])*"|//[^\n]*')
NEXT_KEY = re.compile(r'"\w[\w:.-]*"\s*:')


def parse(text: str, path: str) -> dict[str, Any]:
    """The JSON object in `text`; comments run to the end of their line.

    Where that is no JSON, as in the document's second example, whose lines were joined, a comment ends before the next key. Raises
    `ArgumentError` with line and column under `path`.
    """
    try:
        found = json.loads(_without_comments(text, to_line_end=True))
    except ValueError as error:
        try:
            found = json.loads(_without_comments(text, to_line_end=False))
        except ValueError:
            where = f"line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else "text"
            raise ArgumentError([Problem(f"{path}: {where}", "is not JSON", "Correct the text there")]) from None
    if not isinstance(found, dict):
        raise ArgumentError([Problem(path, "is not a JSON object", "Give the body of the create request, `{...}`")])
    return found


def _without_comments(text: str, *, to_line_end: bool) -> str:
    """The text with each comment blanked, so that lines and columns stay."""
    pieces, position = [], 0
    while match := STRING_OR_COMMENT.search(text, position):
        start, end = match.span()
        if match[0].startswith("//"):
            key = None if to_line_end else NEXT_KEY.search(text, start, end)
            end = key.start() if key else end
            pieces.append(text[position:start] + " " * (end - start))
        else:
            pieces.append(text[position:end])
        position = end
    return "".join(pieces) + text[position:]
