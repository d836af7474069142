"""Version documents, and the microversion that a request asks for."""

import re
from typing import NamedTuple

from sandbox.faults import Fault, Json
from sandbox.routing import Answer, Call, Handler, Route
from sandbox.world import Version, World, parse_version

_EXACT = re.compile(r"[1-9]\d{0,8}\.([1-9]\d{0,8}|0)")
_MEDIA = {
    "/compute": "compute+json;version=2.1",
    "/identity": "identity-v3+json",
    "/volume": "volume+json;version=3",
}
_LEFT_OUT = {
    "/compute": {"media-types"},
    "/image": {"media-types", "updated"},
    "/network": {"media-types", "updated"},
}
"""What the list of a service's versions does not say of them."""

VOLUME_MICROVERSION: Version = (3, 70)


class Api(NamedTuple):
    """One API version of a service, as its version document shows it."""

    id: str
    path: str
    """Where it lives below the service, `/v2.1`."""
    microversions: bool = False


def documents(root: str, apis: tuple[Api, ...], *, single: bool = True) -> tuple[Route, ...]:
    """Return the routes of a service's version documents: the list at its root, and (if `single`) one for each API."""
    routes = [Route("GET", root, _list(root, apis), public=True)]
    if single:
        routes += [Route("GET", root + api.path, _one(root, api), public=True) for api in apis]
    return tuple(routes)


def _list(root: str, apis: tuple[Api, ...]) -> Handler:
    def versions(call: Call) -> Answer:
        """GET on a service's root: every API version."""
        entries = [
            {k: v for k, v in _entry(call, root, api).items() if k not in _LEFT_OUT.get(root, ())} for api in apis
        ]
        # Keystone alone nests its list; the clients look for it there.
        body = {"versions": {"values": entries}} if root == "/identity" else {"versions": entries}
        return Answer(300 if root in ("/identity", "/image", "/volume") else 200, body)

    return versions


def _one(root: str, api: Api) -> Handler:
    def version(call: Call) -> Answer:
        """GET on an API version's root: that version."""
        entry = _entry(call, root, api)
        return Answer(200, {"versions": [entry]} if root == "/volume" else {"version": entry})

    return version


def _entry(call: Call, root: str, api: Api) -> Json:
    entry: Json = {
        "id": api.id,
        "status": "DEPRECATED" if api.path == "/v2" and root == "/compute" else _current(root),
        "updated": "2013-07-23T11:33:21Z",
        "links": [{"rel": "self", "href": f"{call.base}{root}{api.path}/"}],
        "media-types": [{"base": "application/json", "type": f"application/vnd.openstack.{_MEDIA.get(root)}"}],
    }
    if root == "/compute":
        low, high = ((2, 1), call.world.settings.max_microversion) if api.microversions else (None, None)
        entry |= {"min_version": _text(low), "version": _text(high)}
    elif root == "/volume":
        entry |= {"min_version": "3.0", "version": _text(VOLUME_MICROVERSION)}
        entry["links"].insert(0, {"rel": "describedby", "type": "text/html", "href": "https://docs.openstack.org/"})
    return entry


def _current(root: str) -> str:
    return "stable" if root == "/identity" else "CURRENT"


def _text(version: Version | None) -> str:
    return "" if version is None else f"{version[0]}.{version[1]}"


def compute_version(world: World, headers: dict[str, str]) -> Version:
    """Return the compute microversion that the headers ask for, 2.1 if they do not.

    Raises a `Fault` as Nova does: 400 for what is no version, 406 for one that this cloud does not have.
    """
    wanted = _asked(headers, "compute") or headers.get("x-openstack-nova-api-version")
    if wanted is None:
        return (2, 1)
    if wanted == "latest":
        return world.settings.max_microversion
    return _checked(wanted, (2, 1), world.settings.max_microversion)


def volume_version(world: World, headers: dict[str, str]) -> Version:
    """Return the block storage microversion that the headers ask for, 3.0 if they do not; raises as Cinder does."""
    del world
    wanted = _asked(headers, "volume")
    if wanted is None:
        return (3, 0)
    if wanted == "latest":
        return VOLUME_MICROVERSION
    return _checked(wanted, (3, 0), VOLUME_MICROVERSION)


def asked(headers: dict[str, str]) -> str | None:
    """Return what the headers of a request say about microversions, as they say it; None if they say nothing."""
    return headers.get("openstack-api-version") or headers.get("x-openstack-nova-api-version")


def _asked(headers: dict[str, str], service: str) -> str | None:
    found = re.search(rf"\b{service}\s+(\S+?)(?:,|$)", headers.get("openstack-api-version", ""))
    return found.group(1) if found else None


def _checked(wanted: str, low: Version, high: Version) -> Version:
    if not _EXACT.fullmatch(wanted):
        message = f"API Version String {wanted} is of invalid format. Must be of format MajorNum.MinorNum."
        raise Fault(400, message)
    version = parse_version(wanted)
    if not low <= version <= high:
        span = f"Minimum is {_text(low)} and maximum is {_text(high)}"
        raise Fault(406, f"Version {wanted} is not supported by the API. {span}.")
    return version
