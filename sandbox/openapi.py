"""The clouds' APIs as one OpenAPI 3.1 description, made from the table of services and what their routes say of themselves.

Nothing here is loaded before somebody asks for it.
"""

import re
from collections.abc import Iterator
from typing import Any

from sandbox.checked import BODIES
from sandbox.faults import Fault, Json
from sandbox.routing import Part, Raw, Route
from sandbox.services import SERVICES, Service
from sandbox.shape import schema_of
from sandbox.versions import VOLUME_MICROVERSION
from sandbox.world import Version

_USUAL = {"DELETE": 204, "POST": 201}
_EMPTY = 204
_SECURITY: Json = {"type": "apiKey", "in": "header", "name": "X-Auth-Token"}
_ABOUT = (
    "What the sandbox answers, at compute microversion {version}. Below {roots} the id of the project may stand between "
    "the version and the rest of the path, as in the catalog."
)
_LEGACY = "/compute/v2"
"""It knows no microversion."""


def describe(profile: str, version: Version) -> Json:
    """Return the description of a sandbox of a profile, whose compute bodies are those of one microversion."""
    paths: Json = {}
    services = [service for service in SERVICES if profile == "ecs" or not service.only_ecs]
    for service in services:
        for prefix, route in _routes(service):
            operation = _operation(service, prefix, route, profile, version)
            paths.setdefault(prefix + route.path, {})[route.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"ecs-stacks sandbox, profile {profile}",
            "version": "1",
            "description": _ABOUT.format(
                version=_text(version), roots=", ".join(service.root for service in services if service.projects)
            ),
        },
        "tags": [{"name": service.name} for service in services],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": _SECURITY},
            "schemas": {service.name: _refusal(service) for service in services},
        },
    }


def _routes(service: Service) -> Iterator[tuple[str, Route]]:
    for route in service.documents.routes:
        yield "", route
    for mount in service.mounts:
        for route in service.routes.routes:
            yield mount, route


def _operation(service: Service, prefix: str, route: Route, profile: str, version: Version) -> Json:
    if prefix == _LEGACY:
        version = (2, 1)
    made: Json = {
        "operationId": _operation_id(prefix, route),
        "tags": [service.name],
        "parameters": [*_in_path(route), *_in_query(route), *_in_headers(service, prefix, route, version)],
        "responses": _responses(service, prefix, route),
    }
    if route.handler.__doc__:
        made["summary"] = route.handler.__doc__.partition("\n")[0]
    if body := _body(service, route, profile, version):
        made["requestBody"] = {"required": True, "content": body}
    if not route.public:
        made["security"] = [{"token": []}]
    return made


def _operation_id(prefix: str, route: Route) -> str:
    words = re.findall(r"[\w.]+", f"{prefix}{route.path}".replace("{", "by_"))
    return "_".join([route.method.lower(), *words]).replace("-", "_").replace(".", "_")


def _in_path(route: Route) -> list[Json]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
        for name in re.findall(r"\{(\w+)\}", route.path)
    ]


def _in_query(route: Route) -> list[Json]:
    count: Json = {"type": "integer", "minimum": 0}
    return [
        {"name": name, "in": "query", "schema": count if name == "limit" else {"type": "string"}}
        for name in dict.fromkeys(route.query)
    ]


def _in_headers(service: Service, prefix: str, route: Route, version: Version) -> list[Json]:
    if not service.header or route.public or prefix == _LEGACY:
        return []
    asked = version if service.header == "compute" else VOLUME_MICROVERSION
    # Without it the lowest version answers, whose bodies are others.
    schema = {"type": "string", "const": f"{service.header} {_text(asked)}"}
    return [{"name": "OpenStack-API-Version", "in": "header", "required": True, "schema": schema}]


def _responses(service: Service, prefix: str, route: Route) -> Json:
    if not prefix:
        # Which of the two a list of versions has is the service's own custom.
        return {status: _answer("The versions.") for status in ("200", "300")}
    works = (_USUAL.get(route.method, 200),) if route.status is None else route.status
    found: Json = {str(status): _answer("It worked.", media=status != _EMPTY) for status in works}
    refused = {"schema": {"$ref": f"#/components/schemas/{service.name}"}}
    found["4XX"] = {"description": "It is refused.", "content": {"application/json": refused}}
    if not route.public:
        keystone = {"schema": {"$ref": "#/components/schemas/identity"}}
        found["401"] = {"description": "The token is none, or over.", "content": {"application/json": keystone}}
    return found


def _answer(description: str, *, media: bool = True) -> Json:
    # An action that worked has often nothing to say, so a body may be there or not.
    return {"description": description} | ({"content": {"application/json": {}}} if media else {})


def _body(service: Service, route: Route, profile: str, version: Version) -> Json:
    """Return what may be sent, by media type."""
    found: dict[str, list[Json]] = {}
    for part in route.body:
        media = part.media if isinstance(part, Raw) else "application/json"
        found.setdefault(media, []).append(_schema(service, route, part, profile, version))
    if not found and (own := _checked(service, route.method, route.path, profile, version)):
        found["application/json"] = [own]
    return {media: {"schema": one[0] if len(one) == 1 else {"oneOf": one}} for media, one in found.items()}


def _schema(service: Service, route: Route, part: Part | Raw, profile: str, version: Version) -> Json:
    if isinstance(part, Raw):
        return part.schema
    path = f"{route.path}#{part.key}" if len(route.body) > 1 else route.path
    if own := _checked(service, route.method, path, profile, version):
        return own
    # An action that needs to know nothing more is sent with null as well.
    inner = schema_of(part.types) if part.types or len(route.body) == 1 else {"type": ["object", "null"]}
    if not part.key:
        return inner
    return {"type": "object", "properties": {part.key: inner}, "required": [part.key], "additionalProperties": False}


def _checked(service: Service, method: str, path: str, profile: str, version: Version) -> Json | None:
    """Return the schema that the bodies of a route are held against, if there is one."""
    if service.name not in ("compute", "volume"):
        return None
    # The alias takes what it is an alias of.
    body = BODIES.get((method, "/servers" if path == "/os-volumes_boot" else path))
    return _plain(body(version, profile == "ecs")) if body else None


def _plain(schema: Any) -> Any:
    """Return a schema without the formats that only this program knows."""
    if isinstance(schema, dict):
        return {key: _plain(one) for key, one in schema.items() if not (key == "format" and one == "name")}
    return [_plain(one) for one in schema] if isinstance(schema, list) else schema


def _refusal(service: Service) -> Json:
    """Return the schema of how a service refuses, with an example of it."""
    example = service.refuse(Fault(404, "The resource could not be found."))
    return {"type": "object", "minProperties": 1, "examples": [example]}


def _text(version: Version) -> str:
    return ".".join(map(str, version))
