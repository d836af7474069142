"""Requests, answers, and which handler answers which path.

A handler is a plain function of a `Call`; it returns an `Answer` or raises a `Fault`. It never waits: the whole
request is one transaction.
"""

import json
import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sandbox import lenient, shape
from sandbox.faults import Fault, Json
from sandbox.world import Version, World


@dataclass(frozen=True)
class Identity:
    """Who asks: a user in a project, known by a token."""

    user_id: str
    project_id: str
    token: Json


@dataclass
class Call:
    """One request, parsed."""

    world: World
    method: str
    path: str
    base: str
    """Where the client found us, `http://127.0.0.1:15000`; every URL in an answer begins with it."""
    params: dict[str, str] = field(default_factory=dict)
    query: list[tuple[str, str]] = field(default_factory=list)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    raw: bytes = b""
    """The body as it came over the wire."""
    identity: Identity | None = None
    version: Version = (2, 1)
    legacy: bool = False
    """Whether the request came by Nova's `/v2` path, which knows no microversion and forgives unknown keys."""
    mount: str = ""
    """The part of the path before the route, `/compute/v2.1/<project>`."""
    client: str = ""
    """The address that the request came from."""
    request_id: str = field(default_factory=lambda: f"req-{uuid.uuid4()}")
    """What this request is called in its answer, and in the history of a server."""

    def ask(self, key: str, default: str | None = None) -> str | None:
        """Return the first value of a query parameter."""
        return next((value for name, value in self.query if name == key), default)

    def part(self, key: str, types: Mapping[str, shape.Type] | None = None) -> Json:
        """Return the object under `key` of the body, its fields of these types; refuse (400) any other body."""
        inner = self.body.get(key) if isinstance(self.body, dict) else None
        if not isinstance(inner, dict):
            raise Fault(400, f"Invalid input for field/attribute {key}: the body has no object '{key}'.")
        return shape.check(inner, types or {})

    @property
    def project_id(self) -> str:
        """The project of the caller."""
        return self.identity.project_id if self.identity else ""


@dataclass(frozen=True)
class Answer:
    """What goes back: a status, a body (None for an empty one) and headers.

    The body is anything that JSON can say or, where `media` is another type, a text or bytes of that type.
    """

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    media: str = "application/json"

    def content(self) -> bytes:
        """Return the body as it is sent."""
        if self.body is None:
            return b""
        if isinstance(self.body, bytes):
            return self.body
        return (json.dumps(self.body) if self.media == "application/json" else str(self.body)).encode()


Handler = Callable[[Call], Answer]


class Part(NamedTuple):
    """What a handler reads of its body, `call.part(*part)`: the object under `key`, its fields of these types.

    An empty `key` means the body itself.
    """

    key: str
    types: Mapping[str, shape.Type] = {}


class Raw(NamedTuple):
    """A body that is no JSON object, by its media type."""

    media: str
    schema: Json


class Route(NamedTuple):
    """A method and a path (`/servers/{server_id}`), answered by a handler.

    What stands behind the handler is for the description of the API.
    """

    method: str
    path: str
    handler: Handler
    public: bool = False
    """Whether it is answered without a token."""
    body: tuple[Part | Raw, ...] = ()
    """What the handler reads; where there are several, one of them."""
    status: tuple[int, ...] | None = None
    """What it answers with where it does not refuse; None means what is usual for the method."""
    query: tuple[str, ...] = ()
    """The query parameters that the handler looks at, the common ones at least."""


PAGE = ("limit", "marker")
"""The query parameters of a list that `page` looks at."""


class Found(NamedTuple):
    """A route that fits a request, and the names in its path."""

    route: Route
    params: dict[str, str]


class Router:
    """Finds the route of a request."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self.routes = tuple(routes)
        self._by_length: dict[int, list[tuple[re.Pattern[str], Route]]] = {}
        for route in self.routes:
            pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(route.path))
            self._by_length.setdefault(route.path.count("/"), []).append((re.compile(pattern), route))

    def find(self, method: str, path: str) -> Found | None:
        """Return the route for `method` and `path`, None if there is none, or raise a 405 naming what is allowed."""
        allowed = []
        for route, params in self._fitting(path):
            if route.method == method:
                return Found(route, params)
            allowed.append(route.method)
        if allowed:
            raise Fault(
                405, f"The method {method} is not allowed for this resource.", headers={"Allow": ", ".join(allowed)}
            )
        return None

    def _fitting(self, path: str) -> Iterator[Found]:
        for pattern, route in self._by_length.get(path.count("/"), ()):
            if fits := pattern.fullmatch(path):
                yield Found(route, fits.groupdict())


def page(call: Call, key: str, items: list[Json]) -> Json:
    """Return a list answer of Nova or Cinder: the page that `limit` and `marker` ask for, with a link to the next."""
    marker, limit = call.ask("marker"), call.ask("limit")
    if marker is not None:
        places = [place for place, item in enumerate(items) if item["id"] == marker]
        if not places:
            raise Fault(400, f"marker [{marker}] not found")
        items = items[places[0] + 1 :]
    if limit is None:
        return {key: items}
    if not re.fullmatch("[0-9]*", limit):
        raise Fault(
            400, f"Invalid input for query parameters limit. Value: {limit}. {limit!r} does not match '^[0-9]*$'"
        )
    most = lenient.count(limit) if limit else len(items)
    if most >= len(items) or not most:
        return {key: items[:most]}
    items = items[:most]
    rest = [(name, value) for name, value in call.query if name != "marker"]
    query = "&".join(f"{name}={value}" for name, value in [*rest, ("marker", items[-1]["id"])])
    return {key: items, f"{key}_links": [{"rel": "next", "href": f"{call.base}{call.path}?{query}"}]}
