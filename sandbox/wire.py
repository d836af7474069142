"""The HTTP server's side of a connection: how one is closed without an answer.

A web application can only answer; closing the connection is the server's. So each request is handed what closes its
own connection, as an extension of the interface between the two (ASGI).
"""

from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

_EXTENSION = "sandbox.hang_up"


class Wire(H11Protocol):
    """HTTP/1.1 on one connection that a request may have closed."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._served = self.app
        self.app = self._serve

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("extensions", {})[_EXTENSION] = self.transport.close
        await self._served(scope, receive, send)


class HangUp(Response):
    """Closes the connection: the client reads not a single byte of an answer."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - nothing is sent
        """Close the connection, and wait until it is closed."""
        scope["extensions"][_EXTENSION]()
        # Without this the server would find that nothing was answered, and send a 500 of its own.
        while (await receive())["type"] != "http.disconnect":
            pass
