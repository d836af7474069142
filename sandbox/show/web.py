"""The page on the root URL, for a browser on this machine."""

from dataclasses import dataclass
from weakref import WeakKeyDictionary

from sandbox.faults import Fault
from sandbox.routing import Answer, Call
from sandbox.show.gather import gather
from sandbox.show.page import content, page, policy, tag
from sandbox.store import Store
from sandbox.world import World

_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
_CLIENTS = frozenset({"127.0.0.1", "::1"})
_HEADERS = {
    # A page that frames this one could make the user click in it; one that embeds it could measure it.
    "Content-Security-Policy": f"{policy()}; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
    "Vary": "Accept",
}


@dataclass(frozen=True)
class _Shown:
    """A page as it was last made, good until the store changes or `until` (seconds since 1970) is reached."""

    changes: int
    until: float | None
    tag: str
    text: str


_last: WeakKeyDictionary[Store, _Shown] = WeakKeyDictionary()


def wants_page(call: Call) -> bool:
    """Tell whether a browser asks for the root; a program that does not say it reads HTML gets JSON."""
    return call.path == "/" and call.method in ("GET", "HEAD") and "text/html" in call.headers.get("accept", "")


def answer(call: Call) -> Answer:
    """Answer with the page, or 304 where the client has it already; 403 for whoever is not on this machine.

    The page needs no token, so it is for this machine alone. The name in the request is checked as well: another
    site's page can have its own name point to 127.0.0.1, and would then be allowed to read the answer.
    """
    name, _, port = call.headers.get("host", "").rpartition(":")
    if (name if port.isdecimal() else call.headers.get("host", "")).lower() not in _NAMES:
        raise Fault(403, "This page is shown under the names 127.0.0.1 and localhost only.")
    if call.client not in _CLIENTS:
        raise Fault(403, "This page is shown on the machine only that the sandbox runs on.")
    shown = _current(call.world)
    headers = {**_HEADERS, "ETag": f'"{shown.tag}"'}
    if call.headers.get("if-none-match") == headers["ETag"]:
        return Answer(304, headers=headers)
    return Answer(200, shown.text, headers, media="text/html")


def _current(world: World) -> _Shown:
    store, now = world.store, world.now()
    last = _last.get(store)
    if last and last.changes == store.changes and (last.until is None or now < last.until):
        return last
    with store.transaction(write=False):
        inventory = gather(store, profile=world.settings.profile, at=now)
    main = content(inventory)
    changes, until = store.changes, inventory.changes_at
    text = last.text if last and last.tag == tag(main) else page(inventory, main, live=True)
    shown = _last[store] = _Shown(changes, until, tag(main), text)
    return shown
