"""From a request on the wire to a handler and back: parse, find the route, know who asks, one transaction, log."""

import asyncio
import logging
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import PurePath
from typing import Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox import control, incoming, lenient, versions
from sandbox.faults import Fault, Json, keystone_body, nova_body
from sandbox.journal import Journal
from sandbox.keystone.tokens import identify
from sandbox.mishaps.play import NO_ANSWER, Play
from sandbox.routing import Answer, Call, Route
from sandbox.services import SERVICES, Service
from sandbox.wire import HangUp
from sandbox.world import World

_LOG = logging.getLogger("sandbox")
_MISSING_TOKEN = "The request you have made requires authentication."  # noqa: S105 - a sentence, no password


def build(world: World, journal: Journal) -> Starlette:
    """Return the web application that serves `world` and logs every request in `journal`."""

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        journal.close()
        world.store.close()

    web = Starlette(lifespan=lifespan)
    # No route of the framework's fits every path: it leaves out those with a line break in them.
    web.router.default = _server(_endpoint(world, journal))
    return web


def _server(endpoint: Callable[[Request], Awaitable[Response]]) -> ASGIApp:
    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        response = await endpoint(Request(scope, receive))
        await response(scope, receive, send)

    return serve


def _endpoint(world: World, journal: Journal) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            raw = await incoming.read(request)
        except ClientDisconnect:
            # Half a request changes nothing, and there is nobody to tell.
            return HangUp()
        except incoming.TooLargeError:
            raw = None
        exchange = Exchange(world, journal, request, raw)
        # This is one synchronous step: requests cannot see each other half done.
        response = exchange.run()
        if exchange.play is not None and exchange.play.wait:
            # What the request did is kept already, and other requests go on meanwhile.
            try:
                await asyncio.sleep(exchange.play.wait)
            except asyncio.CancelledError:
                # The sandbox is stopped: nobody answers any more.
                return HangUp()
        return response

    return endpoint


