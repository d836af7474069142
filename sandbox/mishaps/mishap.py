"""One mishap: which requests it meets, what happens to them, how often."""

import fnmatch
import re
from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property
from typing import Any

from sandbox.catalog import CATALOG
from sandbox.faults import Fault, Json
from sandbox.mishaps.kinds import KINDS, OPTIONS, Kind

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
MOST_SECONDS = 3_600
_LONGEST = 255
_MOST_TIMES = 1_000_000
_ROOTS = tuple(dict.fromkeys("/" + entry.path.split("/")[1] for entry in CATALOG))
_PLACE = re.compile(rf"/\*|({'|'.join(_ROOTS)})($|[/*])")


@dataclass(frozen=True)
class Mishap:
    """What shall go wrong, and how often it did.

    `on` is a method and a pattern of a path (`POST /compute/*/servers`, `*` for anything), `server` a pattern of a
    server's name, or its id, None for any; `times` is how often it happens, None for ever, after the first `after`
    requests that fit were left alone; `seen` counts the requests that fitted, `met` those that it happened to.
    """

    id: str
    kind: str
    on: str
    server: str | None = None
    times: int | None = 1
    after: int = 0
    seconds: float | None = None
    retry_after: float | None = None
    message: str | None = None
    met: int = 0
    seen: int = 0

    @property
    def what(self) -> Kind:
        """Its row in the table of kinds."""
        return KINDS[self.kind]

    @property
    def spent(self) -> bool:
        """Whether it happened as often as it shall."""
        return self.times is not None and self.met >= self.times

    @property
    def due(self) -> bool:
        """Whether it happens to the next request that fits."""
        return self.seen >= self.after and not self.spent

    def fits(self, method: str, path: str) -> bool:
        """Tell whether a request is one of those that it meets, whatever the server."""
        wanted = self.on.split(" ", 1)[0]
        return wanted in ("*", method) and self._path.fullmatch(path) is not None

    def fits_server(self, name: str, server_id: str | None) -> bool:
        """Tell whether a server is one of those that it meets."""
        return self.server is None or self.server == server_id or fnmatch.fnmatchcase(name, self.server)

    def after_one_more(self) -> "Mishap":
        """Return it with one more request counted."""
        return replace(self, seen=self.seen + 1, met=self.met + (1 if self.due else 0))

    def as_json(self) -> Json:
        """Return it as the file and the answers have it."""
        return asdict(self) | {"spent": self.spent}

    @cached_property
    def _path(self) -> re.Pattern[str]:
        return re.compile(fnmatch.translate(self.on.split(" ", 1)[1]))


_FIELDS = frozenset(one.name for one in fields(Mishap))


def from_record(record: Json) -> Mishap:
    """Return the mishap of a record of the store."""
    return Mishap(**{key: value for key, value in record.items() if key in _FIELDS})


def read(given: Any, new_id: str) -> Mishap:
    """Read what somebody asked for; raises a `Fault` (400) that says what is wrong and names the choices."""
    if not isinstance(given, dict):
        raise _wrong('a fault is a JSON object such as {"kind": "503", "times": 2}')
    name = given.get("kind")
    if not isinstance(name, str) or name not in KINDS:
        raise _wrong(f"kind {name!r} is unknown; choose one of: {', '.join(KINDS)}")
    kind = KINDS[name]
    known = {"kind", "on", "server", "times", "after", *OPTIONS}
    if unknown := sorted(set(given) - known):
        raise _wrong(f"{unknown[0]!r} is unknown; choose among: {', '.join(sorted(known))}")
    said = {option: given[option] for option in OPTIONS if given.get(option) is not None}
    for option in said:
        if option not in kind.takes:
            others = ", ".join(other for other, row in KINDS.items() if option in row.takes)
            raise _wrong(f"{name} takes no {option}; it belongs to: {others}")
    options: dict[str, Any] = {**kind.takes, **said}
    return Mishap(
        id=new_id,
        kind=name,
        on=_on(name, kind, given.get("on")),
        server=_text("server", given.get("server")),
        times=_count("times", given.get("times", 1), 1, none=True),
        after=_count("after", given.get("after", 0), 0) or 0,
        seconds=_seconds("seconds", options.get("seconds")),
        retry_after=_seconds("retry_after", options.get("retry_after")),
        message=_text("message", options.get("message")),
    )


def _wrong(message: str) -> Fault:
    return Fault(400, message)


def _on(name: str, kind: Kind, given: Any) -> str:
    if given is None:
        return kind.on
    if not isinstance(given, str) or not 0 < len(given.split()) <= 2 or len(given) > _LONGEST:  # noqa: PLR2004
        raise _wrong(f"on is a method and a path such as '{kind.on}', not {given!r}")
    parts = given.split()
    if len(parts) == 1:
        parts = ["*", parts[0]] if parts[0].startswith("/") else [parts[0], "/*"]
    method, path = parts[0].upper(), parts[1]
    if method not in ("*", *METHODS):
        raise _wrong(f"on {given!r}: the method is none of: {', '.join(METHODS)}, *")
    # A pattern that can meet nothing would be taken for a client that survives everything.
    if not _PLACE.match(path):
        raise _wrong(f"on {given!r}: the path begins with none of: {', '.join(_ROOTS)}, /*")
    wanted = f"{method} {path}"
    if kind.fixed and wanted != kind.on:
        raise _wrong(f"{name} meets {kind.on} only; choose a server by its name instead")
    if kind.method and method != kind.method:
        raise _wrong(f"{name} meets {kind.method} only, not {method}")
    return wanted


def _text(name: str, given: Any) -> str | None:
    if given is None:
        return None
    if not isinstance(given, str) or not 0 < len(given) <= _LONGEST:
        raise _wrong(f"{name} is a text of 1 to {_LONGEST} characters")
    return given


def _count(name: str, given: Any, least: int, *, none: bool = False) -> int | None:
    if given is None and none:
        return None
    if isinstance(given, bool) or not isinstance(given, int) or not least <= given <= _MOST_TIMES:
        raise _wrong(f"{name} is a whole number from {least} to {_MOST_TIMES}, not {given!r}")
    return given


def _seconds(name: str, given: Any) -> float | None:
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 < given <= MOST_SECONDS:
        raise _wrong(f"{name} is a number of seconds above 0, up to {MOST_SECONDS}, not {given!r}")
    return float(given)
