"""What the docstrings of models say, for their JSON Schema.

pydantic can read them itself, but does so whenever a class is made: a third of the time that loading the arguments takes.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from pydantic import BaseModel


def describe(schema: dict[str, Any], base: type[BaseModel]) -> dict[str, Any]:
    """The JSON Schema of a model, in which every field of a class below `base` that has a docstring has it as its description."""
    classes = {one.__name__: one for one in _below(base)}
    for name, one in ((schema["title"], schema), *schema["$defs"].items()):
        if name in classes:
            said = _docstrings(classes[name], base)
            stated = one.get("properties", {})
            for field in stated.keys() & said.keys():
                stated[field] = dict(sorted({"description": said[field], **stated[field]}.items()))
    return schema


def _below(one: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for other in one.__subclasses__():
        yield other
        yield from _below(other)


def _docstrings(model: type[BaseModel], base: type[BaseModel]) -> dict[str, str]:
    """What stands under each field of a class and of those that it is made of."""
    said: dict[str, str] = {}
    for one in reversed(model.__mro__):
        if issubclass(one, base) and one is not base:
            said |= dict(_of_class(one))
    return said


def _of_class(one: type) -> Iterator[tuple[str, str]]:
    made = ast.parse(textwrap.dedent(inspect.getsource(one))).body[0]
    if not isinstance(made, ast.ClassDef):
        return
    for field, below in pairwise(made.body):
        if not (isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)):
            continue
        if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant) and isinstance(below.value.value, str):
            yield field.target.id, inspect.cleandoc(below.value.value)
