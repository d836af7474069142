"""What must hold of a cloud's records however it was killed."""

from __future__ import annotations

import json
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from sandbox.neutron.model import as_key
from sandbox.store import settled
from tests.sandbox.kill_load import BATCH, Key


@dataclass(frozen=True)
class Records:
    """Everything that a database holds."""

    kinds: dict[str, dict[str, Any]]
    addresses: dict[tuple[str, str], str]
    """Whose each address of a subnet is."""
    tally: dict[str, tuple[int, int, int, int]]
    sound: str

    def of(self, kind: str) -> dict[str, Any]:
        return self.kinds.get(kind, {})


def read(path: Path) -> Records:
    with closing(sqlite3.connect(path)) as db:
        db.execute("BEGIN")
        kinds: dict[str, dict[str, Any]] = {}
        for kind, text in db.execute("SELECT kind, body FROM record ORDER BY seq"):
            body = settled(json.loads(text), time.time())
            kinds.setdefault(kind, {})[body["id"]] = body
        addresses = {(row[0], row[1]): row[2] for row in db.execute("SELECT subnet_id, ip, port_id FROM address")}
        tally = {row[0]: row[1:] for row in db.execute("SELECT kind, count, cores, ram, size FROM tally")}
        return Records(kinds, addresses, tally, db.execute("PRAGMA quick_check").fetchone()[0])


def states(records: Records) -> dict[Key, str]:
    """Return the state of each thing, as a worker tells it."""
    found = {("server", one["id"]): f"{one['flavor']['id']} {one['status']}" for one in records.of("server").values()}
    found |= {("volume", one): "" for one in records.of("volume")}
    found |= {("volume", one["volume_id"]): one["server_id"] for one in records.of("attachment").values()}
    found |= {("port", one["id"]): one["device_id"] for one in records.of("port").values()}
    found |= {("floatingip", one["id"]): one["port_id"] or "" for one in records.of("floatingip").values()}
    return found


def wrong(records: Records, opened: set[str], batches: set[str]) -> list[str]:
    """Return what does not hold; `opened` are batches whose members were counted before, `batches` must be there."""
    found = [] if records.sound == "ok" else [records.sound]
    return [
        *found, *_servers(records), *_ports(records), *_disks(records), *_floating(records),
        *_reservations(records, opened, batches), *_counts(records),
    ]  # fmt: skip


def _servers(records: Records) -> Iterator[str]:
    plugged: dict[str, set[str]] = {}
    for port in records.of("port").values():
        plugged.setdefault(port["device_id"], set()).add(port["id"])
    disks = Counter(one["server_id"] for one in records.of("attachment").values() if one["boot_index"] == 0)
    for server in records.of("server").values():
        if server["status"] not in ("ACTIVE", "VERIFY_RESIZE"):
            yield f"server {server['id']} is in {server['status']}"
        if server["status"] == "ACTIVE" and server["cores"] != server["flavor"]["vcpus"]:
            yield f"server {server['id']} holds {server['cores']} cores, its flavor has {server['flavor']['vcpus']}"
        if not server["nics"] or set(server["nics"]) != plugged.get(server["id"], set()):
            yield f"server {server['id']} has the NICs {server['nics']}, its ports are {plugged.get(server['id'])}"
        if disks[server["id"]] != 1:
            yield f"server {server['id']} has {disks[server['id']]} system disks"


def _ports(records: Records) -> Iterator[str]:
    told: dict[tuple[str, str], str] = {}
    for port in records.of("port").values():
        owners = "floatingip" if port["device_owner"] == "network:floatingip" else "server"
        if port["device_id"] and port["device_id"] not in records.of(owners):
            yield f"port {port['id']} belongs to {owners} {port['device_id']}, which is not there"
        if port.get("by_nova") and not port["device_id"]:
            yield f"port {port['id']} was made for a server and has none"
        if not port["fixed_ips"]:
            yield f"port {port['id']} has no address"
        told |= {(one["subnet_id"], as_key(ip_address(one["ip_address"]))): port["id"] for one in port["fixed_ips"]}
    if told != records.addresses:
        yield f"addresses leaked or given twice: {told.items() ^ records.addresses.items()}"


def _disks(records: Records) -> Iterator[str]:
    held = Counter(one["volume_id"] for one in records.of("attachment").values())
    for one in records.of("attachment").values():
        if one["server_id"] not in records.of("server") or one["volume_id"] not in records.of("volume"):
            yield f"attachment {one['id']} without its server or its volume"
    for volume in records.of("volume").values():
        count = held[volume["id"]]
        if volume["status"] != ("in-use" if count else "available") or count > 1:
            yield f"volume {volume['id']} is {volume['status']} with {count} attachments"
        if volume["name"] == "" and not count:
            yield f"volume {volume['id']} was made for a server and has none"


def _floating(records: Records) -> Iterator[str]:
    for one in records.of("floatingip").values():
        own = records.of("port").get(one["own_port_id"], {})
        if own.get("device_id") != one["id"]:
            yield f"floating IP {one['id']} without a port of its own"
        port = records.of("port").get(one["port_id"], {"fixed_ips": []}) if one["port_id"] else None
        if port and one["fixed_ip_address"] not in [fixed["ip_address"] for fixed in port["fixed_ips"]]:
            yield f"floating IP {one['id']} is bound to nothing: {one['port_id']} {one['fixed_ip_address']}"


def _reservations(records: Records, opened: set[str], batches: set[str]) -> Iterator[str]:
    sizes = Counter(one["reservation_id"] for one in records.of("server").values())
    names = {one["reservation_id"]: one["name"] for one in records.of("server").values()}
    for reservation_id in sizes.keys() | batches:
        whole = BATCH if names.get(reservation_id, "batch").startswith("batch") else 1
        if reservation_id not in opened and sizes[reservation_id] != whole:
            yield f"reservation {reservation_id} has {sizes[reservation_id]} of {whole} servers"


def _counts(records: Records) -> Iterator[str]:
    for kind, count in {kind: _recount(records, kind) for kind in records.kinds.keys() | records.tally.keys()}.items():
        if records.tally.get(kind) != count:
            yield f"tally of {kind}: {records.tally.get(kind)}, there are {count}"


def _recount(records: Records, kind: str) -> tuple[int, int, int, int]:
    bodies = records.of(kind).values()
    cores, ram, size = (sum(one.get(key) or 0 for one in bodies) for key in ("cores", "ram", "size"))
    return len(bodies), cores, ram, size


def limits(records: Records) -> dict[str, int]:
    """Return what the limits of the services must say is used, counted anew."""
    servers, cores, ram, _ = _recount(records, "server")
    volumes, *_, gigabytes = _recount(records, "volume")
    return {
        "totalInstancesUsed": servers,
        "totalCoresUsed": cores,
        "totalRAMUsed": ram,
        "totalVolumesUsed": volumes,
        "totalGigabytesUsed": gigabytes + _recount(records, "snapshot")[3],
        "port": sum(1 for one in records.of("port").values() if one["device_owner"] != "network:floatingip"),
        "floatingip": len(records.of("floatingip")),
    }


def broken_promises(actual: dict[Key, str], allowed: dict[Key, set[str | None]]) -> list[str]:
    """Return what is in a state that it may not be in."""
    return [
        f"{key[0]} {key[1]} is {actual.get(key)!r}, promised was one of {may}"
        for key, may in allowed.items()
        if actual.get(key) not in may
    ]
