"""Texts of users inside Markdown: shown as they are, unable to format, to break a table, to mention or to refer to anything."""

from __future__ import annotations

import re

from gate.reports.words import shorten

_NOTHING = "&#8203;"
"""A space without width: what stands around it is no mention and no reference any more."""

_MARKS = {one: f"&#{ord(one)};" for one in "\\`*_{}[]()<>#|&~:$!\"'^"}
_TABLE = str.maketrans(_MARKS)
_REFERS = re.compile(r"[@#](?=[0-9A-Za-z])|(?i:gh-)(?=\d)|(?i:www)(?=\.)|:(?=[0-9a-z_+-]*[a-z][0-9a-z_+-]*:)")
_LISTS = re.compile(r"^([0-9]+)([.)])")


def prose(text: str, most: int = 600) -> str:
    """Return `text` of at most `most` characters, without any meaning in Markdown or HTML.

    Character references cannot begin anything in Markdown, so they stand for whatever could.
    """
    text = shorten(text, most).strip()
    # What only refers after it was rendered is parted first: a reference to `@` is an `@` by then.
    parted = _REFERS.sub(lambda found: f"{found[0]}\u200b", text)
    safe = parted.translate(_TABLE).replace("\u200b", _NOTHING)
    if safe[:1] in "+-=":
        return f"&#{ord(safe[0])};{safe[1:]}" if safe else ""
    return _LISTS.sub(lambda found: f"{found[1]}&#{ord(found[2])};", safe)


def code(text: str, most: int = 120) -> str:
    """Return `text` in the letters of code, with as little meaning as in `prose`."""
    return f"<code>{prose(text, most) or '&#32;'}</code>"
