"""How long something lasts, as a person types it: `90s`, `90m`, `2h`, `1d`, `1h30m`."""

from __future__ import annotations

import re

from commands.failure import Failure

UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1}
_PART = re.compile(r"(\d{1,6})([dhms])")
_WHOLE = re.compile(r"(\d{1,6}d)?(\d{1,6}h)?(\d{1,6}m)?(\d{1,6}s)?", re.ASCII)


def seconds(text: str, option: str) -> float:
    """The seconds in a duration; raises `Failure` (2) that names the option."""
    if not text or not _WHOLE.fullmatch(text):
        raise Failure(f"{option}: {text!r} is no duration. Write a number and its unit, such as 90s, 90m, 2h or 1d.", 2)
    return float(sum(int(number) * UNITS[unit] for number, unit in _PART.findall(text)))


def told(duration: float) -> str:
    """A duration as a person says it: its two largest units."""
    left = int(max(duration, 0))
    parts: list[str] = []
    for unit, size in UNITS.items():
        count, left = divmod(left, size)
        if count or parts:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2]) or "0 s"
