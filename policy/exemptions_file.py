"""How a file of exemptions is read: its YAML, and the form of an entry, with every mistake at once."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any

import yaml
from pydantic import AfterValidator, BeforeValidator, ValidationError, ValidationInfo

from components.inputs import Args, refuse
from components.problems import Problem, explain
from components.restrictions import catalogue
from policy.exemptions import Exemption, one_line

SHORTEST_REASON = 10
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WRITE_DATE = "Write the last day as year-month-day, such as 2026-12-31"
_STACKS = "Write the stacks' names as a list, such as [dev]"


def _rule(value: str) -> str:
    row = catalogue().get(value)
    if row is None:
        near = difflib.get_close_matches(value.upper(), catalogue(), n=1, cutoff=0.7)
        hint = f"Did you mean {near[0]}?" if near else "`ecs restrictions` lists them"
        raise refuse(None, f"names no restriction of the catalogue: {value!r}", hint)
    if "rule" not in row.enforced:
        raise refuse(None, f"names {value}, which no rule refuses", "Remove the entry")
    if not row.exemptable:
        raise refuse(None, f"names {value}, which the cloud itself refuses", "Remove the entry, and mend the resource")
    return value


def _filled(value: str) -> str:
    if not value.strip():
        raise refuse(None, "is empty", "Fill it in")
    return value.strip()


def _list(value: object) -> object:
    if not isinstance(value, list):
        raise refuse(None, "is not a list", _STACKS)
    if not value:
        raise refuse(None, "is an empty list", _STACKS)
    return value


def _reason(value: str) -> str:
    if len(value) < SHORTEST_REASON:
        raise refuse(
            None, f"has {len(value)} characters", f"Say in {SHORTEST_REASON} or more why the finding is accepted"
        )
    return value


def _date(value: object, info: ValidationInfo) -> date:
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise refuse(None, "is not a date", _WRITE_DATE)
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise refuse(None, f"is no day of the calendar: {value}", _WRITE_DATE) from None
    last = _in_a_year((info.context or {})["today"])
    if day > last:
        raise refuse(
            None, f"is more than a year ahead: {value}", f"Give {last.isoformat()} or earlier, and renew it then"
        )
    return day


def _in_a_year(today: date) -> date:
    try:
        return today.replace(year=today.year + 1)
    except ValueError:
        return today.replace(year=today.year + 1, day=28)


Filled = Annotated[str, AfterValidator(_filled)]


class Entry(Args):
    """One entry as it stands in the file."""

    rule: Annotated[Filled, AfterValidator(_rule)]
    """The restriction's id."""

    resource: Filled
    """A pattern of the resource's name, or of its kind and name."""

    stacks: Annotated[tuple[Filled, ...], BeforeValidator(_list)]
    """Patterns of the stacks' names."""

    reason: Annotated[Filled, AfterValidator(_reason)]
    """Why."""

    approver: Filled
    """Who answers for it."""

    expires: Annotated[date, BeforeValidator(_date)]
    """The last day."""


@dataclass
class _Document:
    """The YAML as plain lists, maps and texts, with the line of each path."""

    lines: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def plain(self, node: yaml.Node, path: str, line: int | None = None) -> Any:
        self.lines[path] = line or node.start_mark.line + 1
        if isinstance(node, yaml.SequenceNode):
            return [self.plain(item, f"{path}[{place}]") for place, item in enumerate(node.value)]
        if isinstance(node, yaml.MappingNode):
            return self._map(node, path)
        return node.value

    def _map(self, node: yaml.MappingNode, path: str) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self.lines[f"{path}?"] = key.start_mark.line + 1
                self.problems.append(Problem(f"{path}?", "has a key that is not text", "Write a plain key"))
                continue
            inner = f"{path}.{key.value}" if path else key.value
            if key.value in made:
                self.lines[inner] = key.start_mark.line + 1
                self.problems.append(Problem(inner, "is there twice", "Keep one of them"))
                continue
            made[key.value] = self.plain(value, inner, key.start_mark.line + 1)
        return made


