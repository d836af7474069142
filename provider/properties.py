"""The engine's property maps as Python values, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from google.protobuf.struct_pb2 import Struct, Value

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What the engine sends for a value that is known only after apply."""

SIGNATURE, SECRET_SIGNATURE = "4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"
"""How the engine's protocol marks a value as a secret."""

SECRET = ("adminPass", "user_data")
SECRET_METADATA = "admin_pass"  # noqa: S105 - a name
"""The password of a Windows server stands in its metadata; a cloud may not show it again."""

Properties = dict[str, Any]


def read(struct: Struct) -> Properties:
    """A property map as a dict: whole numbers are ints, an absent value is left out."""
    return {key: _plain(value) for key, value in struct.fields.items() if value.WhichOneof("kind") != "null_value"}


def _plain(value: Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return read(value.struct_value)
    if kind == "list_value":
        return [_plain(one) for one in value.list_value.values]
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    if kind == "null_value" or kind is None:
        return None
    return getattr(value, kind)


def written(values: Mapping[str, Any]) -> Struct:
    """A dict as a property map; None is left out."""
    struct = Struct()
    struct.update({key: value for key, value in guarded(values).items() if value is not None})
    return struct


def guarded(values: Mapping[str, Any]) -> Properties:
    """The same, with what is secret marked so for the engine, whether its author marked it or not."""
    found = {key: _secret(value) if key in SECRET and value is not None else value for key, value in values.items()}
    metadata = found.get("metadata")
    if isinstance(metadata, dict) and isinstance(metadata.get(SECRET_METADATA), str):
        found["metadata"] = metadata | {SECRET_METADATA: _secret(metadata[SECRET_METADATA])}
    return found


def _secret(value: Any) -> Any:
    return value if value == UNKNOWN else {SIGNATURE: SECRET_SIGNATURE, "value": value}


def unknown_in(value: Any) -> bool:
    """Whether any part of a value is not known yet."""
    if isinstance(value, dict):
        return any(unknown_in(one) for one in value.values())
    if isinstance(value, list):
        return any(unknown_in(one) for one in value)
    return bool(value == UNKNOWN)
