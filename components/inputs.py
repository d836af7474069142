"""What every argument class is made of: strict models, values that may be Outputs, refused fields."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, TypeAlias, TypeVar

import pulumi
from pydantic import AfterValidator, BaseModel, ConfigDict, GetCoreSchemaHandler, GetJsonSchemaHandler, TypeAdapter
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

T = TypeVar("T")

UUID_PATTERN = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)


class Args(BaseModel):
    """Arguments of a component: frozen, without unknown keys, and never quoting a value in an error."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
        arbitrary_types_allowed=True,
        coerce_numbers_to_str=False,
    )


def refuse(restriction: str | None, wrong: str, fix: str) -> PydanticCustomError:
    """An error that carries its restriction's id, or None for what no restriction says; see `problems.explain` for how it is shown."""
    # pydantic formats the template with its context, so braces of ours must not reach it.
    return PydanticCustomError("restriction", "{wrong}", {"restriction": restriction, "wrong": wrong, "fix": fix})


class Cites:
    """Metadata of a field: the restriction and the fix to name when its value is missing or of a wrong type."""

    def __init__(self, restriction: str, fix: str) -> None:
        self.restriction = restriction
        self.fix = fix


class Refused:
    """Metadata of a documented field that cannot be used: naming it is an error that says why.

    A field of its own, and not just an unknown key, so that the message carries the restriction's id and every other mistake is
    reported beside it.
    """

    def __init__(self, restriction: str, wrong: str, fix: str) -> None:
        self.error = refuse(restriction, wrong, fix)
        self.wrong = wrong

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        def never(_: object) -> None:
            raise self.error

        return core_schema.no_info_plain_validator_function(never)

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"not": {}, "description": f"Not to be used: {self.wrong}."}


class _LaterSchema:
    """Lets an Output through untouched; whatever is plain is validated at once."""

    def __init__(self, plain: Any) -> None:
        self.plain = plain

    def __get_pydantic_core_schema__(self, _source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        plain = handler.generate_schema(self.plain)

        def through(value: Any, validate: Callable[[Any], Any]) -> Any:
            return value if isinstance(value, pulumi.Output) else validate(value)

        return core_schema.no_info_wrap_validator_function(through, plain)


if TYPE_CHECKING:
    Later: TypeAlias = T | pulumi.Output[T]
else:

    class Later:
        """`Later[T]`: a T, or an Output of one that is validated when its value is known."""

        def __class_getitem__(cls, plain: Any) -> Any:
            return Annotated[Any, _LaterSchema(plain)]


def then(value: Any, change: Callable[[Any], Any]) -> Any:
    """`change` of a value, or of an Output's value once it is known."""
    return value.apply(change) if isinstance(value, pulumi.Output) else change(value)


def _later_of(metadata: list[Any]) -> Any | None:
    return next((marker.plain for marker in metadata if isinstance(marker, _LaterSchema)), None)


A = TypeVar("A", bound=Args)


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
        plain = _later_of(metadata) or _later_of(list(getattr(_without_none(annotation), "__metadata__", ())))
        cites = next((marker for marker in metadata if isinstance(marker, Cites)), None)
        return value.apply(_checker(plain, path, cites)) if plain is not None else value
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


def _checker(plain: Any, path: str, cites: Cites | None) -> Callable[[Any], Any]:
    adapter: TypeAdapter[Any] = TypeAdapter(plain, config=None)

    def check(value: Any) -> Any:
        from components.problems import checked

        return checked(adapter.validate_python, value, path, cites=cites)

    return check


def _uuid(value: str) -> str:
    if not UUID_PATTERN.fullmatch(value):
        raise PydanticCustomError("uuid_text", "is not a UUID")
    # The plugin compares ids as text and accepts lower case only.
    return value.lower()


Uuid = Annotated[str, AfterValidator(_uuid)]
"""A UUID as text, in lower case."""
