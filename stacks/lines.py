"""In which line of a stack's YAML a mistake stands, and in which of the files that it inherits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from weakref import WeakKeyDictionary

import yaml

from components.problems import ArgumentError

Place = tuple[Path, str]
"""A file, and how a message calls it."""


def with_lines(error: ArgumentError, files: Sequence[Place], where: str) -> ArgumentError:
    """The same error, in which each path that begins with `where` (`stacks/Pulumi.dev.yaml: ecs-stacks:`) has its file and line.

    `stacks/base.yaml:12: ecs-stacks:servers.web.flavor_ref`: editors and terminals open that. The files are those that the settings
    are made of, the strongest first: the line is where the path is stated last. A line that cannot be found, such as that of a key
    that is missing, is that of what the key is missing in.
    """
    if not any(problem.path.startswith(where) for problem in error.problems):
        return error
    roots = [(_composed(file), shown) for file, shown in files]
    there = [(root, shown) for root, shown in roots if root is not None]
    if not there:
        return error
    name, _, prefix = where.partition(": ")
    problems = []
    for problem in error.problems:
        if problem.path.startswith(where):
            shown, line = place_of(there, prefix + problem.path.removeprefix(where))
            problems.append(replace(problem, path=problem.path.replace(name, f"{shown}:{line}", 1)))
        else:
            problems.append(problem)
    return ArgumentError(problems)


def find(files: Sequence[Place], path: str) -> tuple[str, int]:
    """The file, as a message calls it, and the line of `ecs-stacks:servers.web.networks[0]`; the strongest file is the first."""
    there = [(root, shown) for file, shown in files if (root := _composed(file)) is not None]
    return place_of(there, path) if there else (files[0][1], 1)


def line_in(file: Path, path: str, under: str = "config.") -> int:
    """The line (from 1) of a path in one file."""
    return place_of([(_composed(file), "")], path, under)[1]


def _composed(file: Path) -> yaml.Node | None:
    try:
        seen = file.stat()
    except OSError:
        return None
    return _composed_once(file, seen.st_mtime_ns, seen.st_size)


@lru_cache(maxsize=8)
def _composed_once(file: Path, _changed: int, _size: int) -> yaml.Node | None:
    """The nodes of a file, kept as long as it stays as it is: a report asks for the lines of hundreds of paths."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        root: yaml.Node | None = yaml.compose(file.read_text(encoding="utf-8"), Loader=loader)
    except (OSError, yaml.YAMLError, UnicodeDecodeError):
        return None
    return root


def place_of(roots: Sequence[tuple[yaml.Node | None, str]], path: str, under: str = "config.") -> tuple[str, int]:
    """Where a path stands, or the nearest thing around it: as the files are merged, the strongest first."""
    nodes: Sequence[tuple[yaml.Node | None, str]] = list(roots)
    rest = f"{under}{path}"
    name, line = roots[0][1], 1
    while rest and nodes:
        maps = [(node, shown) for node, shown in nodes if isinstance(node, yaml.MappingNode)]
        if maps:
            key = _longest_key([node for node, _ in maps], rest)
            if key is None:
                return name, line
            found = [(entry, shown) for node, shown in maps if (entry := _entries(node).get(key)) is not None]
            (first, _), name = found[0]
            line, rest = first.start_mark.line + 1, rest[len(key) :].removeprefix(".")
            nodes = _kept([(value, shown) for (_, value), shown in found])
            continue
        index, top = re.match(r"\[(\d+)\]\.?", rest), nodes[0][0]
        if not isinstance(top, yaml.SequenceNode) or index is None or int(index[1]) >= len(top.value):
            return name, line
        nodes = [(top.value[int(index[1])], name)]
        line, rest = top.value[int(index[1])].start_mark.line + 1, rest[index.end() :]
    return name, line


def _kept(nodes: list[tuple[yaml.Node, str]]) -> list[tuple[yaml.Node, str]]:
    """What of a value's layers still counts: all maps down to the first thing that is none, which replaces what is weaker."""
    for number, (node, _) in enumerate(nodes):
        if not isinstance(node, yaml.MappingNode):
            return nodes[: number or 1]
    return nodes


def _longest_key(nodes: list[yaml.MappingNode], path: str) -> str | None:
    """The key that the path begins with; the longest one, since a name may have dots in it."""
    ends = [match.start() for match in re.finditer(r"[.\[]", path)]
    for end in [len(path), *reversed(ends)]:
        if any(path[:end] in _entries(node) for node in nodes):
            return path[:end]
    return None


_Entries = dict[str, tuple[yaml.Node, yaml.Node]]
_BY_NAME: WeakKeyDictionary[yaml.Node, _Entries] = WeakKeyDictionary()


def _entries(node: yaml.MappingNode) -> _Entries:
    """The entries of a map by name, kept as long as the map is: one of thousands of servers is looked into for each path."""
    if node not in _BY_NAME:
        found: _Entries = {}
        for key, value in _pairs(node):
            found.setdefault(str(key.value), (key, value))
        _BY_NAME[node] = found
    return _BY_NAME[node]


def _pairs(node: yaml.MappingNode) -> Iterator[tuple[yaml.Node, yaml.Node]]:
    """The keys of a map with their values; after its own those that it takes from elsewhere by `<<`."""
    taken: list[yaml.Node] = []
    for key, value in node.value:
        if key.tag == "tag:yaml.org,2002:merge":
            taken += value.value if isinstance(value, yaml.SequenceNode) else [value]
        else:
            yield key, value
    for other in taken:
        if isinstance(other, yaml.MappingNode):
            yield from _pairs(other)
