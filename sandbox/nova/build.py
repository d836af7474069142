"""Making servers out of resolved parts: hosts, ports, disks, quotas. All of it happens in one transaction."""

import hashlib
import re
import secrets
from dataclasses import dataclass
from string import ascii_letters, ascii_lowercase, digits

from sandbox.cinder.model import attach, default_type, find_type, volume_record
from sandbox.cinder.model import check_quota as check_volume_quota
from sandbox.deh import hosts as deh
from sandbox.faults import Fault, Json
from sandbox.neutron.model import close_port, open_port
from sandbox.nova.quotas import check_quota
from sandbox.nova.resolve import Parts
from sandbox.nova.sale import is_sold_out
from sandbox.nova.wanted import Disk, Wanted
from sandbox.routing import Call
from sandbox.world import World, new_id, reservation

NO_HOST = "No valid host was found. There are not enough hosts available."


@dataclass(frozen=True)
class Built:
    """What a create call made: the servers, their reservation, and the password of the first one."""

    servers: list[Json]
    reservation_id: str
    admin_pass: str


def build(call: Call, wanted: Wanted, parts: Parts) -> Built:
    """Make the servers of a create call.

    As in Nova, a quota cuts the number down to what is left, and refuses (403) when that is below `min_count`; when
    one member cannot be placed, all of them end in ERROR.
    """
    world = call.world
    count = check_quota(world, parts.flavor, wanted.min_count, wanted.max_count)
    disks = _disks(call, wanted, parts)
    if disks:
        fresh = [size for size, disk, _ in disks if disk.source != "volume"]
        check_volume_quota(world, volumes=len(fresh) * count, gigabytes=sum(fresh) * count)
    reservation_id = reservation()
    admin_pass = wanted.admin_pass or new_password()
    servers = [_record(call, wanted, parts, place, count) for place in range(count)]
    rooms = None
    if world.ecs and wanted.hints.get("tenancy") == "dedicated":
        rooms = deh.room(world, wanted.hints.get("dedicated_host_id"), parts.zone, parts.flavor)
    # A Dedicated Host is bought already, so only the shared pool can be sold out.
    gone = world.ecs and rooms is None and is_sold_out(parts.flavor, parts.zone)
    hosts = [] if gone else _hosts(world, parts.group, count, rooms)
    reason = (None if len(hosts) == count else NO_HOST) or world.settings.build_error or None
    for place, server in enumerate(servers):
        server["reservation_id"] = reservation_id
        server["admin_pass_mask"] = world.masks.text(admin_pass)
        if reason is None:
            server["host"] = hosts[place]
            if rooms is not None:
                server["dedicated_host_id"] = hosts[place]
            reason = _connect(call, wanted, parts, server)
        if reason is None:
            _store_disks(call, server, disks)
    for server in servers:
        if reason is not None:
            # One member that fails takes the others along.
            _undo(world, server)
        _schedule(world, server, reason)
        world.store.add("server", server)
    return Built(servers, reservation_id, admin_pass)


def new_password() -> str:
    """Return a fresh password as Nova makes them: twelve letters and digits."""
    return "".join(secrets.choice(ascii_letters + digits) for _ in range(12))


def _record(call: Call, wanted: Wanted, parts: Parts, place: int, count: int) -> Json:
    world = call.world
    user_data = None if wanted.user_data is None else world.masks.text(wanted.user_data)
    metadata = dict(wanted.metadata)
    if "admin_pass" in metadata:
        metadata["admin_pass"] = world.masks.text(metadata["admin_pass"])
    boots_from_disk = any(disk.boot_index == 0 for disk in wanted.disks)
    name = wanted.name if count == 1 else f"{wanted.name}-{place + 1}"
    return {
        "id": new_id(),
        "name": name,
        "request_id": call.request_id,
        "created_at": world.now(),
        "updated_at": world.now(),
        "launched_at": None,
        "status": "BUILD",
        "task_state": "scheduling",
        "flavor": parts.flavor,
        "cores": parts.flavor["vcpus"],
        "ram": parts.flavor["ram"],
        "image_id": parts.image["id"] if parts.image and not (boots_from_disk and world.ecs) else None,
        "zone": parts.zone,
        "key_name": wanted.key_name,
        "metadata": metadata,
        "description": wanted.description,
        "hostname": wanted.hostname or _hostname(name),
        "tags": list(wanted.tags),
        "config_drive": wanted.config_drive,
        "disk_config": wanted.disk_config,
        "user_data_mask": user_data,
        "security_groups": [{"name": group["name"]} for group in parts.security_groups],
        "group_id": parts.group["id"] if parts.group else None,
        "tenancy": wanted.hints.get("tenancy") or "shared",
        "dedicated_host_id": wanted.hints.get("dedicated_host_id"),
        "access_ips": list(wanted.access_ips),
        "launch_index": place,
        "locked": False,
        "host": None,
        "nics": [],
        "fault": None,
    }


