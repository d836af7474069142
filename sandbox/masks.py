"""Secrets, replaced by something that proves equality without telling the value.

A mask is the HMAC-SHA256 of the value under a key that never leaves the sandbox's folder: whoever holds the key can
check that the value that arrived is the one that was meant, nobody can read it back.
"""

import hashlib
import hmac
import secrets
from pathlib import Path
from typing import Any

SECRET_KEYS = frozenset(
    {
        "admin_pass",
        "adminpass",
        "admin_password",
        "contents",
        "original_password",
        "password",
        "private_key",
        "secret",
        "token",
        "user_data",
    }
)
"""Keys of a request's body, in lower case, whose values are never written anywhere."""


class Masks:
    """Masks values under one key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def text(self, value: str) -> str:
        """Return the mask of `value`: `hmac-sha256:` and 64 hexadecimal digits."""
        return "hmac-sha256:" + hmac.new(self._key, value.encode(), hashlib.sha256).hexdigest()

    def body(self, value: Any) -> Any:
        """Return a copy of a JSON value in which every secret is `{"masked": "hmac-sha256:..."}`."""
        if isinstance(value, dict):
            return {key: self._field(key, item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.body(item) for item in value]
        return value

    def _field(self, key: str, value: Any) -> Any:
        if key.lower() not in SECRET_KEYS or value is None:
            return self.body(value)
        if isinstance(value, dict):
            # Keystone nests: {"password": {"user": {"password": ...}}}, {"token": {"id": ...}}
            return {
                k: self._field("secret", v) if k == "id" and key == "token" else self._field(k, v)
                for k, v in value.items()
            }
        return {"masked": self.text(value if isinstance(value, str) else repr(value))}


def load(path: Path) -> Masks:
    """Read the key at `path`, made with mode 0600 if it is not there yet."""
    if not path.exists():
        write_private(path, secrets.token_hex(32))
    return Masks(bytes.fromhex(path.read_text(encoding="ascii").strip()))


def write_private(path: Path, text: str) -> None:
    """Write `text` to `path` so that no other user can read it and a crash leaves the old file or the new one."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    draft.touch(mode=0o600, exist_ok=False)
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)
