"""Values of the document as they are written, quoted or not: read, or refused with the restriction that they break.

What breaks no restriction but only the types of the native API is refused without one.
"""

from __future__ import annotations

import base64
import re
import uuid
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

from components.inputs import refuse

LONGEST = 255
LONGEST_USER_DATA = 65535
METADATA_KEY = re.compile(r"[a-zA-Z0-9-_:. ]{1,255}$")

_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_DEVICE = re.compile(r"[a-zA-Z0-9._/-]{1,255}$")
_YES = ("True", "TRUE", "true", "1", "ON", "On", "on", "YES", "Yes", "yes")
_NO = ("False", "FALSE", "false", "0", "OFF", "Off", "off", "NO", "No", "no")

Reader = Callable[[Any], Any]


def empty(value: Any) -> bool:
    """Whether a value says nothing: null, or an empty text, list or object."""
    return value is None or value in ("", [], {})


def whole(value: Any) -> int | None:
    """A whole number that may be quoted; None for anything else."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str):
        return int(value) if _WHOLE.fullmatch(value) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def number(restriction: str, wrong: str, fix: str, fits: Callable[[int], bool]) -> Reader:
    """A reader of whole numbers that may be quoted; it raises with the restriction for a value that does not fit."""

    def read(value: Any) -> int:
        found = whole(value)
        if found is None or not fits(found):
            raise refuse(restriction, wrong, fix)
        if isinstance(value, str) and value.startswith("+"):
            raise refuse(None, "has a sign", "Write the digits alone")
        return found

    return read


def flag(restriction: str | None) -> Reader:
    """A reader of booleans that may be quoted; it raises with the restriction for anything else."""

    def read(value: Any) -> bool:
        if isinstance(value, bool):
            return value
        known = (*_YES, *_NO)
        if not isinstance(value, str) or value.lower() not in known:
            raise refuse(restriction, "is neither true nor false", "Write true or false")
        if value not in known:
            raise refuse(None, "is in an odd mixture of capitals", "Write true or false")
        return value in _YES

    return read


def text(restriction: str | None, *, least: int = 0, most: int | None = None) -> Reader:
    """A reader of texts; it raises with the restriction for another type, without one for another length."""

    def read(value: Any) -> str:
        if not isinstance(value, str):
            raise refuse(
                None if empty(value) else restriction, "is not text", "Quote it if that is meant, or leave it out"
            )
        if len(value) < least or (most is not None and len(value) > most):
            raise refuse(None, f"has {len(value)} characters", f"Give it {least} to {most} characters")
        return value

    return read


def name(value: Any) -> Any:
    """A name, which the native API wants printable and without white space around it; raises with ECS-101 for no text."""
    if value is None:
        return value
    if not isinstance(value, str) or not 1 <= len(value) <= LONGEST:
        raise refuse("ECS-101", "is no text of 1 to 255 characters", "Give it a text of 1 to 255 characters")
    if value != value.strip() or not value.isprintable():
        raise refuse(None, "has white space around it, or unprintable characters", "Take these away")
    return value


def flavor(value: Any) -> Any:
    """A flavor's id or URL; an id of digits alone may be a number. None where nothing is given."""
    if empty(value):
        return None
    if isinstance(value, str):
        return value
    found = whole(value)
    if found is None:
        raise refuse("ECS-102", "is not text", "Name the flavor by its id, such as `s3.medium`, or its URL")
    return str(found)


def zone(value: Any) -> Any:
    """An availability zone; None where nothing is given."""
    return None if empty(value) else text("ECS-103", most=LONGEST)(value)


def port(value: Any) -> Any:
    """The id of a port; None for an empty text."""
    return _formed(text("ECS-302")(value), uuid.UUID, "is not a UUID", "Give the port's UUID")


def address(value: Any) -> Any:
    """An IP address; None for an empty text."""
    return _formed(text(None)(value), ip_address, "is not an IP address", "Give one of the network, or leave it out")


def _formed(value: str, form: Callable[[str], object], wrong: str, fix: str) -> str | None:
    if not value:
        return None
    try:
        form(value)
    except ValueError:
        raise refuse(None, wrong, fix) from None
    return value


def no_empty(value: Any) -> Any:
    """A list; raises, without a restriction, for another empty value, which says nothing."""
    if value in ("", {}):
        raise refuse(None, "is not a list", "Leave it out")
    return value


def device(value: Any) -> Any:
    """A device name."""
    if not isinstance(value, str) or not _DEVICE.match(value):
        raise refuse(None, "is no name of a device", "Leave it out: the system names the device")
    return value


def metadata(value: Any) -> Any:
    """The metadata, of which values and lengths are judged later; raises with ECS-118 for what is no object."""
    if not isinstance(value, dict):
        raise refuse("ECS-118", "is not an object of texts", "Give texts by text")
    for key in value:
        if 1 <= len(key) <= LONGEST and not METADATA_KEY.match(key):
            raise refuse(None, "has a key with other characters than letters, digits, `-_:.` and blanks", "Rename it")
    return value


def drive(value: Any) -> Any:
    """What is asked of the config drive: False, quoted or not, as clients say that always send the field, or what cannot be had."""
    if empty(value):
        raise refuse(None, "is neither true nor false", "Remove it")
    if value is False or (isinstance(value, str) and value.lower() in _NO):
        return flag(None)(value)
    return value


def user_data(value: Any) -> Any:
    """User data; raises with ECS-111 for what is not base64, in which line breaks alone count as nothing."""
    found = text("ECS-111", most=LONGEST_USER_DATA)(value)
    try:
        base64.b64decode(found.replace("\r", "").replace("\n", ""), validate=True)
    except ValueError:
        raise refuse("ECS-111", "is not base64", "Encode it") from None
    return value
