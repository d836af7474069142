"""One cloud: its settings, its memory, its clock and its secrets, handed to every handler."""

import secrets
import uuid
from dataclasses import dataclass, field, replace
from typing import Literal

from sandbox.clock import Clock
from sandbox.faults import Fault, Json
from sandbox.masks import Masks
from sandbox.store import Store

Profile = Literal["ecs", "community"]
Version = tuple[int, int]

PROFILES: dict[str, Version] = {"ecs": (2, 60), "community": (2, 96)}
"""The profiles, each with the highest compute microversion it speaks unless told otherwise."""


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
    token is good for; `hosts` how many hosts anti-affinity can choose from.
    """

    profile: Profile = "ecs"
    build_seconds: float = 0.3
    max_microversion: Version = (2, 60)
    token_seconds: float = 86_400
    hosts: int = 8
    region: str = "sandbox"
    user: str = "demo"

    def with_profile(self, profile: str) -> "Settings":
        """Return these settings with a profile and its own highest microversion; `ValueError` for an unknown one."""
        if profile not in PROFILES:
            raise ValueError(f"profile {profile!r} is unknown; choose one of: {', '.join(PROFILES)}")
        return replace(self, profile=profile, max_microversion=PROFILES[profile])  # type: ignore[arg-type]


@dataclass(frozen=True)
class World:
    """Everything that a handler may look at or change."""

    store: Store
    clock: Clock
    masks: Masks
    settings: Settings = field(default_factory=Settings)
    password_mask: str = ""
    control_key: str = ""
    sandbox_id: str = ""

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


def new_id() -> str:
    """Return a fresh UUID."""
    return str(uuid.uuid4())


def reservation() -> str:
    """Return a fresh reservation id as Nova makes them: `r-` and eight letters or digits."""
    alphabet = "abcdefghijklmnopqrstuvwxyz0123456789"
    return "r-" + "".join(secrets.choice(alphabet) for _ in range(8))
