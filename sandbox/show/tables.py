"""An inventory as tables of text: one set for the terminal and for the page."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from sandbox.show.inventory import Disk, Inventory, Server
from sandbox.show.text import visible

Cell = str | tuple[str, ...]
"""One text, or several lines of it."""


@dataclass(frozen=True)
class Column:
    """A column; `style` is `text`, `code`, `number` or `status`, `extra` ones are left out where there is little room."""

    title: str
    style: str = "text"
    extra: bool = False


@dataclass(frozen=True)
class Table:
    """A kind of thing: `rows` hold a cell a column, as the user named things; `anchors` are the rows' ids."""

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    anchors: tuple[str, ...] = ()


def tables(inventory: Inventory) -> tuple[Table, ...]:
    """Return a table for each kind of thing, in the order in which they are looked at."""
    return tuple(make(inventory) for make in _TABLES)


def lines(cell: Cell) -> tuple[str, ...]:
    """Return the lines of a cell, safe to look at."""
    return tuple(visible(one) for one in ((cell,) if isinstance(cell, str) else cell))


def size(gigabytes: int) -> str:
    """Write a disk's size."""
    return f"{gigabytes:,} GB"


def memory(mebibytes: int) -> str:
    """Write an amount of RAM: whole GiB where it is some, else MiB."""
    whole, rest = divmod(mebibytes, 1024)
    return f"{whole:,} GiB" if whole and not rest else f"{mebibytes:,} MiB"


def disk_text(disk: Disk) -> str:
    """Describe a disk in a few words."""
    words = ["boot" if disk.boot else "", size(disk.size), disk.type, (disk.device or "").removeprefix("/dev/")]
    return " ".join(word for word in words if word)


def addresses(server: Server) -> list[str]:
    """Return a line for each address of a server, with its network; a floating IP says so."""
    found = []
    for nic in server.nics:
        found += [f"{address} {nic.network}" for address in nic.fixed_ips or ("no address",)]
        found += [f"{address} floating" for address, _ in nic.floating_ips]
    return found


def _servers(inventory: Inventory) -> Table:
    rows = []
    for one in inventory.servers:
        group = inventory.group_by_id.get(one.group_id or "")
        status = one.status + (f" ({one.task})" if one.task else "")
        rows.append(
            (
                one.name,
                (status, one.fault) if one.fault else status,
                one.flavor,
                one.zone,
                one.host or "",
                group.name if group else one.group_id or "",
                tuple(addresses(one)),
                tuple(disk_text(disk) for disk in one.disks),
                one.key_name or "",
                datetime.fromtimestamp(one.created_at, UTC).strftime("%Y-%m-%d %H:%M:%S"),
                one.id,
            )
        )
    columns = (
        Column("Name"),
        Column("Status", "status"),
        Column("Flavor", extra=True),
        Column("Zone", extra=True),
        Column("Host", extra=True),
        Column("Group", extra=True),
        Column("Addresses", "code"),
        Column("Disks", "code"),
        Column("Key pair", extra=True),
        Column("Created (UTC)", extra=True),
        Column("Id", "code", extra=True),
    )
    return Table("servers", "Servers", columns, tuple(rows), tuple(one.id for one in inventory.servers))


def _networks(inventory: Inventory) -> Table:
    rows = tuple(
        (
            one.name,
            one.status,
            one.type + (", external" if one.external else ""),
            one.cidrs,
            f"{one.ports:,}",
            one.id,
        )
        for one in inventory.networks
    )
    columns = (
        Column("Name"),
        Column("Status", "status", extra=True),
        Column("Type"),
        Column("Subnets", "code"),
        Column("Ports", "number"),
        Column("Id", "code", extra=True),
    )
    return Table("networks", "Networks", columns, rows, tuple(one.id for one in inventory.networks))


def _routers(inventory: Inventory) -> Table:
    rows = tuple(
        (
            one.name,
            one.status,
            tuple(f"{ip} {nic.network}" for nic in one.nics for ip in nic.fixed_ips or ("no address",)),
            one.id,
        )
        for one in inventory.routers
    )
    columns = (
        Column("Name"),
        Column("Status", "status"),
        Column("Networks", "code"),
        Column("Id", "code", extra=True),
    )
    return Table("routers", "Routers", columns, rows, tuple(one.id for one in inventory.routers))


