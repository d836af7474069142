"""What every argument class is made of: strict models, values that may be Outputs, refused fields."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property
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
        # What is not used is not built: a class costs a millisecond.
        defer_build=True,
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

    def __init__(self, restriction: str | None, wrong: str, fix: str) -> None:
        self.error = refuse(restriction, wrong, fix)
        self.wrong = wrong

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        def never(_: object) -> None:
            raise self.error

        return core_schema.no_info_plain_validator_function(never)

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"not": {}, "description": f"Not to be used: {self.wrong}."}


class LaterOf:
    """Metadata of a `Later[T]`: lets an Output through untouched; whatever is plain is validated at once."""

    def __init__(self, plain: Any) -> None:
        self.plain = plain

    @cached_property
    def adapter(self) -> TypeAdapter[Any]:
        """What validates a value once it is known: one for each field, however many servers there are."""
        return TypeAdapter(self.plain)

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
            return Annotated[Any, LaterOf(plain)]


def then(value: Any, change: Callable[[Any], Any]) -> Any:
    """`change` of a value, or of an Output's value once it is known."""
    return value.apply(change) if isinstance(value, pulumi.Output) else change(value)


def _uuid(value: str) -> str:
    if not UUID_PATTERN.fullmatch(value):
        raise PydanticCustomError("uuid_text", "is not a UUID")
    # The plugin compares ids as text and accepts lower case only.
    return value.lower()


Uuid = Annotated[str, AfterValidator(_uuid)]
"""A UUID as text, in lower case."""
