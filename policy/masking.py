"""Secrets are taken out of a request before any rule sees it.

The engine hands a policy every secret in clear. What a rule may know of one is a `Masked`: that it is there, how long it is, and
whether it reads as base64 - never its text.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass

from policy.unknown import UNKNOWN

_SECRET_METADATA = re.compile(r"pass|secret|token|private|credential", re.IGNORECASE)
_SHORTEST_RECOGNISED = 4
_LONGEST_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Masked:
    """What a rule may know of a secret.

    `length` counts characters (0 where the value is not text), `is_text` is False for a number or an object, `is_base64` says that
    the text decodes as base64, and `is_encoded_text` that what it decodes to is itself readable text or a gzip archive - so
    that somebody meant it to be base64.
    """

    length: int
    is_text: bool
    is_base64: bool
    is_encoded_text: bool

    def __str__(self) -> str:
        return "[secret]"

    __repr__ = __str__


class Secrets:
    """The texts that must not be quoted in a message. Its own representation shows none of them."""

    __slots__ = ("__texts",)

    def __init__(self) -> None:
        self.__texts: list[str] = []

    def mask(self, value: object) -> object:
        """Return what a rule may know of `value`: nothing is masked where nothing is given or nothing is known yet."""
        if value is None or value is UNKNOWN:
            return value
        if not isinstance(value, str):
            self.__remember(value)
            return Masked(length=0, is_text=False, is_base64=False, is_encoded_text=False)
        self.__remember(value)
        raw = _decoded(value)
        return Masked(
            length=len(value),
            is_text=True,
            is_base64=raw is not None,
            is_encoded_text=raw is not None and _reads_as_text(raw),
        )

    def shown(self, value: object) -> str:
        """Quote a value that somebody wrote, shortened and on one line; `[secret]` where it holds a known secret."""
        if isinstance(value, str):
            if any(secret in value for secret in self.__texts):
                return "[secret]"
            text = value if len(value) <= _LONGEST_SHOWN else value[:_LONGEST_SHOWN] + "..."
            return json.dumps(text)
        if isinstance(value, bool | int | float):
            number = int(value) if isinstance(value, float) and value.is_integer() else value
            return "[secret]" if str(number) in self.__texts else json.dumps(number)
        return "[secret]" if isinstance(value, Masked) else "a value of another shape"

    def __remember(self, value: object) -> None:
        if isinstance(value, str):
            if len(value) >= _SHORTEST_RECOGNISED:
                self.__texts.append(value)
        elif isinstance(value, Mapping):
            for inner in value.values():
                self.__remember(inner)
        elif isinstance(value, list):
            for inner in value:
                self.__remember(inner)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            self.__remember(f"{value:.0f}")

    def __repr__(self) -> str:
        return "Secrets()"


def mask_server(server: MutableMapping[str, object], secrets: Secrets) -> None:
    """Mask, in place, what is secret in a server spelled as the document spells it: password, user data, injected files."""
    for key in ("adminPass", "admin_pass", "user_data"):
        if key in server:
            server[key] = secrets.mask(server[key])
    metadata = server.get("metadata")
    if isinstance(metadata, MutableMapping):
        for key in metadata:
            if _SECRET_METADATA.search(str(key)):
                metadata[key] = secrets.mask(metadata[key])
    files = server.get("personality")
    for file in files if isinstance(files, list) else ():
        if isinstance(file, MutableMapping) and "contents" in file:
            file["contents"] = secrets.mask(file["contents"])


def _decoded(text: str) -> bytes | None:
    # Line breaks count as nothing: the client library that sends user data skips them when it asks "is this base64 already?"
    try:
        return base64.b64decode(text.replace("\r", "").replace("\n", "").encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        return None


def _reads_as_text(raw: bytes) -> bool:
    if raw.startswith(b"\x1f\x8b"):
        return True
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return all(character.isprintable() or character in "\t\r\n" for character in text)