class Exchange:
    """One request and its answer; `raw` is its body, None for one that is too large."""

    def __init__(self, world: World, journal: Journal, request: Request, raw: bytes | None) -> None:
        self.world = world
        self.journal = journal
        self.raw = raw
        self.headers = {key: value for key, value in request.headers.items()}  # noqa: C416 - the last of a repeated one
        # The URL made of these would have to be taken apart again: a name in it may hold a `?`, a Host be no host.
        path = request.scope["path"].rstrip("/") or "/"
        self.query = request.scope["query_string"].decode("latin-1")
        self.call = Call(
            world=world,
            method=request.method,
            path=path,
            base=f"http://{self.headers.get('host', '127.0.0.1')}",
            query=parse_qsl(self.query, keep_blank_values=True),
            headers=self.headers,
            raw=raw or b"",
            client=request.client.host if request.client else "",
        )
        self.service: Service | None = None
        self.play: Play | None = None

    def run(self) -> Response:
        """Answer the request; whatever goes wrong becomes an answer, and every answer is logged first."""
        try:
            answer = self._answer()
        except Fault as fault:
            answer = self._refuse(fault)
        except lenient.MisreadError as error:
            answer = self._refuse(Fault(400, f"Invalid input: {error}"))
        except Exception as error:  # noqa: BLE001 - a bug of ours must not end the cloud
            answer = self._broken(error)
        self._log(answer)
        if self.play is not None and self.play.hang_up:
            return HangUp()
        # A page comes from a proxy or is the sandbox's own; no service has numbered it.
        numbered = {} if answer.media == "text/html" else {"X-OpenStack-Request-ID": self.call.request_id}
        # A proxy, and what checks the token before a service is reached, know nothing of its versions.
        plain = answer.status == HTTPStatus.UNAUTHORIZED or answer.media != Answer.media
        headers = answer.headers if plain else {**self._version_headers(), **answer.headers}
        body = answer.content()
        return Response(body, answer.status, {**headers, **numbered}, media_type=answer.media if body else None)

    def _refuse(self, fault: Fault) -> Answer:
        service = self.service
        # Whatever the service: it is Keystone's code that checks the token before it.
        refuse = keystone_body if fault.status == HTTPStatus.UNAUTHORIZED else service.refuse if service else nova_body
        return Answer(fault.status, refuse(fault), fault.headers)

    def _answer(self) -> Answer:
        if self.raw is None:
            raise Fault(413, "Request is too large.", headers={"Connection": "close"})
        if self.raw:
            self.call.body = self._parse(self.raw)
        if answer := control.answer(self.call):
            return answer
        route = self._route()
        if self.world.mishaps.live:
            self.play = Play(self.call, self.service.name if self.service else "", route)
            return self.play.answer(lambda: self._admit(route), route.handler)
        self._admit(route)
        with self.world.store.transaction(write=self.call.method not in ("GET", "HEAD")):
            return route.handler(self.call)

    def _admit(self, route: Route) -> None:
        """Find out who asks, by which version of the API; raises a `Fault` for a caller who may not."""
        if not route.public:
            self.call.identity = identify(self.world, self.headers.get("x-auth-token", ""))
            if self.call.identity is None:
                where = f'Keystone uri="{self.call.base}/identity"'
                raise Fault(401, _MISSING_TOKEN, headers={"WWW-Authenticate": where})
            self._check_project()
        if self.service and self.service.negotiate and not self.call.legacy:
            self.call.version = self.service.negotiate(self.world, self.headers)

    def _parse(self, raw: bytes) -> Any:
        if "json" not in self.headers.get("content-type", "application/json"):
            return None
        try:
            return incoming.parse(raw, comments=self.world.ecs)
        except ValueError:
            raise Fault(400, "Malformed request body") from None

    def _route(self) -> Route:
        path = self.call.path
        for service in SERVICES:
            if path != service.root and not path.startswith(service.root + "/"):
                continue
            if service.only_ecs and not self.world.ecs:
                break
            self.service = service
            if found := service.documents.find(self.call.method, path):
                return found.route
            # The longest mount first: /v2.1 also begins with /v2
            for mount in sorted(service.mounts, key=len, reverse=True):
                if path.startswith(mount + "/"):
                    return self._mounted(service, mount)
        raise self._missing()

    def _mounted(self, service: Service, mount: str) -> Route:
        rest = self.call.path[len(mount) :]
        self.call.legacy = mount == "/compute/v2"
        self.call.mount = mount
        if found := service.routes.find(self.call.method, rest):
            self.call.params = found.params
            return found.route
        if service.projects:
            first, slash, below = rest[1:].partition("/")
            if slash and (found := service.routes.find(self.call.method, "/" + below)):
                self.call.mount = f"{mount}/{first}"
                self.call.params = {**found.params, "url_project": first}
                return found.route
        raise self._missing()

    def _missing(self) -> Fault:
        return Fault(404, f"The sandbox has no route {self.call.method} {self.call.path}")

    def _check_project(self) -> None:
        in_url = self.call.params.get("url_project")
        if in_url is not None and in_url != self.call.project_id:
            ours = self.call.project_id
            message = f"Malformed request URL: URL's project_id '{in_url}' doesn't match Context's project_id '{ours}'"
            raise Fault(400, message)

    def _version_headers(self) -> dict[str, str]:
        if not self.service or not self.service.header or self.call.legacy:
            return {}
        text = f"{self.call.version[0]}.{self.call.version[1]}"
        headers = {"OpenStack-API-Version": f"{self.service.header} {text}", "Vary": "OpenStack-API-Version"}
        if self.service.header == "compute":
            headers["X-OpenStack-Nova-API-Version"] = text
            headers["Vary"] += ", X-OpenStack-Nova-API-Version"
        return headers

    def _broken(self, error: Exception) -> Answer:
        # The error's own text may quote the request, so only its kind and place are told.
        frame = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{PurePath(frame.filename).name}:{frame.lineno}"
        _LOG.error("%s %s: %s at %s", self.call.method, self.call.path, type(error).__name__, place)
        return self._refuse(Fault(500, f"Unexpected API Error. {type(error).__name__} at {place}"))

    def _log(self, answer: Answer) -> None:
        if control.is_probe(self.call):
            return
        play = self.play
        lost = play is not None and play.hang_up
        entry: Json = {
            "time": self.world.now(),
            "service": self.service.name if self.service else None,
            "method": self.call.method,
            "path": self.call.path + (f"?{self.query}" if self.query else ""),
            "status": None if lost else answer.status,
            "microversion": self._version_headers().get("OpenStack-API-Version", " ").partition(" ")[2] or None,
            "asked": versions.asked(self.headers),
            "body": self.world.masks.body(self.call.body),
        }
        if play is not None and play.happened:
            entry["fault"] = ", ".join(play.happened)
            if lost and answer is not NO_ANSWER:
                entry["unsent"] = answer.status
        self.journal.append(entry)
