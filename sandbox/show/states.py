"""What a status means to whoever looks: well, under way, at rest or broken."""

from typing import Literal

Tone = Literal["well", "busy", "rest", "broken"]

TONES: tuple[Tone, ...] = ("well", "rest", "busy", "broken")
"""Every tone, the one to look at first at the end."""

_WELL = frozenset({"active", "available", "in-use"})
_REST = frozenset({"shutoff", "paused", "suspended", "shelved", "shelved_offloaded", "down", "rescue", "soft_deleted"})


def tone(status: str) -> Tone:
    """Return the tone of a status of Nova, Cinder or Neutron; one that is not known is under way."""
    word = status.partition(" ")[0].lower()
    if word.startswith("error"):
        return "broken"
    if word in _WELL:
        return "well"
    return "rest" if word in _REST else "busy"