def read(text: str, name: str, today: date) -> tuple[list[Exemption], list[str]]:
    """Read the text of a file: its entries and its mistakes, each with file and line. Never raises."""
    document = _Document()
    try:
        for event in yaml.parse(text, Loader=yaml.BaseLoader):
            if isinstance(event, yaml.AliasEvent):
                line = event.start_mark.line + 1 if event.start_mark else 1
                return [], [f"{name}:{line}: uses an alias (*). Write the entry out."]
        root = yaml.compose(text, Loader=yaml.BaseLoader)
        whole = {} if root is None else document.plain(root, "")
    except yaml.YAMLError as error:
        return [], [_not_yaml(error, name)]
    except RecursionError:
        return [], [f"{name}: is nested too deeply. Write a list of entries."]
    entries, problems = _entries(whole, today)
    problems = document.problems + problems
    if problems:
        mistakes = [_told(problem, document.lines, name) for problem in problems]
        return [], sorted(mistakes, key=lambda mistake: int(mistake.removeprefix(f"{name}:").partition(":")[0]))
    return [
        Exemption(**entry.model_dump(), place=f"{name}:{document.lines[f'exemptions[{place}]']}")
        for place, entry in entries
    ], []


def _not_yaml(error: yaml.YAMLError, name: str) -> str:
    mark = getattr(error, "problem_mark", None)
    where = name if mark is None else f"{name}:{mark.line + 1}"
    what = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read"
    return f"{where}: is not YAML: {what}. Correct the text there."


def _entries(whole: Any, today: date) -> tuple[list[tuple[int, Entry]], list[Problem]]:
    teach = "Write `exemptions:` and the list of entries below it"
    if not isinstance(whole, dict):
        return [], [] if whole == "" else [Problem("", "is not a map with the key `exemptions`", teach)]
    problems = [_unknown(key, ("exemptions",), "") for key in whole if key != "exemptions"]
    listed = whole.get("exemptions", "")
    if listed == "":
        return [], problems
    if not isinstance(listed, list):
        return [], [*problems, Problem("exemptions", "is not a list", teach)]
    found: list[tuple[int, Entry]] = []
    for place, one in enumerate(listed):
        try:
            found.append((place, Entry.model_validate(one, context={"today": today})))
        except ValidationError as error:
            problems += _explained(error, one, f"exemptions[{place}]")
    return found, problems + list(_same(found))


def _explained(error: ValidationError, one: Any, path: str) -> Iterator[Problem]:
    if not isinstance(one, dict):
        yield Problem(path, "is not an entry", f"Write its keys: {', '.join(Entry.model_fields)}")
        return
    for problem in explain(error, Entry):
        if problem.path in one and problem.path not in Entry.model_fields:
            yield _unknown(problem.path, tuple(Entry.model_fields), path)
        else:
            yield problem.under(path)


def _unknown(key: str, known: tuple[str, ...], path: str) -> Problem:
    near = difflib.get_close_matches(key, known, n=1)
    fix = f"Did you mean `{near[0]}`?" if near else f"The keys are: {', '.join(known)}"
    return Problem(f"{path}.{key}" if path else key, "is not a known key", fix)


def _same(found: list[tuple[int, Entry]]) -> Iterator[Problem]:
    first: dict[tuple[object, ...], int] = {}
    for place, entry in found:
        key = (entry.rule, entry.resource, tuple(sorted(Counter(entry.stacks))))
        if key in first:
            wrong = f"is about the same rule, resource and stacks as exemptions[{first[key]}]"
            yield Problem(f"exemptions[{place}]", wrong, "Keep one of them")
        first.setdefault(key, place)


def _told(problem: Problem, lines: dict[str, int], name: str) -> str:
    around = problem.path
    while around not in lines:
        around = around[: max(around.rfind("."), around.rfind("["), 0)]
    where = f"{name}:{lines[around]}"
    path = one_line(problem.path.rstrip("?"))
    fix = problem.fix if problem.fix.endswith("?") else f"{problem.fix.rstrip('.')}."
    return f"{where}: {f'{path}: ' if path else ''}{one_line(problem.wrong)}. {fix}"
