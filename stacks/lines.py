"""In which line of a stack's YAML a mistake stands."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import yaml

from components.problems import ArgumentError


def with_lines(error: ArgumentError, file: Path, where: str) -> ArgumentError:
    """The same error, in which each path that begins with `where` (`stacks/Pulumi.dev.yaml: ecs-stacks:`) has its line.

    `stacks/Pulumi.dev.yaml:12: ecs-stacks:servers.web.flavor_ref`: editors and terminals open that. A line that cannot be found, such as
    that of a key that is missing, is that of what the key is missing in.
    """
    try:
        root = yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (OSError, yaml.YAMLError, UnicodeDecodeError):
        return error
    name, _, prefix = where.partition(": ")
    problems = []
    for problem in error.problems:
        if problem.path.startswith(where):
            line = line_of(root, prefix + problem.path.removeprefix(where))
            problems.append(replace(problem, path=problem.path.replace(name, f"{name}:{line}", 1)))
        else:
            problems.append(problem)
    return ArgumentError(problems)


def line_of(root: yaml.Node | None, path: str) -> int:
    """The line (from 1) of `ecs-stacks:servers.web.networks[0]` under `config`, or of the nearest thing around it."""
    node, line, rest = root, 1, f"config.{path}"
    while rest:
        if isinstance(node, yaml.MappingNode):
            found = _longest_key(node, rest)
            if found is None:
                return line
            key, node = found
            line, rest = key.start_mark.line + 1, rest[len(str(key.value)) :].removeprefix(".")
            continue
        index = re.match(r"\[(\d+)\]\.?", rest)
        if not isinstance(node, yaml.SequenceNode) or index is None or int(index[1]) >= len(node.value):
            return line
        node = node.value[int(index[1])]
        line, rest = node.start_mark.line + 1, rest[index.end() :]
    return line


def _longest_key(node: yaml.MappingNode, path: str) -> tuple[yaml.Node, yaml.Node] | None:
    """The entry whose key the path begins with; the longest one, since a name may have dots in it."""
    fits = [
        (key, value)
        for key, value in node.value
        if path == key.value or path.startswith((f"{key.value}.", f"{key.value}["))
    ]
    return max(fits, key=lambda entry: len(entry[0].value), default=None)
