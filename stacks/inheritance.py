"""Settings that a stack inherits: files beside its own, merged key by key."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, reduce
from pathlib import Path
from typing import Any

import yaml

from components.problems import ArgumentError, Problem
from stacks.lines import line_in

PROJECT = "ecs-stacks"
INHERITS = "inherits"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
OWN_ONLY = ("openstack", "pulumi", "ecs")
"""The namespaces that the engine and its plugins read, out of a stack's own file alone."""


@dataclass(frozen=True)
class Layer:
    """One file of settings: where it is, how a message calls it, and its sections by name."""

    file: Path
    shown: str
    sections: Mapping[str, Any]


class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # libyaml where it is built in: ten times as fast
    """Reads YAML as the engine does: `yes` and dates are text, which PyYAML would take for true and for a date."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012


for _tag, _pattern, _starts in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("null", r"~|null|Null|NULL|", "~nN"),
    ("merge", r"<<", "<"),
):
    Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), [*_starts])
Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile("^$"), [""])


def parse(text: str, shown: str) -> Any:
    """What a file of YAML says; raises `ArgumentError` with the line of what cannot be read or is stated twice."""
    loader = Loader(text)
    try:
        root = loader.get_single_node()
        twice = [
            Problem(f"{shown}:{key.start_mark.line + 1}: {key.value}", "is stated twice", "Keep one of them")
            for key in _twice(root)
        ]
        if twice:
            raise ArgumentError(twice)
        return None if root is None else loader.construct_document(root)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = shown if mark is None else f"{shown}:{mark.line + 1}"
        wrong = f"is not YAML: {getattr(error, 'problem', None) or error}"
        raise ArgumentError([Problem(place, wrong, "Correct it there")]) from None
    finally:
        loader.dispose()


def _twice(root: yaml.Node | None) -> Iterator[yaml.Node]:
    """The keys that a map has already: a reader keeps the last one, so a whole server would vanish without a word."""
    waiting, seen = [root], set()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            waiting += node.value
        elif isinstance(node, yaml.MappingNode):
            keys: set[str] = set()
            for key, value in node.value:
                if isinstance(key, yaml.ScalarNode):
                    if key.value in keys:
                        yield key
                    keys.add(key.value)
                waiting.append(value)


def read(file: Path, shown: str) -> Any:
    """What a file of settings says, not to be changed; raises `ArgumentError` where it cannot be read.

    Kept as long as the file stays as it is: the cells of a large environment are read one after another.
    """
    try:
        seen = file.stat()
    except OSError:
        return parse(read_text(file, shown), shown)
    return _read_once(file, shown, seen.st_mtime_ns, seen.st_size)


@lru_cache(maxsize=8)
def _read_once(file: Path, shown: str, _changed: int, _size: int) -> Any:
    return parse(read_text(file, shown), shown)


def read_text(file: Path, shown: str) -> str:
    """The text of a file of settings; raises `ArgumentError` where it cannot be read."""
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise ArgumentError([Problem(shown, f"cannot be read: {reason}", "Correct the file")]) from None


def merged(weaker: Any, stronger: Any) -> Any:
    """Both as one: maps key by key at every depth, a null takes out what the weaker states, everything else replaces it."""
    if not (isinstance(weaker, Mapping) and isinstance(stronger, Mapping)):
        return stronger
    whole = dict(weaker)
    for key, value in stronger.items():
        if key not in whole:
            whole[key] = value
        elif value is None:
            del whole[key]
        else:
            whole[key] = merged(whole[key], value)
    return whole


def whole(layers: tuple[Layer, ...]) -> dict[str, Any]:
    """What the layers state together, the last one over all others; what they inherit is no part of it."""
    sections: dict[str, Any] = reduce(merged, (layer.sections for layer in layers), {})
    return {name: value for name, value in sections.items() if name != INHERITS}


def layers(own: Layer, folder: Path) -> tuple[Layer, ...]:
    """The files that a stack's settings are made of, the weakest first and its own last.

    A file that is inherited in two ways counts once, where it is weakest. Raises `ArgumentError` with every file that is missing,
    inherits itself, or states what only a stack's own file may.
    """
    found: dict[str, Layer] = {}
    problems: list[Problem] = []

    def visit(layer: Layer, way: tuple[str, ...]) -> None:
        for name in _names(layer, folder, problems):
            if name in way:
                circle = " inherits ".join(f"{one}.yaml" for one in (*way[way.index(name) :], name))
                problems.append(_asked(layer, f"goes in a circle: {circle}", "Take one of them out"))
            elif name not in found:
                inherited = _inherited(name, folder, problems)
                visit(inherited, (*way, name))
                found[name] = inherited

    visit(own, ())
    if problems:
        raise ArgumentError(problems)
    return (*found.values(), own)


def _asked(layer: Layer, wrong: str, fix: str) -> Problem:
    key = f"{PROJECT}:{INHERITS}"
    return Problem(f"{layer.shown}:{line_in(layer.file, key)}: {key}", wrong, fix)


def _names(layer: Layer, folder: Path, problems: list[Problem]) -> list[str]:
    """What a file inherits, as far as it is there."""
    stated = layer.sections.get(INHERITS)
    if stated is None and INHERITS not in layer.sections:
        return []
    names = stated if isinstance(stated, list) else [stated]
    if not all(isinstance(name, str | int) and not isinstance(name, bool) for name in names):
        problems.append(
            _asked(layer, "is neither a name nor a list of names", "Name files of stacks/ without `.yaml`: [base]")
        )
        return []
    there = []
    for name in map(str, names):
        if NAME.fullmatch(name) and (folder / f"{name}.yaml").is_file():
            there.append(name)
            continue
        others = sorted(file.stem for file in folder.glob("*.yaml") if NAME.fullmatch(file.stem))
        near = difflib.get_close_matches(name.removesuffix(".yaml"), others, 3, 0.5) or others[:12]
        fix = f"Name one that is there ({', '.join(near)})" if near else f"Write stacks/{name}.yaml"
        problems.append(_asked(layer, f"there is no stacks/{name}.yaml", fix))
    return there


def _inherited(name: str, folder: Path, problems: list[Problem]) -> Layer:
    """A file that is inherited; what it must not state goes to the problems."""
    file, shown = folder / f"{name}.yaml", f"stacks/{name}.yaml"
    try:
        document = read(file, shown)
    except ArgumentError as error:
        problems += error.problems
        return Layer(file, shown, {})
    if not isinstance(document, dict) or not isinstance(document.get("config", {}), dict):
        wrong = "states nothing" if document is None else "is no map with `config:`"
        problems.append(Problem(shown, wrong, f"State at least `config:` with `{PROJECT}:servers: {{}}`"))
        return Layer(file, shown, {})
    for key in document:
        if key != "config":
            fix = f"Write settings under `config:` as `{PROJECT}:<section>`"
            problems.append(Problem(f"{shown}:{line_in(file, str(key), '')}: {key}", "is not read in a base file", fix))
    sections: dict[str, Any] = {}
    for key, value in (document.get("config") or {}).items():
        namespace, _, section = str(key).partition(":")
        if namespace == PROJECT:
            sections[section] = value
            continue
        wrong, fix = "is not read by anything", f"Write it as `{PROJECT}:<section>`"
        if namespace in OWN_ONLY:
            wrong = "is read by the engine out of a stack's own file alone"
            fix = "Move it to each `stacks/Pulumi.<stack>.yaml` that needs it"
        problems.append(Problem(f"{shown}:{line_in(file, str(key))}: {key}", wrong, fix))
    for path in secured(sections):
        place = f"{shown}:{line_in(file, f'{PROJECT}:{path}')}: {PROJECT}:{path}"
        wrong = "is encrypted, and each stack has a key of its own"
        problems.append(Problem(place, wrong, "Set it in each stack: `pulumi config set --secret --path`"))
    return Layer(file, shown, sections)


def is_secured(value: Any) -> bool:
    """Whether this is an encrypted value, as the engine writes it."""
    return isinstance(value, dict) and list(value) == ["secure"] and isinstance(value["secure"], str)


def secured(value: Any, path: str = "") -> Iterator[str]:
    """The paths of encrypted values (`servers.web.admin_pass`)."""
    if is_secured(value):
        yield path
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from secured(one, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from secured(one, f"{path}[{number}]")
