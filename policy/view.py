"""The view: a server request as the document spells it, whoever wrote it and however.

A rule reads the same keys (`networks`, `fixed_ip`, `boot_index`, ...) for our component and for a raw instance; `path_of` answers with
the path that the author wrote. Reading a value that is not known yet raises `NotYetKnownError`, which makes a rule undetermined;
asking whether a value is *given* never does, because an output of another resource counts as given.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from policy.masking import Masked, Secrets
from policy.unknown import UNKNOWN, NotYetKnownError, Unknown

_PLAIN_KEY = re.compile(r"[A-Za-z_][\w:-]*\Z", re.ASCII)
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}\Z")
_YES = frozenset({"true", "on", "yes", "1"})
_NO = frozenset({"false", "off", "no", "0"})

Fields = Mapping[str, object]


def _as_written(path: str) -> str:
    return path


class View:
    """One object of the request: the server, a NIC, a disk, the hints.

    `path` is where its author wrote it ("" for the top of a raw resource). `fields` is None where the whole object is not known yet.
    """

    __slots__ = ("_fields", "_names", "_secrets", "path")

    def __init__(self, path: str, fields: Fields | None, names: Mapping[str, str], secrets: Secrets) -> None:
        self.path = path
        self._fields = fields
        self._names = names
        self._secrets = secrets

    def __repr__(self) -> str:
        return f"View({self.path!r})"

    def path_of(self, key: str) -> str:
        """Return where the author wrote `key`, or would have to write it."""
        written = self._names.get(key, key)
        # A rule that finds nothing asks too, and nearly always for what is an identifier.
        plain = (written.isascii() and written.isidentifier()) or _PLAIN_KEY.match(written)
        if not plain and "." not in written and "[" not in written:
            written = f'["{written}"]'
            return f"{self.path}{written}"
        return f"{self.path}.{written}" if self.path else written

    def given(self, key: str) -> bool:
        """Say whether `key` has a value; null, "", [] and {} count as absent, a value that is not known yet as given.

        Raises `NotYetKnownError` only where the whole object is unknown.
        """
        value = self._read(key)
        if isinstance(value, Masked):
            return value.length > 0 or not value.is_text
        if isinstance(value, View):
            return value._fields is None or bool(value._fields)
        return not (value is None or value in ("", []))

    @property
    def unknown(self) -> bool:
        """Whether the whole object is not known yet, so that nothing of it can be read."""
        return self._fields is None

    def known(self, key: str) -> bool:
        """Say whether reading `key` would answer; absent is known too."""
        if self._fields is None:
            return False
        value = self._fields.get(key)
        return value is not UNKNOWN and not (isinstance(value, View) and value._fields is None)

    def value(self, key: str) -> object:
        """Return the value, or None where there is none. Raises `NotYetKnownError` where it is not known yet."""
        # Nearly all of a rule's time is spent here, so it reads by itself.
        if self._fields is None:
            raise NotYetKnownError(self.path)
        value = self._fields.get(key)
        if value is UNKNOWN or (isinstance(value, View) and value._fields is None):
            raise NotYetKnownError(self.path_of(key))
        return value

    def at(self, key: str) -> View:
        """Return the object under `key`, an empty one where there is none, one whose every read raises where it is unknown."""
        value = self._read(key)
        if isinstance(value, View):
            return value
        return View(self.path_of(key), None if value is UNKNOWN else {}, {}, self._secrets)

    def each(self, key: str) -> Iterator[View]:
        """Yield the objects of a list, none where there is no list. Raises `NotYetKnownError` where the list is not known yet.

        An entry that is not known yet comes as a view whose every read raises; one that is not an object comes as an empty view.
        """
        value = self.value(key)
        if not isinstance(value, list):
            return
        path = self.path_of(key)
        for place, item in enumerate(value):
            if isinstance(item, View):
                yield item
            else:
                yield View(f"{path}[{place}]", None if item is UNKNOWN else {}, {}, self._secrets)

    def all_keys(self) -> list[str]:
        """Return the keys in the order they were written, null ones too. Raises `NotYetKnownError` on an unknown object."""
        if self._fields is None:
            raise NotYetKnownError(self.path)
        return list(self._fields)

    def shown(self, key: str) -> str:
        """Quote the known value of `key` for a message: one line, shortened, and never a secret."""
        return self._secrets.shown(self.value(key))

    def _read(self, key: str) -> object:
        if self._fields is None:
            raise NotYetKnownError(self.path)
        return self._fields.get(key)


@dataclass(frozen=True, slots=True)
class Request:
    """One server request.

    `server` and `hints` are the two objects of Table 2. `raw` says that the author wrote provider inputs instead of the
    documented body. `attaches` says that the disks which do not boot are
    attached after the creation, so that they are no part of the request that is sent. `top` holds what a rule needs
    of what stands beside the two objects.
    """

    server: View
    hints: View
    top: View
    raw: bool = False
    attaches: bool = False
    options: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    """What the pack's configuration says to each rule, by the restriction's id."""
    in_document: Callable[[str], str] = _as_written
    """How the document spells a path of the request, for the author of the component that made a native resource."""


def whole(value: object) -> int | None:
    """Read a whole number, quoted ("40") or as the engine's float (40.0). None for anything else, booleans too."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return int(value) if math.isfinite(value) and value.is_integer() else None
    if isinstance(value, str) and _WHOLE.match(value):
        return int(value)
    return None


def flag(value: object) -> bool | None:
    """Read a boolean, quoted ("False") or not. None for anything else."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        word = value.lower()
        return True if word in _YES else False if word in _NO else None
    return None


__all__ = ["UNKNOWN", "Fields", "NotYetKnownError", "Request", "Unknown", "View", "flag", "whole"]
