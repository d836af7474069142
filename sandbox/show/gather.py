"""From the cloud's records to an inventory. Only fields that are named here are taken over."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any, Protocol

from sandbox.faults import Json
from sandbox.show.inventory import (
    Disk,
    FloatingIp,
    Group,
    Inventory,
    KeyPair,
    Network,
    Nic,
    Port,
    Quota,
    Router,
    Server,
    Snapshot,
)

_INSIDE = "network:"
"""How the owner of a port begins that belongs to the network itself: a router's, a floating IP's."""


class Records(Protocol):
    """Where records are read from."""

    def all(self, kind: str, /) -> list[Json]:
        """Return the records of a kind, oldest first, as they are now."""
        ...


def gather(records: Records, *, profile: str, at: float) -> Inventory:
    """Return what `records` hold at the moment `at` (seconds since 1970)."""
    return _Gathering(records, at).inventory(profile)


class _Gathering:
    def __init__(self, records: Records, at: float) -> None:
        self.at = at
        self.soon: list[float] = []
        self._records = records
        self.servers = self._all("server")
        self.ports = {port["id"]: port for port in self._all("port")}
        self.networks = {network["id"]: network for network in self._all("network")}
        self.volumes = {volume["id"]: volume for volume in self._all("volume")}
        self.snapshots = self._all("snapshot")
        self.backups = self._all("backup")
        self.floating = self._all("floatingip")
        self.images = {image["id"]: image.get("name") or image["id"] for image in self._all("image")}
        self.dedicated = {one["id"]: f"DeH {one['name']}" for one in self._all("dedicated_host")}
        self.server_names = {server["id"]: server["name"] for server in self.servers}
        self.routers = {router["id"]: router for router in self._all("router")}
        self.attachments = self._all("attachment")
        self.bound = _by(self.floating, "port_id")
        self.shots = Counter(one.get("volume_id") for one in self.snapshots)

    def _all(self, kind: str) -> list[Json]:
        found = self._records.all(kind)
        self.soon += [change["at"] for one in found for change in one.get("later", ())]
        return found

    def inventory(self, profile: str) -> Inventory:
        disks = self._disks()
        by_server: dict[str, list[Disk]] = defaultdict(list)
        for disk in disks:
            if disk.server_id is not None:
                by_server[disk.server_id].append(disk)
        return Inventory(
            profile=profile,
            at=self.at,
            changes_at=min(self.soon, default=None),
            servers=tuple(self._server(one, by_server[one["id"]]) for one in self.servers),
            networks=self._networks(),
            ports=tuple(self._port(one) for one in self.ports.values()),
            disks=tuple(disks),
            floating_ips=tuple(self._floating_ip(one) for one in self.floating),
            routers=self._routers(),
            groups=self._groups(),
            key_pairs=tuple(KeyPair(one["name"], one.get("fingerprint", "")) for one in self._all("keypair")),
            snapshots=self._copies(),
            quotas=self._quotas(),
        )

    def _network_name(self, network_id: str) -> str:
        return str(self.networks.get(network_id, {}).get("name") or network_id)

    def _nic(self, port: Json) -> Nic:
        return Nic(
            port_id=port["id"],
            network_id=port["network_id"],
            network=self._network_name(port["network_id"]),
            fixed_ips=_fixed(port),
            floating_ips=tuple(
                (one["floating_ip_address"], one["floating_network_id"]) for one in self.bound[port["id"]]
            ),
        )

    def _server(self, server: Json, disks: list[Disk]) -> Server:
        fault = server.get("fault") if server["status"] == "ERROR" else None
        flavor = server.get("flavor") or {}
        size = int(flavor.get("disk") or 0)
        if server.get("image_id") and not any(disk.boot for disk in disks) and server.get("host"):
            local = Disk("", "", size, "local", "in-use", server.get("zone") or "", boot=True, local=True)
            disks = [local, *disks]
        return Server(
            id=server["id"],
            name=server["name"],
            status=server["status"],
            task=server.get("task_state"),
            fault=str(fault.get("message", "")) if fault else None,
            flavor=flavor.get("name") or flavor.get("id") or "",
            cores=int(server.get("cores") or 0),
            ram=int(server.get("ram") or 0),
            zone=server.get("zone") or "",
            host=self.dedicated.get(server.get("host") or "", server.get("host")),
            group_id=server.get("group_id"),
            reservation_id=server.get("reservation_id"),
            key_name=server.get("key_name"),
            image=self.images.get(server.get("image_id") or "", server.get("image_id")),
            created_at=server["created_at"],
            nics=tuple(self._nic(self.ports[one]) for one in server.get("nics", ()) if one in self.ports),
            disks=tuple(sorted(disks, key=lambda disk: (not disk.boot, len(disk.device or ""), disk.device or ""))),
        )

    def _disks(self) -> list[Disk]:
        attached = {one["volume_id"]: one for one in self.attachments}
        return [self._disk(volume, attached.get(volume["id"])) for volume in self.volumes.values()]

    def _disk(self, volume: Json, attachment: Json | None) -> Disk:
        attachment = attachment or {}
        server_id = attachment.get("server_id")
        return Disk(
            id=volume["id"],
            name=volume.get("name") or "",
            size=int(volume["size"]),
            type=volume.get("volume_type") or "",
            status=volume["status"],
            zone=volume.get("availability_zone") or "",
            bootable=bool(volume.get("bootable")),
            snapshots=self.shots[volume["id"]],
            server_id=server_id,
            server=self.server_names.get(server_id or "", server_id),
            device=attachment.get("device"),
            boot=attachment.get("boot_index") == 0,
        )

    def _networks(self) -> tuple[Network, ...]:
        subnets = _by(self._all("subnet"), "network_id")
        ports = Counter(port["network_id"] for port in self.ports.values())
        return tuple(
            Network(
                id=one["id"],
                name=one.get("name") or one["id"],
                status=one.get("status") or "",
                type=one.get("provider:network_type") or "",
                external=bool(one.get("router:external")),
                cidrs=tuple(subnet["cidr"] for subnet in subnets[one["id"]]),
                ports=ports[one["id"]],
            )
            for one in self.networks.values()
        )

    def _port(self, port: Json) -> Port:
        return Port(
            id=port["id"],
            name=port.get("name") or "",
            network_id=port["network_id"],
            network=self._network_name(port["network_id"]),
            status=port.get("status") or "",
            mac=port.get("mac_address") or "",
            fixed_ips=_fixed(port),
            owner=port.get("device_owner") or "",
            holder=self._holder(port),
        )

    def _holder(self, port: Json) -> str | None:
        device, owner = port.get("device_id") or "", port.get("device_owner") or ""
        if device in self.server_names:
            return str(self.server_names[device])
        if device in self.routers:
            return f"router {self.routers[device].get('name') or device}"
        if owner.startswith(_INSIDE):
            return owner.removeprefix(_INSIDE).replace("floatingip", "floating IP")
        return device or None

    def _floating_ip(self, one: Json) -> FloatingIp:
        port = self.ports.get(one.get("port_id") or "", {})
        return FloatingIp(
            id=one["id"],
            address=one["floating_ip_address"],
            network_id=one["floating_network_id"],
            network=self._network_name(one["floating_network_id"]),
            status=one.get("status") or "",
            port_id=one.get("port_id"),
            fixed_ip=one.get("fixed_ip_address"),
            server=self._holder(port) if port else None,
        )

    def _routers(self) -> tuple[Router, ...]:
        ports = _by(self.ports.values(), "device_id")
        return tuple(
            Router(
                id=one["id"],
                name=one.get("name") or one["id"],
                status=one.get("status") or "",
                nics=tuple(self._nic(port) for port in ports[one["id"]]),
            )
            for one in self.routers.values()
        )

    def _groups(self) -> tuple[Group, ...]:
        members = _by(self.servers, "group_id")
        return tuple(
            Group(one["id"], one["name"], one.get("policy") or "", tuple(each["id"] for each in members[one["id"]]))
            for one in self._all("server_group")
        )

    def _copies(self) -> tuple[Snapshot, ...]:
        found = []
        for kind, records in (("snapshot", self.snapshots), ("backup", self.backups)):
            for one in records:
                volume = self.volumes.get(one.get("volume_id") or "", {})
                disk = volume.get("name") or one.get("volume_id") or ""
                size, name = int(one.get("size") or 0), one.get("name") or ""
                found.append(Snapshot(one["id"], name, kind, size, one.get("status") or "", disk))
        return tuple(found)

    def _quotas(self) -> tuple[Quota, ...]:
        counted = self._used()
        return tuple(
            Quota(record["id"], name, counted[record["id"], name], int(limit))
            for record in self._all("quota")
            for name, limit in record["limits"].items()
            if (record["id"], name) in counted
        )

    def _used(self) -> dict[tuple[str, str], int]:
        return {
            ("compute", "instances"): len(self.servers),
            ("compute", "cores"): sum(int(one.get("cores") or 0) for one in self.servers),
            ("compute", "ram"): sum(int(one.get("ram") or 0) for one in self.servers),
            ("compute", "key_pairs"): len(self._all("keypair")),
            ("compute", "server_groups"): len(self._all("server_group")),
            ("volume", "volumes"): len(self.volumes),
            ("volume", "gigabytes"): _sum(self.volumes.values(), "size") + _sum(self.snapshots, "size"),
            ("volume", "snapshots"): len(self.snapshots),
            ("volume", "backups"): len(self.backups),
            ("volume", "backup_gigabytes"): _sum(self.backups, "size"),
            ("network", "network"): len(self.networks),
            ("network", "subnet"): len(self._all("subnet")),
            ("network", "port"): len(self.ports),
            ("network", "router"): len(self.routers),
            ("network", "floatingip"): len(self.floating),
            ("network", "security_group"): len(self._all("security_group")),
            ("network", "security_group_rule"): len(self._all("rule")),
        }


def _by(records: Iterable[Json], field: str) -> dict[Any, list[Json]]:
    found: dict[Any, list[Json]] = defaultdict(list)
    for one in records:
        found[one.get(field)].append(one)
    return found


def _fixed(port: Json) -> tuple[str, ...]:
    return tuple(one["ip_address"] for one in port.get("fixed_ips", ()))


def _sum(records: Iterable[Json], field: str) -> int:
    return sum(int(one.get(field) or 0) for one in records)
