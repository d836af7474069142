"""Bodies held against their JSON Schemas, refused in the words of the services, which use the same library."""

import ipaddress
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from functools import cache, wraps
from typing import Any, cast

from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from jsonschema.validators import extend

from sandbox.cinder import bodies as cinder
from sandbox.faults import Fault, Json
from sandbox.masks import SECRET_KEYS
from sandbox.nova import bodies as nova
from sandbox.routing import Answer, Call, Handler, Route
from sandbox.world import Version

_FORMATS = FormatChecker(formats=())
_BAD_NAME = (
    "An invalid 'name' value was provided. The name must be: printable characters. "
    "Can not start or end with whitespace."
)
HIDDEN = "<not shown>"
BODIES = nova.BODIES | cinder.BODIES
"""Every schema, by the method and the path of its route."""


class _NameError(ValueError):
    """A name that may not be; told without the usual words around it."""


def _format(name: str, raises: tuple[type[Exception], ...] = (ValueError,)) -> Callable[[Any], Any]:
    return cast("Callable[[Any], Any]", _FORMATS.checks(name, raises))


@_format("uuid", (ValueError, TypeError, AttributeError))
def _is_uuid(value: object) -> bool:
    return not isinstance(value, str) or uuid.UUID(value) is not None


@_format("ipv4")
def _is_ipv4(value: object) -> bool:
    return not isinstance(value, str) or ipaddress.IPv4Address(value) is not None


@_format("ipv6")
def _is_ipv6(value: object) -> bool:
    return not isinstance(value, str) or ipaddress.IPv6Address(value) is not None


@_format("date-time")
def _is_time(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value) is not None


@_format("name")
def _is_name(value: object) -> bool:
    if isinstance(value, str) and value and (value != value.strip() or not value.isprintable()):
        raise _NameError(_BAD_NAME)
    return True


def _at_least(validator: Any, least: int, value: Any, schema: Any) -> Iterator[ValidationError]:
    """Hold a number against a minimum; Nova's also counts one in quotes."""
    del schema
    with suppress(ValueError):
        number = int(value) if isinstance(value, str) else value
        if validator.is_type(number, "number") and number < least:
            yield ValidationError(f"{number!r} is less than the minimum of {least}")


_Validator = extend(Draft202012Validator, {"minimum": _at_least})  # type: ignore[no-untyped-call]


@cache
def _validator(method: str, path: str, version: Version, ecs: bool, /) -> Any:
    return _Validator(BODIES[method, path](version, ecs), format_checker=_FORMATS)


def check(call: Call, method: str, path: str) -> None:
    """Hold the body of a call against the schema of a route; raises a `Fault` (400) for the first thing that is wrong.

    Nova's `/v2` path forgives unknown keys.
    """
    validator = _validator(method, path, (2, 1) if call.legacy else call.version, call.world.ecs)
    for error in validator.iter_errors(call.body):
        if not (call.legacy and error.validator == "additionalProperties"):
            raise Fault(400, _told(error))


def _told(error: ValidationError) -> str:
    if isinstance(error.cause, _NameError):
        return str(error.cause)
    path = [str(one) for one in error.absolute_path]
    if not path:
        return error.message
    # Both the value and the message quote what came; a secret must not come back into a client's log.
    secret = path[-1].lower() in SECRET_KEYS and error.instance is not None
    value = HIDDEN if secret else without_secrets(error.instance)
    message = error.message.replace(repr(error.instance), HIDDEN if secret else repr(value))
    return f"Invalid input for field/attribute {path[-1]}. Value: {value}. {message}"


def without_secrets(value: Any) -> Any:
    """Return a copy of a JSON value in which every secret is hidden."""
    if isinstance(value, dict):
        return {key: HIDDEN if key.lower() in SECRET_KEYS else without_secrets(item) for key, item in value.items()}
    if isinstance(value, list):
        return [without_secrets(item) for item in value]
    return value


def checked(route: Route) -> Route:
    """Return a route that refuses a body which does not have its schema; one without a schema as it is."""
    if (route.method, route.path) not in BODIES or route.path == "/servers":
        # A create call is checked as it is read, after the document's restrictions.
        return route

    @wraps(route.handler)
    def handler(call: Call) -> Answer:
        check(call, route.method, route.path)
        return inner(call)

    inner: Handler = route.handler
    return route._replace(handler=handler)


def check_action(call: Call, thing: str, name: str) -> None:
    """Hold the body of an action of a `servers/{server_id}` or a volume against its schema; raises a `Fault` (400)."""
    path = f"/{thing}/action#{name}"
    if ("POST", path) in BODIES:
        check(call, "POST", path)


def body_of(call: Call, key: str) -> Json:
    """Return the object under `key` of a body that was checked."""
    return cast("Json", call.body[key])
