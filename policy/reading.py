"""Inputs as the policy SDK hands them over, read once into plain dictionaries and lists.

The SDK's own containers raise on the first touch of an unknown value, which would end a rule and turn a mandatory one into a
note. Here an unknown becomes `UNKNOWN`, one value like any other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pulumi_policy.proxy import UnknownValueError

from policy.unknown import UNKNOWN


def plain(inputs: Mapping[str, object]) -> dict[str, object]:
    """Copy a resource's inputs, with `UNKNOWN` for whatever is not known before apply."""
    copied: dict[str, object] = {}
    for key in inputs:
        try:
            value = inputs[key]
        except UnknownValueError:
            value = UNKNOWN
        copied[key] = _plain(value)
    return copied


def _plain(value: object) -> object:
    if value is None or isinstance(value, str | bool | float | int):
        return value
    if isinstance(value, Mapping):
        return plain(value)
    if isinstance(value, Sequence):
        return [_plain(_item(value, place)) for place in range(len(value))]
    return value


def _item(items: Sequence[object], place: int) -> object:
    try:
        return items[place]
    except UnknownValueError:
        return UNKNOWN
