"""One cloud: its settings, its memory, its clock and its secrets, handed to every handler."""

import copy
import json
import secrets
import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from sandbox.clock import Clock
from sandbox.faults import Fault, Json
from sandbox.masks import Masks
from sandbox.mishaps.shelf import Mishaps
from sandbox.store import Store

Profile = Literal["ecs", "community"]
Version = tuple[int, int]

PROFILES: dict[str, Version] = {"ecs": (2, 60), "community": (2, 96)}
"""The profiles, each with the highest compute microversion it speaks unless told otherwise."""

LOWEST: Version = (2, 1)
HIGHEST: Version = max(PROFILES.values())
"""The compute microversions between which a cloud's maximum can be set."""

_KEPT = "settings"
_MOST_HOSTS = 10_000
_LONGEST_BUILD = 3_600.0
_LONGEST_TOKEN = 10 * 365 * 86_400.0


def parse_version(text: str) -> Version:
    """Read `2.60`; raises `ValueError` for anything else."""
    major, _, minor = text.strip().partition(".")
    if not (major.isdecimal() and minor.isdecimal()):
        raise ValueError(f"{text!r} is not a version such as 2.60")
    return int(major), int(minor)


@dataclass(frozen=True)
class Settings:
    """How a cloud behaves.

    `profile` is `ecs` (the document's restrictions) or `community` (plain Nova); `build_seconds` is how long a server
    or a volume takes to come up; `max_microversion` the highest compute microversion; `token_seconds` how long a
    token is good for; `hosts` how many hosts anti-affinity can choose from, 0 for a cloud without room;
    `build_error`, where it is not empty, is why every server that is built ends in ERROR.
    """

    profile: Profile = "ecs"
    build_seconds: float = 0.3
    max_microversion: Version = (2, 60)
    token_seconds: float = 86_400
    hosts: int = 8
    region: str = "sandbox"
    user: str = "demo"
    build_error: str = ""

    def with_profile(self, profile: str) -> "Settings":
        """Return these settings with a profile and its own highest microversion; `ValueError` for an unknown one."""
        if profile not in PROFILES:
            raise ValueError(f"profile {profile!r} is unknown; choose one of: {', '.join(PROFILES)}")
        return replace(self, profile=profile, max_microversion=PROFILES[profile])  # type: ignore[arg-type]

    def changed(self, given: Mapping[str, Any]) -> "Settings":
        """Return these settings with those of `given` changed, whose values are as in JSON (`"2.60"` for a version).

        Raises `ValueError`, naming the choices, for a setting that cannot be changed or a value that cannot be.
        """
        values = {}
        for name, value in given.items():
            if name not in CHANGEABLE:
                raise ValueError(f"setting {name!r} is unknown; choose one of: {', '.join(CHANGEABLE)}")
            values[name] = CHANGEABLE[name](name, value)
        return replace(self, **values)

    def as_json(self) -> Json:
        """Return the settings that can be changed, and the profile."""
        shown: Json = {"profile": self.profile, **{name: getattr(self, name) for name in CHANGEABLE}}
        return shown | {"max_microversion": ".".join(map(str, self.max_microversion))}


def _seconds(least: float, most: float) -> Callable[[str, Any], float]:
    def read(name: str, value: Any) -> float:
        # A NaN compares false with everything, so it is refused here as well.
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            raise ValueError(f"{name} is a number of seconds from {least:g} to {most:g}, not {value!r}")
        return float(value)

    return read


def _hosts(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST_HOSTS:
        raise ValueError(f"{name} is a whole number from 0 to {_MOST_HOSTS}, not {value!r}")
    return value


def _version(name: str, value: Any) -> Version:
    try:
        # A number cannot tell 2.6 from 2.60.
        version = parse_version(value if isinstance(value, str) else "")
    except ValueError:
        raise ValueError(f"{name} is a text such as '2.60', not {value!r}") from None
    if not LOWEST <= version <= HIGHEST:
        low, high = (".".join(map(str, one)) for one in (LOWEST, HIGHEST))
        raise ValueError(f"{name}: the sandbox speaks {low} to {high}, not {value}")
    return version


CHANGEABLE: dict[str, Callable[[str, Any], Any]] = {
    "build_seconds": _seconds(0, _LONGEST_BUILD),
    "hosts": _hosts,
    "max_microversion": _version,
    "token_seconds": _seconds(1, _LONGEST_TOKEN),
}
"""The settings that can be changed while a cloud runs, each with what reads its value."""


@dataclass(eq=False)
class World:
    """Everything that a handler may look at or change.

    `settings` are those of now; `mishaps` what shall go wrong.
    """

    store: Store
    clock: Clock
    masks: Masks
    settings: Settings = field(default_factory=Settings)
    password_mask: str = ""
    control_key: str = ""
    sandbox_id: str = ""
    mishaps: Mishaps = field(init=False)

    def __post_init__(self) -> None:
        self.mishaps = Mishaps(self.store)
        self._begun_with = self.settings

    @property
    def ecs(self) -> bool:
        """Whether the document's restrictions hold."""
        return self.settings.profile == "ecs"

    @property
    def project_id(self) -> str:
        """The id of the one project."""
        return self.store.note("project_id") or ""

    def now(self) -> float:
        """Return the time in seconds."""
        return self.clock.now()

    def ready_at(self) -> float:
        """Return when something that is begun now will be there."""
        return self.clock.now() + self.settings.build_seconds

    def need(self, kind: str, record_id: str, fault: Fault) -> Json:
        """Return a record; raise `fault` if there is none."""
        found = self.store.get(kind, record_id)
        if found is None:
            raise fault
        return found

    def under(self, settings: Settings) -> "World":
        """Return this same world as it is under other settings, for the time of one request."""
        other = copy.copy(self)
        other.settings = settings
        return other

    def recall(self, but: Collection[str] = ()) -> None:
        """Take up what an earlier run of this cloud was set to, except for the settings named in `but`."""
        kept = {name: value for name, value in self._kept().items() if name not in but}
        self.settings = self.settings.changed(kept)
        self.store.remember(_KEPT, json.dumps(kept))

    def change(self, given: Json) -> None:
        """Change settings, for this run and the next ones; raises `ValueError` as `Settings.changed` does."""
        settings = self.settings.changed(given)
        self.store.remember(_KEPT, json.dumps(self._kept() | given))
        self.settings = settings

    def change_back(self) -> None:
        """Go back to the settings that this cloud was started with."""
        self.store.remember(_KEPT, "{}")
        self.settings = self._begun_with

    def _kept(self) -> Json:
        kept: Json = json.loads(self.store.note(_KEPT) or "{}")
        return kept


def new_id() -> str:
    """Return a fresh UUID."""
    return str(uuid.uuid4())


def reservation() -> str:
    """Return a fresh reservation id as Nova makes them: `r-` and eight letters or digits."""
    alphabet = "abcdefghijklmnopqrstuvwxyz0123456789"
    return "r-" + "".join(secrets.choice(alphabet) for _ in range(8))
