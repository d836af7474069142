"""How a user's mistakes are told: all of them, each with its path, what is wrong, the fix and the restriction."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar, get_args

import pulumi
from pydantic import BaseModel, ValidationError

from components.inputs import Cites, LaterOf
from components.restrictions import message

T = TypeVar("T")

FIXES = {
    "missing": "Add it",
    "extra_forbidden": "Remove it, or correct its spelling",
    "uuid_text": "Give the id in the form 8-4-4-4-12 hexadecimal digits",
}
WRONG = {
    "string_type": "is not text; quote it if that is meant",
    "tuple_type": "is not a list (its members may be Outputs, the list itself not)",
    "dict_type": "is not a map (its values may be Outputs, the map itself not)",
    "model_type": "is not a map of arguments",
    "model_attributes_type": "is not a map of arguments",
    "bool_type": "is not true or false",
    "bool_parsing": "is not true or false",
    "int_type": "is not a whole number",
    "int_parsing": "is not a whole number",
    "int_from_float": "is not a whole number",
    "missing": "is missing",
    "extra_forbidden": "is not a known key",
}


@dataclass(frozen=True)
class Problem:
    """One mistake: where (`networks[1].fixed_ip`), what is wrong, how to mend it, and the restriction's id where there is one."""

    path: str
    wrong: str
    fix: str
    restriction: str | None = None

    def under(self, prefix: str) -> Problem:
        """The same problem, seen from further out."""
        return Problem(join(prefix, self.path), self.wrong, self.fix, self.restriction)

    def __str__(self) -> str:
        if self.restriction is not None:
            return message(self.path, self.wrong, self.fix, self.restriction)
        return f"{self.path}: {self.wrong.rstrip('.')}. {self.fix.rstrip('.')}."


class ArgumentError(pulumi.RunError):
    """Arguments that cannot work; its text lists every problem, one a line.

    A `RunError`, so that the engine shows the text alone and no traceback.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def join(prefix: str, path: str) -> str:
    """`servers.web` and `networks[0]` make `servers.web.networks[0]`; after a colon nothing comes between."""
    if not prefix or not path:
        return prefix or path
    return prefix + path if path.startswith("[") or prefix.endswith((":", " ")) else f"{prefix}.{path}"


def explain(error: ValidationError, model: Any = None, cites: Cites | None = None) -> list[Problem]:
    """Every problem in a pydantic error, with the restrictions that the fields of `model` cite; `cites` is of the value itself."""
    return [_problem(dict(detail), model, cites) for detail in error.errors(include_url=False, include_input=False)]


def checked(validate: Callable[[Any], T], value: Any, path: str, model: Any = None, cites: Cites | None = None) -> T:
    """What `validate` makes of `value`; raises `ArgumentError` with paths under `path` where it refuses it."""
    try:
        return validate(value)
    except ValidationError as error:
        raise ArgumentError(problem.under(path) for problem in explain(error, model, cites)) from None


def _problem(detail: dict[str, Any], model: Any, own: Cites | None) -> Problem:
    path, cites = _walk(detail["loc"], model)
    cites = cites or own
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "restriction":
        return Problem(path, context["wrong"], context["fix"], context["restriction"])
    wrong = WRONG.get(kind) or _plain(detail["msg"])
    fix = FIXES.get(kind, "Correct the value")
    if kind == "extra_forbidden":
        return Problem(path, wrong, fix)
    if cites is None:
        return Problem(path, wrong, fix)
    return Problem(path, wrong, cites.fix, cites.restriction)


def _plain(text: str) -> str:
    """Pydantic's words as the end of a sentence that began with a path."""
    for start, instead in (("Input should be ", "should be "), ("Value error, ", ""), ("String should ", "should ")):
        if text.startswith(start):
            return instead + text[len(start) :]
    return text[:1].lower() + text[1:]


def _walk(loc: tuple[int | str, ...], model: Any) -> tuple[str, Cites | None]:
    """The path as a user writes it, without the tags that pydantic adds for unions, and the citation of the last field."""
    path, cites, current = "", None, model
    for step in loc:
        if isinstance(step, int):
            path += f"[{step}]"
            current = _inside(current)
            cites = _cites(getattr(current, "__metadata__", ())) or cites
            continue
        target = _model(current)
        if target is not None and step in target.model_fields:
            field = target.model_fields[step]
            cites = _cites(field.metadata) or _cites(getattr(_unwrapped(field.annotation), "__metadata__", ()))
            current, path = field.annotation, join(path, step)
            continue
        chosen = _union_member(current, step)
        if chosen is not None:
            current = chosen
            continue
        path, current = join(path, step), _inside(current)
        cites = _cites(getattr(current, "__metadata__", ()))
    return path, cites


def _cites(metadata: Iterable[Any]) -> Cites | None:
    return next((item for item in metadata if isinstance(item, Cites)), None)


def _unwrapped(annotation: Any) -> Any:
    members = [m for m in get_args(annotation) if m is not type(None)]
    return members[0] if type(None) in get_args(annotation) and len(members) == 1 else annotation


def _plain_type(annotation: Any) -> Any:
    annotation = _unwrapped(annotation)
    while hasattr(annotation, "__metadata__"):
        later = next((m.plain for m in annotation.__metadata__ if isinstance(m, LaterOf)), None)
        annotation = _unwrapped(annotation.__origin__ if later is None else later)
    return annotation


def _model(annotation: Any) -> type[BaseModel] | None:
    plain = _plain_type(annotation)
    return plain if isinstance(plain, type) and issubclass(plain, BaseModel) else None


def _inside(annotation: Any) -> Any:
    members = [m for m in get_args(_plain_type(annotation)) if m is not Ellipsis]
    return members[-1] if members else None


def _union_member(annotation: Any, tag: str) -> Any:
    """The member of a union that pydantic names `tag`: by its class or by the tag that marks it."""
    for member in get_args(_plain_type(annotation)):
        tags = {getattr(m, "tag", None) for m in getattr(member, "__metadata__", ())}
        model = _model(member)
        if tag in tags or (model is not None and model.__name__ == tag):
            return member
    return None
