"""What the drawing shows, as data: sections of boxes, each with its links to networks and its disks."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from sandbox.show.bundles import Bundle, choose
from sandbox.show.inventory import Disk, Inventory, Nic, Server
from sandbox.show.states import TONES, Tone, tone
from sandbox.show.tables import disk_text, memory, size
from sandbox.show.text import several

MOST = 20
"""So many routers, free ports, free disks, and disks or links of one server are drawn."""


@dataclass(frozen=True)
class Link:
    """A line from a network to a box; `first` is False for a further address of the same NIC."""

    network_id: str
    label: str
    spoken: str
    floating: bool = False
    first: bool = True


@dataclass(frozen=True)
class Chip:
    """A disk; `boot` for the one that its server boots from."""

    text: str
    tone: Tone
    spoken: str
    boot: bool = False
    href: str | None = None


@dataclass(frozen=True)
class Box:
    """A server, several servers, a router or a port."""

    heading: str
    tone: Tone
    spoken: str
    href: str
    states: tuple[tuple[str, Tone], ...] = ()
    detail: str = ""
    badge: str = ""
    fault: str = ""
    links: tuple[Link, ...] = ()
    chips: tuple[Chip, ...] = ()
    stacked: bool = False


@dataclass(frozen=True)
class Section:
    """Boxes or disks under one heading; `framed` where they belong to one server group."""

    heading: str = ""
    boxes: tuple[Box, ...] = ()
    chips: tuple[Chip, ...] = ()
    framed: bool = False
    remarks: tuple[str, ...] = ()


def sections(inventory: Inventory) -> tuple[Section, ...]:
    """Return what is drawn, from top to bottom."""
    return (*_routers(inventory), *_servers(inventory), *_free_ports(inventory), *_free_disks(inventory))


def anchor(thing_id: str) -> str:
    """Return where a thing stands in the tables."""
    return f"#row-{thing_id}"


def _rest(count: int, what: str) -> tuple[str, ...]:
    return () if count <= 0 else (f"{several(count, what)} more not drawn: see the table below.",)


def _routers(inventory: Inventory) -> Iterable[Section]:
    boxes = []
    for one in inventory.routers[:MOST]:
        links = _links(one.nics)
        spoken = ", ".join([f"Router {one.name}", one.status, *(link.spoken for link in links)])
        states = ((one.status, tone(one.status)),)
        boxes.append(Box(one.name, tone(one.status), spoken, anchor(one.id), states, detail="router", links=links))
    if boxes:
        yield Section("Routers", tuple(boxes), remarks=_rest(len(inventory.routers) - MOST, "router"))


def _servers(inventory: Inventory) -> Iterable[Section]:
    chosen = choose(inventory)
    known = inventory.group_by_id
    drawn = set()
    for group_id, found in groupby(chosen.bundles, key=lambda one: one.group_id if one.group_id in known else None):
        bundles = list(found)
        boxes = tuple(_bundle_box(one) if len(one.servers) > 1 else _server_box(one.servers[0]) for one in bundles)
        if group_id is None:
            yield Section("Servers" if len(known) else "", boxes)
            continue
        drawn.add(group_id)
        yield Section(_group_heading(inventory, group_id), boxes, framed=True)
    empty = [group for group in inventory.groups if not group.members]
    for group in empty[:MOST]:
        yield Section(_group_heading(inventory, group.id), framed=True)
    remarks = _rest(chosen.left_out, "server") + _rest(len(empty) - MOST, "server group")
    if not inventory.servers:
        remarks += ("There is no server yet. Whatever is created appears here by itself.",)
    if remarks:
        yield Section(remarks=remarks)


def _group_heading(inventory: Inventory, group_id: str) -> str:
    group = inventory.group_by_id[group_id]
    hosts = {inventory.by_id[member].host for member in group.members} - {None}
    where = f" on {several(len(hosts), 'host')}" if hosts else ""
    return f"Server group {group.name}: {group.policy}, {several(len(group.members), 'server')}{where}"


def _links(nics: Iterable[Nic]) -> tuple[Link, ...]:
    found: list[Link] = []
    for nic in nics:
        for place, address in enumerate(nic.fixed_ips or ("no address",)):
            found.append(Link(nic.network_id, address, f"{address} on {nic.network}", first=place == 0))
        for address, network_id in nic.floating_ips:
            fixed = nic.fixed_ips[0] if nic.fixed_ips else "no address"
            found.append(Link(network_id, address, f"floating IP {address} for {fixed}", floating=True))
    return tuple(found)


def _chip(disk: Disk) -> Chip:
    spoken = ("boot disk " if disk.boot else "disk ") + (f"{disk.name} " if disk.name else "")
    spoken += f"{size(disk.size)} {disk.type}, {disk.status}"
    if disk.status.startswith("error"):
        return Chip(f"{disk_text(disk)} {disk.status}", "broken", spoken, disk.boot)
    href = None if disk.local else anchor(disk.id)
    return Chip(disk_text(disk), tone(disk.status), spoken, disk.boot, href)


def _server_box(server: Server) -> Box:
    links, chips = _links(server.nics), tuple(_chip(disk) for disk in server.disks)
    task = f" {server.task}" if server.task else ""
    parts = [server.flavor, several(server.cores, "vCPU"), memory(server.ram), server.zone]
    where = server.host or "on no host"
    said = [f"Server {server.name}", server.status + task, server.fault or "", server.flavor, server.zone, where]
    said += [link.spoken for link in links] + [chip.spoken for chip in chips]
    return Box(
        heading=server.name,
        tone=tone(server.status),
        spoken=", ".join(one for one in said if one),
        href=anchor(server.id),
        states=((server.status + task, tone(server.status)),),
        detail=" · ".join(part for part in parts if part),
        badge=server.host or "no host",
        fault=server.fault or "",
        links=links[:MOST] + _more_links(links),
        chips=chips[:MOST] + _more_chips(chips),
    )


def _more_links(links: tuple[Link, ...]) -> tuple[Link, ...]:
    if len(links) <= MOST:
        return ()
    text = f"{several(len(links) - MOST, 'more address', 'more addresses')} not drawn"
    return (Link("", text, text, first=False),)


def _more_chips(chips: tuple[Chip, ...]) -> tuple[Chip, ...]:
    if len(chips) <= MOST:
        return ()
    text = f"{several(len(chips) - MOST, 'more disk')} not drawn"
    return (Chip(text, "rest", text),)


def _bundle_box(bundle: Bundle) -> Box:
    servers = bundle.servers
    names = (servers[0].name, servers[-1].name)
    count = several(len(servers), "server")
    flavors = Counter(server.flavor for server in servers)
    zones = Counter(server.zone for server in servers)
    hosts = {server.host for server in servers} - {None}
    states = tuple((f"{number:,} {status}", tone(status)) for status, number in bundle.states())
    worst: Tone = max((state[1] for state in states), key=TONES.index)
    parts = [f"{count} {bundle.reason}", ", ".join(flavors), ", ".join(zone for zone in zones if zone)]
    links, chips = _shared_links(servers), _shared_chips(servers)
    said = [f"{count} {bundle.reason}", f"{names[0]} to {names[1]}", *(text for text, _ in states)]
    said += [link.spoken for link in links] + [chip.spoken for chip in chips]
    return Box(
        heading=f"{names[0]} … {names[1]}",
        tone=worst,
        spoken=", ".join(said),
        href="#servers",
        states=states,
        detail=" · ".join(part for part in parts if part),
        badge=several(len(hosts), "host"),
        links=links[:MOST] + _more_links(links),
        chips=chips[:MOST] + _more_chips(chips),
        stacked=True,
    )


def _shared_links(servers: tuple[Server, ...]) -> tuple[Link, ...]:
    fixed = Counter((nic.network_id, nic.network) for server in servers for nic in server.nics for _ in nic.fixed_ips)
    public = Counter(network for server in servers for nic in server.nics for _, network in nic.floating_ips)
    links = []
    for (network_id, network), number in fixed.items():
        text = several(number, "address", "addresses")
        links.append(Link(network_id, text, f"{text} on {network}"))
    for network_id, number in public.items():
        text = several(number, "floating IP")
        links.append(Link(network_id, text, text, floating=True))
    return tuple(links)


def _shared_chips(servers: tuple[Server, ...]) -> tuple[Chip, ...]:
    alike = Counter((disk.boot, disk.size, disk.type, tone(disk.status)) for server in servers for disk in server.disks)
    chips = []
    for (boot, gigabytes, kind, state), number in alike.most_common():
        text = f"{number:,} x {'boot ' if boot else ''}{size(gigabytes)} {kind}"
        chips.append(Chip(text, state, f"{text} disks", boot))
    return tuple(chips)


def _free_ports(inventory: Inventory) -> Iterable[Section]:
    bound = {one.port_id: one for one in inventory.floating_ips if one.port_id}
    free = [port for port in inventory.ports if port.holder is None]
    boxes = []
    for port in free[:MOST]:
        public = bound.get(port.id)
        addresses = ((public.address, public.network_id),) if public else ()
        links = _links([Nic(port.id, port.network_id, port.network, port.fixed_ips, addresses)])
        spoken = ", ".join([f"Port {port.name or port.id}, on no server", *(link.spoken for link in links)])
        states = ((port.status, tone(port.status)),)
        boxes.append(Box(port.name or port.id, tone(port.status), spoken, anchor(port.id), states, "port", links=links))
    unbound = [one for one in inventory.floating_ips if not one.port_id]
    for one in unbound[:MOST]:
        spoken = f"Floating IP {one.address} of {one.network}, bound to nothing"
        link = Link(one.network_id, one.address, spoken, floating=True)
        states = ((one.status, tone(one.status)),)
        box = Box(one.address, tone(one.status), spoken, anchor(one.id), states, "floating IP", links=(link,))
        boxes.append(box)
    if boxes:
        remarks = _rest(len(free) - MOST, "port") + _rest(len(unbound) - MOST, "floating IP")
        yield Section("On no server", tuple(boxes), remarks=remarks)


def _free_disks(inventory: Inventory) -> Iterable[Section]:
    free = [disk for disk in inventory.disks if disk.server_id is None]
    chips = []
    for disk in free[:MOST]:
        words = [disk.name, size(disk.size), disk.type, disk.zone, "" if disk.status == "available" else disk.status]
        text = " ".join(word for word in words if word)
        spoken = f"Disk {text}, {disk.status}, attached to nothing"
        chips.append(Chip(text, tone(disk.status), spoken, disk.bootable, anchor(disk.id)))
    if chips:
        yield Section("Disks attached to nothing", chips=tuple(chips), remarks=_rest(len(free) - MOST, "disk"))
