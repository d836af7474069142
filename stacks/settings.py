"""What a stack's YAML states: networks, groups, keys, disks and servers, by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag

from components.ecs.disk import DataDisk, named_apart
from components.ecs.hints import SchedulerHints
from components.ecs.key_pair import KeyPairArgs
from components.ecs.nic import FixedIpV4, NetworkNic, PortNic
from components.ecs.server_args import ServerArgs
from components.ecs.server_group import ServerGroupArgs
from components.inputs import Args, refuse
from components.network.network import NetworkArgs
from components.network.security_group import SecurityGroupArgs
from components.problems import ArgumentError, Problem, checked
from components.storage.disk import DiskArgs

Label = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
"""The name of a thing in the YAML: letters, digits, `.`, `_` and `-`."""


class StackNic(Args):
    """A NIC on a network that this stack makes."""

    network: str
    """The network's name in this stack."""

    fixed_ip: FixedIpV4 = None
    """The IPv4 address on it; the system picks one by default (ECS-303)."""


def _nic_kind(value: Any) -> str:
    if isinstance(value, dict):
        return next((key for key in ("network", "port") if key in value), "uuid")
    if isinstance(value, StackNic):
        return "network"
    return "port" if isinstance(value, PortNic) else "uuid"


def _names_one(value: Any) -> Any:
    if isinstance(value, dict) and not value.keys() & {"network", "port", "uuid"}:
        if "fixed_ip" in value:
            raise refuse(
                "ECS-303", "gives a fixed_ip without a network", "Add `uuid`, the network's UUID, or `network`"
            )
        raise refuse(
            "ECS-302",
            "names neither a port nor a network",
            "Set `port` to a port's UUID, `uuid` to a network's, or `network` to the name of one in this stack",
        )
    return value


NicSettings = Annotated[
    Annotated[StackNic, Tag("network")] | Annotated[PortNic, Tag("port")] | Annotated[NetworkNic, Tag("uuid")],
    Discriminator(_nic_kind),
    BeforeValidator(_names_one),
]


class StackDisk(Args):
    """A disk that this stack makes on its own, attached to the server."""

    disk: str
    """The disk's name in this stack."""

    @property
    def name(self) -> str:
        """What it is known by among the server's disks."""
        return self.disk


def _disk_kind(value: Any) -> str:
    named = "disk" in value if isinstance(value, dict) else isinstance(value, StackDisk)
    return "disk" if named else "other"


DiskSettings = Annotated[
    Annotated[StackDisk, Tag("disk")] | Annotated[DataDisk, Tag("other")],
    Discriminator(_disk_kind),
]


class HintSettings(SchedulerHints):
    """Scheduling of a server (Table 7), with a group of this stack by name."""

    server_group: str | None = None
    """The name of a server group in this stack; instead of `group`."""


class ServerSettings(ServerArgs):
    """One server: the arguments of `Server`, in which things of the same stack can be named."""

    networks: Annotated[  # type: ignore[assignment]  # wider on purpose: `args` narrows it before it reaches the component
        tuple[NicSettings, ...], *ServerArgs.model_fields["networks"].metadata
    ]
    """Its NICs, at least one (ECS-301)."""

    disks: Annotated[tuple[DiskSettings, ...], AfterValidator(named_apart)] = ()  # type: ignore[assignment]
    """Data disks beside the boot disk."""

    scheduler_hints: HintSettings | None = None
    """Where it is placed (Table 7)."""


class Settings(Args):
    """A whole stack."""

    networks: dict[Label, NetworkArgs] = Field(default_factory=dict)
    """Networks to make, each with a subnet."""

    security_groups: dict[Label, SecurityGroupArgs] = Field(default_factory=dict)
    """Security groups to make, with their rules."""

    server_groups: dict[Label, ServerGroupArgs] = Field(default_factory=dict)
    """Server groups to make, anti-affinity by default."""

    key_pairs: dict[Label, KeyPairArgs] = Field(default_factory=dict)
    """Public keys to log in with."""

    disks: dict[Label, DiskArgs] = Field(default_factory=dict)
    """Disks that live on their own."""

    servers: dict[Label, ServerSettings] = Field(default_factory=dict)
    """The ECSs."""


def read(stated: Mapping[str, Any], path: str) -> Settings:
    """The settings that a stack states; raises `ArgumentError` with every mistake, also names that nothing in the stack has."""
    settings: Settings = checked(Settings.model_validate, dict(stated), path, Settings)
    missing = [problem.under(path) for problem in _dangling(settings)]
    if missing:
        raise ArgumentError(missing)
    return settings


def _dangling(settings: Settings) -> Iterator[Problem]:
    """Every name that stands for nothing in the stack."""
    for name, server in settings.servers.items():
        here = f"servers.{name}"
        for number, nic in enumerate(server.networks):
            if isinstance(nic, StackNic) and nic.network not in settings.networks:
                yield _no(f"{here}.networks[{number}].network", "network", nic.network, settings.networks)
        for number, disk in enumerate(server.disks):
            if isinstance(disk, StackDisk) and disk.disk not in settings.disks:
                yield _no(f"{here}.disks[{number}].disk", "disk", disk.disk, settings.disks)
        hints = server.scheduler_hints
        if hints is None or hints.server_group is None:
            continue
        if hints.server_group not in settings.server_groups:
            yield _no(
                f"{here}.scheduler_hints.server_group", "server group", hints.server_group, settings.server_groups
            )
        if hints.group is not None:
            yield Problem(
                f"{here}.scheduler_hints.group", "is a second group", "Keep `group` or `server_group`", "ECS-501"
            )


def _no(path: str, kind: str, name: str, there: Mapping[str, Any]) -> Problem:
    known = ", ".join(sorted(there)) or "none"
    return Problem(path, f"this stack has no {kind} {name!r}", f"State it, or name one of its own ({known})")