def _hostname(name: str) -> str:
    """Return the host name that Nova makes of a server's name."""
    plain = re.sub(r"[^a-z0-9.-]", "", re.sub(r"[ _]", "-", name.lower())).strip(".-")
    return plain[:63]


def _schedule(world: World, server: Json, reason: str | None) -> None:
    at = world.ready_at()
    if reason is None:
        change: Json = {"status": "ACTIVE", "task_state": None, "launched_at": at, "updated_at": at}
    else:
        fault = {"code": 500, "created_at": at, "message": reason}
        change = {"status": "ERROR", "task_state": None, "updated_at": at, "fault": fault}
    server["later"] = [{"at": at, "set": change}]


def _shared(world: World) -> list[str]:
    return [f"host-{number + 1}" for number in range(world.settings.hosts)]


def _most(group: Json) -> int:
    return int((group.get("rules") or {}).get("max_server_per_host", 1))


def _hosts(world: World, group: Json | None, count: int, rooms: dict[str, int] | None) -> list[str]:
    """Choose a host for each of `count` servers; fewer hosts than servers where there is no room.

    `rooms` says how many servers fit on which host; without it any number fits on any host of the shared pool.
    """
    shared = _shared(world)
    free = shared if rooms is None else [host for host, places in rooms.items() for _ in range(places)]
    if not free:
        return []
    if group is None or group["policy"] not in ("anti-affinity", "affinity"):
        return [secrets.choice(free) for _ in range(count)] if rooms is None else free[:count]
    members = [one["host"] for one in world.store.all("server", group_id=group["id"]) if one["host"]]
    if group["policy"] == "affinity":
        first = members[0] if members else free[0]
        return ([first] * count if rooms is None else [host for host in free if host == first])[:count]
    most = _most(group)
    places = {
        host: min(most - members.count(host), most if rooms is None else rooms[host]) for host in dict.fromkeys(free)
    }
    return [host for host, left in places.items() for _ in range(max(0, left))][:count]


def another_host(world: World, server: Json) -> str | None:
    """Return the host that takes a server which is resized, None where no other one has room; a DeH keeps its servers."""
    shared = _shared(world)
    if server["dedicated_host_id"] is not None:
        return str(server["host"])
    group = world.store.get("server_group", server["group_id"] or "")
    free = [host for host in shared if host != server["host"]]
    if group is not None and group["policy"] in ("anti-affinity", "affinity"):
        others = [one for one in world.store.all("server", group_id=group["id"]) if one["id"] != server["id"]]
        taken = [one["host"] for one in others if one["host"]]
        if group["policy"] == "affinity":
            free = [host for host in free if not taken or host in taken]
        else:
            free = [host for host in free if taken.count(host) < _most(group)]
    return secrets.choice(free) if free else None


def host_id(world: World, host: str | None) -> str:
    """Return what a plain user may know of a host."""
    return hashlib.sha224((world.project_id + host).encode()).hexdigest() if host else ""


def _connect(call: Call, wanted: Wanted, parts: Parts, server: Json) -> str | None:
    """Give a server its ports; returns why it must end in ERROR, or None."""
    world = call.world
    groups = [group["id"] for group in parts.security_groups] or None
    for nic, network, port in parts.nics:
        bound = binding(server)
        if port is not None:
            soon = {"at": world.ready_at(), "set": {"status": "ACTIVE"}}
            world.store.save("port", port | bound | {"later": [soon]})
            server["nics"].append(port["id"])
            continue
        fixed = [{"ip_address": nic.fixed_ip}] if nic.fixed_ip else None
        try:
            made = open_port(world, network, fixed_ips=fixed, security_groups=groups, by_nova=True, **bound)
        except Fault as fault:
            if fault.kind == "IpAddressAlreadyAllocated":
                owner = _owner(world, network, str(nic.fixed_ip))
                raise Fault(400, f"Fixed IP address {nic.fixed_ip} is already in use on instance {owner}.") from None
            if fault.kind == "IpAddressGenerationFailure":
                raise Fault(400, f"No fixed IP addresses available for network: {network['id']}") from None
            # Nova finds out only after the 202: the address is outside of the subnets.
            what = f"Fixed IP {nic.fixed_ip} is not a valid ip address for network {network['id']}."
            return f"Build of instance {server['id']} aborted: Invalid input received: {what}"
        world.store.save("port", made | {"later": [{"at": world.ready_at(), "set": {"status": "ACTIVE"}}]})
        server["nics"].append(made["id"])
    del wanted
    return None


