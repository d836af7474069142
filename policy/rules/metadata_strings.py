"""Metadata keys and values are strings of at most 255 characters."""

from __future__ import annotations

from collections.abc import Iterator

from policy.masking import Masked
from policy.rule import Finding, Outcome, Rule, settled
from policy.view import Request, View

LONGEST = 255


def check(request: Request) -> Iterator[Outcome]:
    """Refuse keys and values that are no strings, or too long. Values are never quoted."""
    server = request.server
    if server.value("metadata") is None:
        return
    if not isinstance(server.value("metadata"), View):
        yield Finding(server.path_of("metadata"), "is not an object of strings")
        return
    metadata = server.at("metadata")
    for key in metadata.all_keys():
        yield from settled(_entry(metadata, key))


def _entry(metadata: View, key: str) -> Iterator[Finding]:
    if not 1 <= len(key) <= LONGEST:
        yield Finding(metadata.path, f"has a key of {len(key)} characters")
        return
    value = metadata.value(key)
    length = (
        value.length if isinstance(value, Masked) and value.is_text else len(value) if isinstance(value, str) else None
    )
    if length is None:
        yield Finding(metadata.path_of(key), "is not a string")
    elif length > LONGEST:
        yield Finding(metadata.path_of(key), f"has {length} characters")


RULE = Rule(id="ECS-118", check=check, fix="Use strings of at most 255 characters, and keys of 1 to 255")
