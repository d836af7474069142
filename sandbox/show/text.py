"""Text that comes from users, made safe to look at, and how wide it will be."""

import unicodedata
from collections.abc import Callable

_WIDE = frozenset("WF")
_BREADTHS = dict.fromkeys("MW@%m…", 1.6) | dict.fromkeys("w", 1.4) | dict.fromkeys("iljI.,:;'|! ", 0.6)


def visible(text: str) -> str:
    r"""Return `text` with everything that has no glyph spelled out (`\x1b`, `\u202e`).

    A name may hold escape sequences, marks that turn the direction of writing, or half of a character.
    """
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in text)


def columns(text: str) -> int:
    """Return how many columns `text` takes in a fixed-width font; wide characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(one) else 2 if unicodedata.east_asian_width(one) in _WIDE else 1 for one in text
    )


def breadth(text: str) -> float:
    """Return about how wide `text` is in a font whose letters differ, as a multiple of its common letters' width."""
    return sum(_BREADTHS.get(one, 1.15 if one.isupper() else 1.6 if columns(one) > 1 else 1.0) for one in text)


def shorten(text: str, most: float, measure: Callable[[str], float] = columns) -> str:
    """Return `text` no wider than `most`, with an ellipsis in its middle where it is longer: ends tell apart.

    `measure` tells how wide a text is; `most` is at least 3.
    """
    text = visible(text)
    if measure(text) <= most:
        return text
    half = (most - measure("…")) / 2
    head = list(text)
    tail: list[str] = []
    while measure("".join(head)) > half + 0.5:
        head.pop()
    rest = list(text[len(head) :])
    room = most - measure("…") - measure("".join(head))
    while rest and measure("".join(tail)) + measure(rest[-1]) <= room:
        tail.insert(0, rest.pop())
    return "".join(head) + "…" + "".join(tail)


def wrap(text: str, width: int, lines: int) -> list[str]:
    """Return `text` in at most `lines` lines of `width` columns; the last one is shortened if it is too long."""
    found: list[str] = []
    rest = visible(text)
    while rest:
        if columns(rest) <= width or len(found) == lines - 1:
            found.append(shorten(rest, width) if columns(rest) > width else rest)
            break
        place = rest.rfind(" ", 1, width + 1)
        cut = place if place > 0 else width
        found.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return found


def several(count: int, one: str, many: str = "") -> str:
    """Return the number with its noun: `1 server`, `1,000 servers`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