def _owner(world: World, network: Json, address: str) -> str:
    for port in world.store.all("port", network_id=network["id"]):
        if any(one["ip_address"] == address for one in port["fixed_ips"]):
            return str(port["device_id"])
    return ""


def binding(server: Json) -> Json:
    """Return what a port says about the server that has it."""
    return {
        "device_id": server["id"],
        "device_owner": f"compute:{server['zone']}",
        "binding:host_id": server["host"] or "",
        "binding:vif_type": "ovs",
        "binding:vif_details": {"port_filter": True},
    }


def unbind(world: World, port: Json) -> None:
    """Take a port off its server: one that Nova made goes away, one that the user made stays."""
    if port.get("by_nova"):
        close_port(world, port)
        return
    port.pop("later", None)
    bare = {"device_id": "", "device_owner": "", "status": "DOWN", "binding:host_id": "", "binding:vif_type": "unbound"}
    world.store.save("port", port | bare)


def _undo(world: World, server: Json) -> None:
    for port_id in server["nics"]:
        if port := world.store.get("port", port_id):
            unbind(world, port)
    server["nics"] = []
    # Nova takes a server that it gave up off its host again, so that it is nobody's neighbour.
    server["host"] = None
    for attachment in world.store.all("attachment", server_id=server["id"]):
        world.store.remove("attachment", attachment["id"])
        volume = world.store.get("volume", attachment["volume_id"])
        if volume and attachment["made_here"]:
            world.store.remove("volume", volume["id"])
        elif volume:
            volume.pop("later", None)
            world.store.save("volume", volume | {"status": "available"})


def _disks(call: Call, wanted: Wanted, parts: Parts) -> list[tuple[int, Disk, Json]]:
    """Return each disk with its size; the profile `ecs` puts the system disk of an image on shared storage too."""
    disks = list(parts.disks)
    if call.world.ecs and parts.image is not None and not any(disk.boot_index == 0 for disk in wanted.disks):
        system = Disk("image", "volume", uuid=parts.image["id"], boot_index=0, delete_on_termination=True)
        disks.insert(0, (system, parts.image))
    sized = []
    for disk, source in disks:
        least = source.get("size" if disk.source in ("volume", "snapshot") else "min_disk", 1)
        size = int(source["size"]) if disk.source == "volume" else max(disk.size or 0, 0) or least
        if disk.source == "image":
            size = disk.size or max(parts.flavor["disk"], least, 1)
            if size < least and disk.destination == "volume":
                message = f"Image {source['id']} needs a disk of at least {least} GB, {size} GB is too small."
                raise Fault(400, f"Block Device Mapping is Invalid: {message}")
        if disk.destination == "volume":
            sized.append((size, disk, source))
    return sized


def _store_disks(call: Call, server: Json, disks: list[tuple[int, Disk, Json]]) -> None:
    world = call.world
    boot_first = sorted(disks, key=lambda one: one[1].boot_index != 0)
    # A boot disk on the host is no volume, but has the first name.
    first = 0 if any(disk.boot_index == 0 for _, disk, _ in disks) else 1
    for place, (size, disk, source) in enumerate(boot_first, first):
        volume = world.store.get("volume", source["id"]) if disk.source == "volume" else None
        if volume is None:
            kind = find_type(world, disk.kind) if disk.kind else None
            volume = volume_record(
                world,
                size,
                name="",
                description="",
                zone=server["zone"],
                kind=kind["name"] if kind else source.get("volume_type") or default_type(world),
                bootable=disk.source == "image" or bool(source.get("bootable")),
                image_id=source["id"] if disk.source == "image" else source.get("image_id"),
                snapshot_id=source["id"] if disk.source == "snapshot" else None,
            )
            world.store.add("volume", volume)
        attach(
            world,
            volume,
            server["id"],
            device_name(place),
            ready_at=world.ready_at(),
            boot_index=disk.boot_index,
            delete_on_termination=disk.delete_on_termination,
            made_here=disk.source != "volume",
            tag=disk.tag,
        )


def device_name(place: int) -> str:
    """Return the name of a server's disk number `place`: /dev/vda, /dev/vdb, ..., /dev/vdz, /dev/vdaa, ..."""
    round_, letter = divmod(place, len(ascii_lowercase))
    return "/dev/vd" + (ascii_lowercase[round_ - 1] if round_ else "") + ascii_lowercase[letter]
