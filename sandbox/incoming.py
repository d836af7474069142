"""What comes over the wire as a body: read up to a bound, and refused where it would trip those who read it later."""

import json
import re
from typing import Any, NoReturn

from starlette.requests import Request

from sandbox import lenient
from sandbox.glance.model import LARGEST_BYTES

LARGEST = 114_688
"""The largest body, in bytes, as OpenStack's services have it; the file of an image may be larger."""
_DISCARDED = 16 * 1024 * 1024
"""So much of a body that is too large is still read, so that the client has sent it and reads why it is refused."""
_DEEPEST = 64
"""How deep objects and lists may be nested."""
_HALF_PAIR = re.compile(rb"\\u[dD][89a-fA-F]")


class TooLargeError(Exception):
    """A body is larger than the bound."""


async def read(request: Request) -> bytes:
    """Return the body; raises `TooLargeError` for one beyond the bound, of which nothing is kept."""
    file = "octet-stream" in request.headers.get("content-type", "")
    most = LARGEST_BYTES if file and request.scope["path"].startswith("/image/") else LARGEST
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size <= most:
            parts.append(part)
        else:
            parts.clear()
        if size > most + _DISCARDED:
            break
    if size > most:
        raise TooLargeError
    return b"".join(parts)


def parse(raw: bytes, *, comments: bool) -> Any:
    """Return the JSON of a body, in which `comments` may stand; raises `ValueError` for what is none.

    Neither does it let through what Python reads but no other reader of JSON would: numbers without an end and halves of
    a character; nor what is nested too deep.
    """
    try:
        text = raw.decode(json.detect_encoding(raw))
        found = lenient.loads(text, _STRICT) if comments else _STRICT.decode(text)
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    if raw.count(b"[") + raw.count(b"{") > _DEEPEST:
        _check_depth(found)
    if _HALF_PAIR.search(raw):
        json.dumps(found, ensure_ascii=False).encode()
    return found


def _check_depth(found: Any) -> None:
    level = [found]
    for _ in range(_DEEPEST + 1):
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
    if level:
        raise ValueError("it is nested too deep")


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        _no_number(text)
    return number


_STRICT = json.JSONDecoder(parse_constant=_no_number, parse_float=_finite)