def _ports(inventory: Inventory) -> Table:
    rows = tuple(
        (one.name, one.status, one.network, one.fixed_ips, one.mac, one.holder or "nobody", one.id)
        for one in inventory.ports
    )
    columns = (
        Column("Name"),
        Column("Status", "status"),
        Column("Network"),
        Column("Fixed IPs", "code"),
        Column("MAC", "code", extra=True),
        Column("Held by"),
        Column("Id", "code", extra=True),
    )
    return Table("ports", "Ports", columns, rows, tuple(one.id for one in inventory.ports))


def _disks(inventory: Inventory) -> Table:
    rows = tuple(
        (
            one.name,
            one.status,
            size(one.size),
            one.type,
            one.zone,
            "boot" if one.boot else "bootable" if one.bootable else "",
            "" if one.server is None else f"{one.server} {one.device or ''}".rstrip(),
            str(one.snapshots or ""),
            one.id,
        )
        for one in inventory.disks
    )
    columns = (
        Column("Name"),
        Column("Status", "status"),
        Column("Size", "number"),
        Column("Type", extra=True),
        Column("Zone", extra=True),
        Column("Boots"),
        Column("Attached to"),
        Column("Snapshots", "number", extra=True),
        Column("Id", "code", extra=True),
    )
    return Table("disks", "Disks", columns, rows, tuple(one.id for one in inventory.disks))


def _snapshots(inventory: Inventory) -> Table:
    rows = tuple((one.name, one.kind, one.status, size(one.size), one.disk, one.id) for one in inventory.snapshots)
    columns = (
        Column("Name"),
        Column("Kind"),
        Column("Status", "status"),
        Column("Size", "number"),
        Column("Of disk"),
        Column("Id", "code", extra=True),
    )
    anchors = tuple(one.id for one in inventory.snapshots)
    return Table("snapshots", "Snapshots and backups", columns, rows, anchors)


def _floating_ips(inventory: Inventory) -> Table:
    rows = tuple(
        (
            one.address,
            one.status,
            one.network,
            one.fixed_ip or "nothing",
            one.server or "",
            one.id,
        )
        for one in inventory.floating_ips
    )
    columns = (
        Column("Address", "code"),
        Column("Status", "status"),
        Column("Network"),
        Column("Bound to", "code"),
        Column("Server"),
        Column("Id", "code", extra=True),
    )
    return Table("floating-ips", "Floating IPs", columns, rows, tuple(one.id for one in inventory.floating_ips))


def _groups(inventory: Inventory) -> Table:
    rows = []
    for one in inventory.groups:
        members = [inventory.by_id[member] for member in one.members]
        placed = tuple(f"{server.name} {server.host or 'on no host'}" for server in members)
        rows.append((one.name, one.policy, f"{len(members):,}", placed, one.id))
    columns = (
        Column("Name"),
        Column("Policy"),
        Column("Servers", "number"),
        Column("Members and hosts"),
        Column("Id", "code", extra=True),
    )
    return Table("server-groups", "Server groups", columns, tuple(rows), tuple(one.id for one in inventory.groups))


def _key_pairs(inventory: Inventory) -> Table:
    rows = tuple((one.name, one.fingerprint) for one in inventory.key_pairs)
    return Table("key-pairs", "Key pairs", (Column("Name"), Column("Fingerprint", "code")), rows)


def _quotas(inventory: Inventory) -> Table:
    rows = tuple(
        (one.service, one.name, f"{one.used:,}", "no limit" if one.limit < 0 else f"{one.limit:,}")
        for one in inventory.quotas
    )
    columns = (Column("Service"), Column("Quota"), Column("Used", "number"), Column("Limit", "number"))
    return Table("quotas", "Quotas", columns, rows)


_TABLES: Iterable[Callable[[Inventory], Table]] = (
    _servers,
    _networks,
    _routers,
    _ports,
    _disks,
    _snapshots,
    _floating_ips,
    _groups,
    _key_pairs,
    _quotas,
)
