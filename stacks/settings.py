"""What a stack's YAML states: networks, groups, keys, disks and servers, by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag

from components.ecs.batch_args import BatchArgs, BatchNic
from components.ecs.disk import DataDisk, named_apart
from components.ecs.hints import SchedulerHints
from components.ecs.key_pair import KeyPairArgs
from components.ecs.nic import FixedIpV4, NetworkNic, PortNic
from components.ecs.server_args import ServerArgs
from components.ecs.server_group import ServerGroupArgs
from components.inputs import Args, Refused, refuse
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


class StackBatchNic(Args):
    """A NIC of every member on a network that this stack makes."""

    network: str
    """The network's name in this stack."""

    port: Annotated[None, Refused("ECS-405", "cannot be shared by the members", "Remove it")] = None
    fixed_ip: Annotated[
        None, Refused("ECS-405", "cannot be shared by the members", "Remove it; the system picks an address for each")
    ] = None


def _batch_nic_kind(value: Any) -> str:
    named = "network" in value if isinstance(value, dict) else isinstance(value, StackBatchNic)
    return "network" if named else "uuid"


BatchNicSettings = Annotated[
    Annotated[StackBatchNic, Tag("network")] | Annotated[BatchNic, Tag("uuid")], Discriminator(_batch_nic_kind)
]


class BatchSettings(BatchArgs):
    """One batch: the arguments of `ServerBatch`, in which things of the same stack can be named."""

    networks: Annotated[  # type: ignore[assignment]  # wider on purpose, as for a server
        tuple[BatchNicSettings, ...], *BatchArgs.model_fields["networks"].metadata
    ]
    """The NICs of every member, at least one (ECS-301)."""

    scheduler_hints: HintSettings | None = None
    """Where they are placed (Table 7)."""


class Protection(Args):
    """What holds for everything in the stack that does not say otherwise."""

    servers: bool | None = None
    """Whether servers and batches are neither deleted nor replaced nor rebuilt; by default in the stacks `staging` and `prod`."""


class Settings(Args):
    """A whole stack."""

    protection: Protection = Field(default_factory=Protection)
    """What is protected unless it says otherwise itself."""

    consent: dict[Label, tuple[Literal["rebuild", "replace"], ...]] = Field(default_factory=dict)
    """What the next change may do to protected servers and batches, by name; to be taken out again after it."""

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

    batches: dict[Label, BatchSettings] = Field(default_factory=dict)
    """Batches of equal ECSs."""


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
        yield from _group_of(settings, server.scheduler_hints, here)
    yield from _dangling_in_batches(settings)
    there = {**settings.servers, **settings.batches}
    for name in settings.consent:
        if name not in there:
            yield _no(f"consent.{name}", "server or batch", name, there)


def _dangling_in_batches(settings: Settings) -> Iterator[Problem]:
    for name, batch in settings.batches.items():
        here = f"batches.{name}"
        if name in settings.servers:
            yield Problem(here, "is the name of a server too", "Give one of them another name")
        for number, one in enumerate(batch.networks):
            if isinstance(one, StackBatchNic) and one.network not in settings.networks:
                yield _no(f"{here}.networks[{number}].network", "network", one.network, settings.networks)
        yield from _group_of(settings, batch.scheduler_hints, here)


def _group_of(settings: Settings, hints: HintSettings | None, here: str) -> Iterator[Problem]:
    if hints is None or hints.server_group is None:
        return
    if hints.server_group not in settings.server_groups:
        yield _no(f"{here}.scheduler_hints.server_group", "server group", hints.server_group, settings.server_groups)
    if hints.group is not None:
        yield Problem(f"{here}.scheduler_hints.group", "is a second group", "Keep `group` or `server_group`", "ECS-501")


def _no(path: str, kind: str, name: str, there: Mapping[str, Any]) -> Problem:
    known = ", ".join(sorted(there)) or "none"
    return Problem(path, f"this stack has no {kind} {name!r}", f"State it, or name one of its own ({known})")
