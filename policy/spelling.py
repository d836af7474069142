"""From what was written to views in the document's words: what every form of a server shares."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from policy.masking import Secrets
from policy.unknown import UNKNOWN
from policy.view import View

NO_NAMES: Mapping[str, str] = MappingProxyType({})
"""The names of an object that is spelled as the document spells it."""


def respelled(
    written: Mapping[str, object], names: Mapping[str, str], instead: Mapping[str, str] = NO_NAMES
) -> tuple[dict[str, object], dict[str, str]]:
    """Return what was written under the document's keys, and how each was spelled; `instead` are spellings for want of the first."""
    fields = {key: written[name] for key, name in names.items() if name in written}
    spelling = dict(names)
    for key, other in instead.items():
        if fields.get(key) in (None, "") and written.get(other) not in (None, ""):
            fields[key], spelling[key] = written[other], other
    return fields, spelling


def objects(path: str, value: object, names: Mapping[str, str], instead: Mapping[str, str], secrets: Secrets) -> object:
    """Read a list of objects, each with its path; what is no object stays what it is."""
    if not isinstance(value, list):
        return value
    views: list[object] = []
    for place, item in enumerate(value):
        if isinstance(item, dict):
            fields, spelling = respelled(item, names, instead)
            views.append(View(f"{path}[{place}]", fields, spelling, secrets))
        else:
            views.append(item)
    return views


def as_object(path: str, value: object, secrets: Secrets) -> View:
    """Read one object, an empty one where there is none."""
    read = tree(path, value, secrets)
    return read if isinstance(read, View) else View(path, None if value is UNKNOWN else {}, NO_NAMES, secrets)


def tree(path: str, value: object, secrets: Secrets) -> object:
    """Read a value that is spelled as the document spells it, with the path of each object in it."""
    if isinstance(value, dict):
        return View(path, {k: tree(f"{path}.{k}", v, secrets) for k, v in value.items()}, NO_NAMES, secrets)
    if isinstance(value, list):
        return [tree(f"{path}[{place}]", item, secrets) for place, item in enumerate(value)]
    return value


def copied(value: object) -> object:
    """Copy objects and lists, so that secrets can be masked in place."""
    if isinstance(value, dict):
        return dict(value)
    if isinstance(value, list):
        return [copied(item) for item in value]
    return value
