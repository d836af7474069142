"""What is in a sandbox, as plain data: names, states, sizes, addresses and who has what.

Nothing secret can get in, because every field is named here and none of them holds any: no token, password, user data
or metadata, not even a mask of one.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any


@dataclass(frozen=True)
class Nic:
    """A server's or a router's port: its network, its fixed IPs and the floating IPs that are bound to them."""

    port_id: str
    network_id: str
    network: str
    fixed_ips: tuple[str, ...] = ()
    floating_ips: tuple[tuple[str, str], ...] = ()
    """Each with the id of its external network: `("203.0.113.5", "e47e...")`."""


@dataclass(frozen=True)
class Disk:
    """A volume of `size` GB; `server_id` is None for one that is attached to nothing. `local` lies on the host."""

    id: str
    name: str
    size: int
    type: str
    status: str
    zone: str
    bootable: bool = False
    snapshots: int = 0
    server_id: str | None = None
    server: str | None = None
    device: str | None = None
    boot: bool = False
    local: bool = False


@dataclass(frozen=True)
class Server:
    """A server. `fault` is the message of one in ERROR; `ram` is in MiB; `created_at` in seconds since 1970."""

    id: str
    name: str
    status: str
    task: str | None
    fault: str | None
    flavor: str
    cores: int
    ram: int
    zone: str
    host: str | None
    group_id: str | None
    reservation_id: str | None
    key_name: str | None
    image: str | None
    created_at: float
    nics: tuple[Nic, ...] = ()
    disks: tuple[Disk, ...] = ()


@dataclass(frozen=True)
class Network:
    """A network with the ranges of its subnets; `type` is the provider's (`vxlan`, `geneve`)."""

    id: str
    name: str
    status: str
    type: str
    external: bool
    cidrs: tuple[str, ...]
    ports: int


@dataclass(frozen=True)
class Port:
    """A port; `holder` says what has it (a server's name, `router lan`), None for one that nobody has."""

    id: str
    name: str
    network_id: str
    network: str
    status: str
    mac: str
    fixed_ips: tuple[str, ...]
    owner: str
    holder: str | None


@dataclass(frozen=True)
class FloatingIp:
    """A floating IP; `fixed_ip` and `server` are None for one that is bound to nothing."""

    id: str
    address: str
    network_id: str
    network: str
    status: str
    port_id: str | None
    fixed_ip: str | None
    server: str | None


@dataclass(frozen=True)
class Router:
    """A router, with a NIC for its gateway and one for each subnet."""

    id: str
    name: str
    status: str
    nics: tuple[Nic, ...]


@dataclass(frozen=True)
class Group:
    """A server group; `members` are the ids of its servers."""

    id: str
    name: str
    policy: str
    members: tuple[str, ...]


@dataclass(frozen=True)
class KeyPair:
    """A key pair; the public half's fingerprint."""

    name: str
    fingerprint: str


@dataclass(frozen=True)
class Snapshot:
    """A snapshot of a disk, or a backup of one; `kind` tells which."""

    id: str
    name: str
    kind: str
    size: int
    status: str
    disk: str


@dataclass(frozen=True)
class Quota:
    """How much of a quota is used; `limit` is -1 for none. RAM is in MiB, gigabytes in GB."""

    service: str
    name: str
    used: int
    limit: int


@dataclass(frozen=True)
class Inventory:
    """Everything that is in a sandbox at one moment.

    `at` is that moment and `changes_at` the next one at which something changes by itself (a server that is being
    built comes up), both in seconds since 1970; None where nothing will.
    """

    profile: str
    at: float
    changes_at: float | None
    servers: tuple[Server, ...]
    networks: tuple[Network, ...]
    ports: tuple[Port, ...]
    disks: tuple[Disk, ...]
    floating_ips: tuple[FloatingIp, ...]
    routers: tuple[Router, ...]
    groups: tuple[Group, ...]
    key_pairs: tuple[KeyPair, ...]
    snapshots: tuple[Snapshot, ...]
    quotas: tuple[Quota, ...]

    @cached_property
    def by_id(self) -> Mapping[str, Server]:
        """The servers by their id."""
        return {server.id: server for server in self.servers}

    @cached_property
    def group_by_id(self) -> Mapping[str, Group]:
        """The server groups by their id."""
        return {group.id: group for group in self.groups}

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON: lists of objects by kind."""
        return asdict(self)
