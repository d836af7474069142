"""Whether a configuration of the pack (`--policy-pack-config`) says what its author meant.

The engine itself refuses a wrong level and a wrong value of an option, and takes a misspelt policy or option for one that is
not there: what was to be mandatory is then silently advisory. Here all of it is told, and offline.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from components.restrictions import catalogue
from policy.options import SPECIAL, properties

LEVEL = "enforcementLevel"
LEVELS = ("advisory", "mandatory", "disabled")
_SET_LEVEL = f"Use one of {', '.join(LEVELS)}"


class _WrongError(Exception):
    """Text that is no JSON for the engine, although Python would read it."""


def policies() -> tuple[str, ...]:
    """Return what a configuration can name: every policy of the pack, and `all`."""
    return ("all", *(row.id for row in catalogue().values() if "rule" in row.enforced), *SPECIAL)


def check(file: Path, name: str | None = None) -> list[str]:
    """Return what is wrong with a file, each with where, what and the fix; empty where nothing is. Never raises.

    `name` is how messages call the file, by default as it is given.
    """
    name = name or str(file)
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        return [f"{name}: cannot be read: {error.strerror}. Name a file that is there."]
    except UnicodeDecodeError:
        return [f"{name}: is not UTF-8. Save it as UTF-8."]
    return [f"{name}:{mistake}" for mistake in _mistakes(text)]


def _mistakes(text: str) -> Iterator[str]:
    if not text.strip():
        return
    try:
        found = json.loads(text, object_pairs_hook=_object, parse_constant=_constant)
    except json.JSONDecodeError as error:
        yield f"{error.lineno}: is not JSON: {error.msg}. Correct the text there."
        return
    except _WrongError as error:
        yield f" {error}"
        return
    except (RecursionError, ValueError):
        yield " is not JSON that can be read. Write one object, with a level for each policy."
        return
    if not isinstance(found, dict):
        yield " is not an object. Write the policies' names with a level each."
        return
    for policy, value in found.items():
        yield from (f" {mistake}" for mistake in _policy(policy, value))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key, value in pairs:
        if key in made:
            raise _WrongError(f"{_shown(key)}: is there twice. Keep one of them.")
        made[key] = value
    return made


def _constant(text: str) -> float:
    raise _WrongError(f"{text}: is not JSON. Write a number.")


def _shown(key: str) -> str:
    return key if key.isprintable() and key else json.dumps(key)


def _near(key: str, known: tuple[str, ...], otherwise: str) -> str:
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.7)
    return f"Did you mean {near[0]}?" if near else f"{otherwise}."


def _policy(policy: str, value: Any) -> Iterator[str]:
    where = _shown(policy)
    if policy not in policies():
        fix = _near(policy, policies(), f"Name a restriction (`ecs restrictions`), {', '.join(SPECIAL)}, or all")
        yield f"{where}: is no policy of the pack. {fix}"
        return
    if isinstance(value, str):
        value = {LEVEL: value}
    if not isinstance(value, dict):
        yield f"{where}: is neither a level nor an object. {_SET_LEVEL}."
        return
    options = properties(policy)
    for key, given in value.items():
        here = f"{where}.{_shown(key)}"
        if key == LEVEL:
            if given not in LEVELS:
                yield f"{where}: has no such level: {json.dumps(given)}. {_SET_LEVEL}."
        elif key not in options:
            known = (LEVEL, *options)
            listed = f"It has: {', '.join(known)}"
            yield f"{here}: is no option of {policy}. {_near(key, known, listed)}"
        else:
            yield from _option(here, options[key], given)


def _option(where: str, schema: dict[str, Any], given: Any) -> Iterator[str]:
    from jsonschema import Draft202012Validator

    for error in sorted(Draft202012Validator(schema).iter_errors(given), key=lambda one: list(map(str, one.path))):
        path = where + "".join(f"[{step}]" for step in error.path)
        yield f"{path}: {error.message}. It is {schema['description']}."
