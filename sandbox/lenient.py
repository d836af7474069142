"""Reading what the document's examples write: comments in JSON, numbers and booleans in quotes."""

import json
import re
import sys
from typing import Any


class MisreadError(ValueError):
    """A value is not what it should be; the message quotes it."""


_LONGEST = 1_000
"""How long a number in quotes may be: Python itself refuses to read one of more than a few thousand digits."""
_TRUE = frozenset({"true", "on", "yes", "1", "y", "t"})
_FALSE = frozenset({"false", "off", "no", "0", "n", "f", ""})
# A comment that begins outside of a string: (a whole string) or (a comment). A string without an end is passed over in
# one step as well, or every quote in it would be tried for the beginning of one.
_TO_LINE_END = re.compile(r'("(?:[^"\\]|\\.)*+"?)|//[^\n]*')
# The same, but it ends where the next key or the end of the object begins.
_TO_NEXT_KEY = re.compile(r'("(?:[^"\\]|\\.)*+"?)|//[^\n]*?(?="[\w:.\- ]+"\s*:|[}\]]|\n|$)')


_PLAIN = json.JSONDecoder()


def loads(text: str | bytes, decoder: json.JSONDecoder = _PLAIN) -> Any:
    """Read JSON in which `//` comments are allowed, even when a line break after the comment was lost.

    Raises `ValueError` where the text is not JSON either way.
    """
    if isinstance(text, bytes):
        text = text.decode()
    try:
        return decoder.decode(text)
    except ValueError as plain:
        if "//" not in text:
            raise
        for pattern in (_TO_LINE_END, _TO_NEXT_KEY):
            try:
                return decoder.decode(pattern.sub(lambda found: found.group(1) or "", text))
            except ValueError:
                continue
        raise plain from None


def count(text: str) -> int:
    """Read a text of digits as how many of something are wanted: one that is too long to be read means more than any."""
    return int(text) if len(text) <= _LONGEST else sys.maxsize


def boolean(value: Any) -> bool:
    """Read a boolean that may be quoted; raises `MisreadError` for anything else."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in _TRUE:
        return True
    if value is None or (isinstance(value, str) and value.strip().lower() in _FALSE):
        return False
    raise MisreadError(f"{value!r} is not a boolean")


def integer(value: Any) -> int:
    """Read a whole number that may be quoted; raises `MisreadError` for anything else, booleans too."""
    if isinstance(value, bool):
        raise MisreadError(f"{value!r} is not an integer")
    if isinstance(value, int):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and len(value) <= _LONGEST and re.fullmatch(r"\s*-?[0-9]+\s*", value):
        return int(value)
    raise MisreadError(f"{value!r} is not an integer")
