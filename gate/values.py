"""How a value of the engine's events is shown: never a secret, never a sentinel of the engine's."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gate.review import Property

SECRET = "[secret]"  # noqa: S105 - what stands in its place
LATER = "[known at creation]"
LONGEST = 120

UNKNOWNS = frozenset(
    {
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)
"""What the engine writes for a value that is not known yet, one a kind of value."""

_SIGNATURE, _OF_SECRET = "4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"
"""How the engine marks an object that stands for a secret inside a map."""

_ALWAYS = re.compile(r"^(admin_?pass(word)?|user_?data(_base64)?|personality)$", re.IGNORECASE)
_SOUNDS = re.compile(r"pass|secret|token|private|credential", re.IGNORECASE)
_SHORTEST = 6
_MISSING = object()


def is_secret(path: str) -> bool:
    """Whether a property is one that is never shown, by its name: the engine knows only what somebody marked as a secret."""
    keys = [key for key in re.split(r"[.\[\]\"]+", path) if key and not key.isdigit()]
    return any(_ALWAYS.match(key) or _SOUNDS.search(key) for key in keys)


def masked(value: Any, path: str = "") -> Any:
    """The value without what is secret in it, by its name or by the engine's mark, and without the engine's sentinels."""
    if (value is not None and is_secret(path)) or _is_marked(value):
        return SECRET
    if isinstance(value, str):
        return LATER if value in UNKNOWNS else value
    if isinstance(value, Mapping):
        return {key: masked(one, key) for key, one in value.items() if not str(key).startswith("__")}
    if isinstance(value, list):
        return [masked(one) for one in value]
    return value


def _is_marked(value: Any) -> bool:
    return isinstance(value, Mapping) and value.get(_SIGNATURE) == _OF_SECRET


def shown(value: Any, path: str) -> str | None:
    """One value as a short text; None for nothing."""
    if value is _MISSING or value is None:
        return None
    plain = masked(value, path)
    text = plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def differences(before: Any, after: Any, path: str = "") -> Iterator[Property]:
    """Every property in which two sets of inputs differ, as deep as both are maps or lists of one length."""
    if before == after:
        return
    before, after = (SECRET if _is_marked(one) else one for one in (before, after))
    if isinstance(before, Mapping) and isinstance(after, Mapping) and not is_secret(path):
        for key in [*before, *(key for key in after if key not in before)]:
            if not str(key).startswith("__"):
                inner = f"{path}.{key}" if path else str(key)
                yield from differences(before.get(key, _MISSING), after.get(key, _MISSING), inner)
        return
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for place, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from differences(old, new, f"{path}[{place}]")
        return
    kind: Any = "add" if before in (_MISSING, None) else "remove" if after in (_MISSING, None) else "change"
    old, new = shown(before, path), shown(after, path)
    if SECRET in (old, new):
        # What a secret was changed into may be the next secret.
        old, new = (None if one is None else SECRET for one in (old, new))
    yield Property(path=path, kind=kind, before=old, after=new)


_VIOLATION = re.compile(r"(violates plan: properties changed).*", re.DOTALL)


class Scrub:
    """Takes secrets out of a text: known ones, as they stand and as base64, and all values where the engine says that a plan is violated.

    The engine quotes the values of such properties in clear, also those of secrets. A text that is shorter than six characters is no
    secret to it.
    """

    __slots__ = ("__known",)

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = {one for one in secrets if len(one) >= _SHORTEST}
        known |= {base64.b64encode(one.encode()).decode() for one in known}
        self.__known = sorted(known, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        """The text, with `[secret]` in the place of each."""
        text = _VIOLATION.sub(r"\1 (their values are not shown)", text)
        for one in self.__known:
            text = text.replace(one, SECRET)
        return text
