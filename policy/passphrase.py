"""Secrets of an exported state, opened as the engine opens them where a passphrase encrypts them, or where they stand in clear.

The engine's form: AES-256-GCM, its key out of the passphrase by a million rounds of PBKDF2 with the salt that the state holds beside a
check. What another service encrypts (`hashivault://`, a KMS) only the engine can open.
"""

from __future__ import annotations

import hashlib
import json
import os
from base64 import b64decode
from binascii import Error
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

MARK = "4dabf18193072939515e22adb298388d"
"""The key by which the engine marks what is no plain value: a secret, a file, a reference."""

_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - the mark of one
_ROUNDS = 1_000_000
_CHECK = "pulumi"


class ClosedError(Exception):
    """What only the engine can open, or nobody."""


class Secrets:
    """Opens the secrets of one state, whose `secrets_providers` are given; the key is made when it is first needed."""

    def __init__(self, providers: object) -> None:
        self._providers = providers
        self._decrypt: Callable[[str], str] | None = None

    def opened(self, marked: Mapping[str, Any]) -> object:
        """The value of a marked object. Raises `ClosedError` where it is none of a secret, and where this process cannot open it."""
        clear, closed = marked.get("plaintext"), marked.get("ciphertext")
        if marked[MARK] != _SECRET or isinstance(clear, str) is isinstance(closed, str):
            raise ClosedError
        if not isinstance(clear, str):
            self._decrypt = self._decrypt or _decrypter(self._providers)
            clear = self._decrypt(str(closed))
        try:
            return json.loads(clear)
        except ValueError:
            raise ClosedError from None


def _decrypter(providers: object) -> Callable[[str], str]:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    if not isinstance(providers, Mapping) or providers.get("type") != "passphrase":
        raise ClosedError
    try:
        version, salt, check = providers["state"]["salt"].split(":", 2)
        key = AESGCM(hashlib.pbkdf2_hmac("sha256", _passphrase().encode(), b64decode(salt), _ROUNDS, 32))
    except (KeyError, TypeError, AttributeError, ValueError, OSError):
        raise ClosedError from None

    def decrypt(text: str) -> str:
        try:
            form, nonce, closed = text.split(":")
            if form != "v1":
                raise ClosedError
            return key.decrypt(b64decode(nonce), b64decode(closed), None).decode()
        except (ValueError, Error, InvalidTag):
            raise ClosedError from None

    if version != "v1" or decrypt(check) != _CHECK:
        raise ClosedError
    return decrypt


def _passphrase() -> str:
    """The passphrase of the documented environment. Raises `KeyError` or `OSError` where there is none."""
    stated = os.environ.get("PULUMI_CONFIG_PASSPHRASE")
    return (
        stated if stated is not None else Path(os.environ["PULUMI_CONFIG_PASSPHRASE_FILE"]).read_text("utf-8").strip()
    )
