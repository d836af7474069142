"""What a request can be refused with, and how each service spells it.

A handler raises one `Fault`; the service that was asked decides how its body looks.
"""

from collections.abc import Callable
from typing import Any

Json = dict[str, Any]

_NOVA_KINDS = {
    400: "badRequest",
    401: "unauthorized",
    403: "forbidden",
    404: "itemNotFound",
    405: "badMethod",
    406: "computeFault",
    409: "conflictingRequest",
    413: "overLimit",
    429: "overLimit",
    500: "computeFault",
    501: "notImplemented",
    503: "serviceUnavailable",
}

_TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    409: "Conflict",
    413: "Request Entity Too Large",
    429: "Too Many Requests",
    500: "Internal Server Error",
    501: "Not Implemented",
    503: "Service Unavailable",
}


class Fault(Exception):  # noqa: N818 - it is what OpenStack calls it
    """A request is refused; nothing of it took effect.

    `status` is the HTTP status, `message` the sentence for the client, `kind` the word by which Neutron names the
    error (the other services derive theirs from the status), `headers` what the answer carries besides.
    """

    def __init__(self, status: int, message: str, kind: str = "", headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.kind = kind
        self.headers = headers or {}


Renderer = Callable[[Fault], Json]


def nova_body(fault: Fault) -> Json:
    """Spell `fault` as Nova and Cinder do: `{"badRequest": {"code": 400, "message": ...}}`."""
    kind = _NOVA_KINDS.get(fault.status, "computeFault")
    body: Json = {"code": fault.status, "message": fault.message}
    if "Retry-After" in fault.headers and kind == "overLimit":
        body["retryAfter"] = fault.headers["Retry-After"]
    return {kind: body}


def neutron_body(fault: Fault) -> Json:
    """Spell `fault` as Neutron does: `{"NeutronError": {"type": ..., "message": ..., "detail": ""}}`."""
    kind = fault.kind or f"HTTP{_TITLES.get(fault.status, 'Error').replace(' ', '')}"
    return {"NeutronError": {"type": kind, "message": fault.message, "detail": ""}}


def keystone_body(fault: Fault) -> Json:
    """Spell `fault` as Keystone does: `{"error": {"code": ..., "message": ..., "title": ...}}`."""
    title = _TITLES.get(fault.status, "Error")
    return {"error": {"code": fault.status, "message": fault.message, "title": title}}


def glance_body(fault: Fault) -> Json:
    """Spell `fault` as Glance does: `{"message": ..., "code": "404 Not Found", "title": "Not Found"}`."""
    title = _TITLES.get(fault.status, "Error")
    return {"message": fault.message, "code": f"{fault.status} {title}", "title": title}
