"""How a cloud's trouble reads: the body that the service itself would send, or the page of the proxy before it."""

from math import ceil

from sandbox.faults import Fault
from sandbox.mishaps.mishap import Mishap
from sandbox.routing import Answer, Call

_PROXY = {
    "502": ("Bad Gateway", "The service behind this address gave an answer that makes no sense."),
    "503": ("Service Unavailable", "No server of this service is available to handle the request."),
    "504": ("Gateway Timeout", "The service behind this address did not answer in time."),
}
_BROKEN = {
    "compute": "Unexpected API Error. Please report it with the log of the Nova API.",
    "network": "Request Failed: internal server error while processing your request.",
    "identity": "An unexpected error prevented the server from fulfilling your request.",
}
_BROKEN_ELSEWHERE = "The server has either erred or is incapable of performing the requested operation."
_TOO_MANY = "This request was rate-limited."


class UsedUp(Fault):
    """A request is refused because a quota is used up, as somebody asked for."""


def refusal(mishap: Mishap, service: str) -> Answer | Fault:
    """Return what a request gets instead of an answer: a `Fault`, for the service to spell, or a proxy's page."""
    retry = {} if mishap.retry_after is None else {"Retry-After": str(ceil(mishap.retry_after))}
    if mishap.kind == "429":
        return Fault(429, _TOO_MANY, "HTTPTooManyRequests", retry)
    if mishap.kind == "500":
        return Fault(500, _BROKEN.get(service, _BROKEN_ELSEWHERE), "HTTPInternalServerError")
    title, text = _PROXY[mishap.kind]
    page = f"<html><body><h1>{mishap.kind} {title}</h1>\n{text}\n</body></html>\n"
    return Answer(int(mishap.kind), page, {"Cache-Control": "no-cache", **retry}, media="text/html")


def in_use(call: Call, service: str) -> int:
    """Return how many servers or volumes there are; 0 for a service that names no numbers in its refusal."""
    kind = {"compute": "server", "volume": "volume"}.get(service)
    return call.world.store.total(kind)[0] if kind else 0


def used_up(call: Call, service: str, used: int, wanted: int) -> UsedUp:
    """Return the refusal of a request for `wanted` more, as if a quota of the `used` ones were full."""
    if service == "compute":
        text = f"Requested {wanted}, but already used {used} of {used} instances"
        return UsedUp(403, f"Quota exceeded for instances: {text}")
    if service == "volume":
        text = f"Maximum number of volumes allowed ({used}) exceeded for quota 'volumes'."
        return UsedUp(413, f"VolumeLimitExceeded: {text}", headers={"Retry-After": "0"})
    if service == "network":
        resource = call.path.rpartition("/")[2].removesuffix("s").replace("-", "_")
        return UsedUp(409, f"Quota exceeded for resources: ['{resource}'].", "OverQuota")
    return UsedUp(403, "Quota exceeded.")
