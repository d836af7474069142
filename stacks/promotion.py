"""What differs between two environments' settings, and what the second one's own file must say so that it no longer does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from stacks.inheritance import INHERITS, is_secured

OWN = ("protection", "consent", "cells", "keeps", INHERITS)
"""The sections that are each environment's own."""

SECRET = ("admin_pass", "user_data", "user_data_base64")
"""The keys of a server or a batch that are secret, encrypted or not."""

KEPT = ("consent", "deletion_protection", "cell")
"""The keys of a thing that are each environment's own too."""

NOTHING: Any = object()
"""Where there is no value at all; None is one."""

Path = tuple[str, ...]


@dataclass(frozen=True)
class Difference:
    """One path at which two environments differ: its keys, and the values of both without any secret."""

    keys: Path
    change: Literal["added", "changed", "removed", "secret"]
    wanted: Any = NOTHING
    there: Any = NOTHING

    @property
    def path(self) -> str:
        """The path as a message shows it: `servers.web-1.flavor_ref`."""
        return ".".join(self.keys)


def differences(source: Mapping[str, Any], target: Mapping[str, Any]) -> list[Difference]:
    """What `target` lacks, has otherwise or has alone, in the order of the source; secrets only by their paths.

    Maps are compared key by key, lists and everything else whole. What is each environment's own is left out, and the cell of a thing
    that both have.
    """
    theirs, ours = _named(source, target), _named(target, source)
    return list(_between(theirs, ours, (), bool(target.get("cells"))))


def _named(sections: Mapping[str, Any], others: Mapping[str, Any]) -> dict[str, Any]:
    """The sections that are compared: one that only the other environment has is empty here, so that it is compared name by name."""
    names = (*sections, *(name for name in others if name not in sections))
    return {name: sections.get(name, {}) for name in names if name not in OWN}


def _between(source: Mapping[str, Any], target: Mapping[str, Any], way: Path, divided: bool) -> Iterator[Difference]:
    for key in (*source, *(key for key in target if key not in source)):
        keys = (*way, str(key))
        wanted, there = source.get(key, NOTHING), target.get(key, NOTHING)
        if _is_own(keys):
            continue
        if _hides(wanted, keys) or _hides(there, keys):
            if wanted is not NOTHING and not _hides(there, keys):
                yield Difference(keys, "secret")
        elif wanted is NOTHING:
            yield Difference(keys, "removed", there=_open(there, keys, keep_cell=True))
        elif isinstance(wanted, Mapping) and isinstance(there, Mapping):
            yield from _between(wanted, there, keys, divided)
        elif there is NOTHING or not _equal(wanted, there):
            change: Literal["added", "changed"] = "added" if there is NOTHING else "changed"
            yield Difference(keys, change, _open(wanted, keys, keep_cell=divided), _open(there, keys, keep_cell=True))
            yield from (Difference(path, "secret") for path in _secrets(wanted, keys))


def _is_own(keys: Path) -> bool:
    """Whether this is a key of a server, a batch or a disk that each environment states for itself."""
    match keys:
        case ("servers" | "batches" | "disks", _, key):
            return key in KEPT
    return False


def _hides(value: Any, keys: Path) -> bool:
    """Whether a value is a secret, or a list with one in it, which can only be taken whole."""
    if value is NOTHING:
        return False
    if is_secured(value) or (isinstance(value, list) and _has_secret(value, keys)):
        return True
    launched = keys[:1] in {("servers",), ("batches",)}
    inside = keys[2:]
    return launched and ((len(inside) == 1 and inside[0] in SECRET) or inside == ("metadata", "admin_pass"))


def _has_secret(value: Any, keys: Path) -> bool:
    if isinstance(value, Mapping):
        return any(_hides(one, (*keys, str(key))) or _has_secret(one, (*keys, str(key))) for key, one in value.items())
    return isinstance(value, list) and any(is_secured(one) or _has_secret(one, ()) for one in value)


def _secrets(value: Any, keys: Path) -> Iterator[Path]:
    """The paths of the secrets in a value."""
    if isinstance(value, Mapping):
        for key, one in value.items():
            inner = (*keys, str(key))
            if _hides(one, inner):
                yield inner
            else:
                yield from _secrets(one, inner)


def _open(value: Any, keys: Path, *, keep_cell: bool) -> Any:
    """The value without its secrets."""
    if not isinstance(value, Mapping):
        return value
    kept = {}
    for key, one in value.items():
        inner = (*keys, str(key))
        if not _hides(one, inner) and (not _is_own(inner) or (keep_cell and key == "cell")):
            kept[key] = _open(one, inner, keep_cell=keep_cell)
    return kept


def _equal(one: Any, other: Any) -> bool:
    """Equal as YAML means it: true is not 1."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_equal, one, other))
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_equal(one[key], other[key]) for key in one)
    return type(one) is type(other) and bool(one == other)


def needed(inherited: Any, wanted: Any) -> Any:
    """The least that a file must say so that, merged over what it inherits, there is what is wanted.

    `NOTHING` where that is there already.
    """
    if inherited is NOTHING:
        return wanted
    if not (isinstance(inherited, Mapping) and isinstance(wanted, Mapping)):
        return NOTHING if _equal(inherited, wanted) else wanted
    said = {}
    for key, value in wanted.items():
        inner = needed(inherited.get(key, NOTHING), value)
        if inner is not NOTHING:
            said[key] = inner
    said |= {key: None for key in inherited if key not in wanted}
    return said or NOTHING


def put(own: Any, inherited: Mapping[str, Any], difference: Difference) -> None:
    """Let a file's own sections say what the difference wants there: `own` is changed in place and keeps everything else as it is."""
    *way, last = difference.keys
    here: Any = own
    below: Any = inherited
    passed = []
    for key in way:
        below = below.get(key, NOTHING) if isinstance(below, Mapping) else NOTHING
        if not isinstance(here.get(key), Mapping):
            here[key] = {}
        passed.append((here, key, below))
        here = here[key]
    under = below.get(last, NOTHING) if isinstance(below, Mapping) else NOTHING
    said = needed(under, difference.wanted)
    if difference.change == "removed" and under is not NOTHING:
        said = None
    if said is not NOTHING:
        here[last] = said
        return
    here.pop(last, None)
    for around, key, below in reversed(passed):
        if not around[key] and isinstance(below, Mapping):
            del around[key]  # it would say no more than what is inherited


def secrets_in(sections: Mapping[str, Any]) -> list[Path]:
    """The paths of all secrets in sections, encrypted or not."""
    return list(_secrets(sections, ()))
