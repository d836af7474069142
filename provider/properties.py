"""The engine's property maps as Python values, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from google.protobuf.struct_pb2 import Struct, Value

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What the engine sends for a value that is known only after apply."""

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
    struct.update({key: value for key, value in values.items() if value is not None})
    return struct


def unknown_in(value: Any) -> bool:
    """Whether any part of a value is not known yet."""
    if isinstance(value, dict):
        return any(unknown_in(one) for one in value.values())
    if isinstance(value, list):
        return any(unknown_in(one) for one in value)
    return bool(value == UNKNOWN)
