"""Arguments as a component takes them: a mapping or the class, with every Output checked as soon as it is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import pulumi

from components.inputs import Args, Cites, LaterOf
from components.problems import checked

A = TypeVar("A", bound=Args)


def accepted(kind: type[A], args: A | Mapping[str, Any], path: str) -> A:
    """The arguments of a component, checked: plain values now, Outputs when they are known.

    `path` is how a message names the component (`server 'web'`). Raises `ArgumentError` with every mistake.
    """
    if not isinstance(args, kind):
        args = checked(kind.model_validate, dict(args) if isinstance(args, Mapping) else args, path, kind)
    return deferred(args, path)


def _later_of(metadata: list[Any]) -> LaterOf | None:
    return next((marker for marker in metadata if isinstance(marker, LaterOf)), None)


def deferred(args: A, path: str) -> A:
    """The same arguments, in which every Output validates its value as soon as that is known.

    `path` is where the arguments stand (`server 'web'`), for the message. The Output fails with `ArgumentError`, so a wrong value
    that is known at preview fails the preview.
    """
    changes: dict[str, Any] = {}
    for name, field in type(args).model_fields.items():
        value = getattr(args, name)
        new = _deferred_value(value, field.annotation, field.metadata, f"{path}.{name}")
        if new is not value:
            changes[name] = new
    return args.model_copy(update=changes) if changes else args


def _deferred_value(value: Any, annotation: Any, metadata: list[Any], path: str) -> Any:
    if isinstance(value, Args):
        return deferred(value, path)
    if isinstance(value, tuple):
        member, inner = _member(annotation)
        new = tuple(_deferred_value(item, member, inner, f"{path}[{n}]") for n, item in enumerate(value))
        return new if any(a is not b for a, b in zip(new, value, strict=True)) else value
    if isinstance(value, dict):
        member, inner = _member(annotation)
        new_map = {key: _deferred_value(item, member, inner, f"{path}.{key}") for key, item in value.items()}
        return new_map if any(new_map[key] is not value[key] for key in value) else value
    if isinstance(value, pulumi.Output):
        later = _later_of(metadata) or _later_of(list(getattr(_without_none(annotation), "__metadata__", ())))
        cites = next((marker for marker in metadata if isinstance(marker, Cites)), None)
        return value.apply(_checker(later, path, cites)) if later is not None else value
    return value


def _without_none(annotation: Any) -> Any:
    members = [m for m in getattr(annotation, "__args__", ()) if m is not type(None)]
    is_optional = type(None) in getattr(annotation, "__args__", ())
    return members[0] if is_optional and len(members) == 1 else annotation


def _member(annotation: Any) -> tuple[Any, list[Any]]:
    """What a tuple or a dict holds: its last type argument that is not an ellipsis, with that one's metadata."""
    inner = [a for a in getattr(_without_none(annotation), "__args__", ()) if a is not Ellipsis]
    last = inner[-1] if inner else Any
    return last, list(getattr(last, "__metadata__", ()))


def _checker(later: LaterOf, path: str, cites: Cites | None) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        return checked(later.adapter.validate_python, value, path, cites=cites)

    return check
