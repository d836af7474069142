"""Which servers are drawn on their own, which as one box, and how many not at all."""

import re
from collections import Counter, defaultdict
from collections.abc import Hashable
from dataclasses import dataclass

from sandbox.show.inventory import Inventory, Server

ALONE = 40
"""So many servers are drawn one by one; where there are more, those of a kind share a box."""

BOXES = 40
"""So many boxes are drawn at most."""

_ERRORS_ALONE = 10


@dataclass(frozen=True)
class Bundle:
    """Servers that share a box; most often one."""

    servers: tuple[Server, ...]
    reason: str = ""
    """What they have in common, where they are more than one."""

    @property
    def group_id(self) -> str | None:
        """The server group that they are in."""
        return self.servers[0].group_id

    def states(self) -> list[tuple[str, int]]:
        """Return how many are in which status, the most frequent first."""
        return Counter(server.status for server in self.servers).most_common()


@dataclass(frozen=True)
class Choice:
    """What is drawn, and the number of servers that are not."""

    bundles: tuple[Bundle, ...]
    left_out: int


def choose(inventory: Inventory) -> Choice:
    """Choose what is drawn of the servers; those of a group stand together, in the order of the groups."""
    servers = inventory.servers
    bundles = [Bundle((server,)) for server in servers] if len(servers) <= ALONE else _bundles(servers)
    order = {group.id: place for place, group in enumerate(inventory.groups)}
    # What is drawn at all is chosen by importance, where it stands by group.
    bundles.sort(key=lambda one: (one.servers[0].status != "ERROR", -len(one.servers)))
    kept, rest = bundles[:BOXES], bundles[BOXES:]
    kept.sort(key=lambda one: (order.get(one.group_id or "", -1), one.servers[0].created_at, one.servers[0].name))
    return Choice(tuple(kept), sum(len(one.servers) for one in rest))


def _bundles(servers: tuple[Server, ...]) -> list[Bundle]:
    broken = [server for server in servers if server.status == "ERROR"][:_ERRORS_ALONE]
    alone = {server.id for server in broken}
    batches = Counter(server.reservation_id for server in servers)
    shared: dict[tuple[str, Hashable], list[Server]] = defaultdict(list)
    for server in servers:
        if server.id not in alone:
            shared[_likeness(server, batches)].append(server)
    bundles = [Bundle((server,)) for server in broken]
    room = BOXES - len(broken) - len(shared)
    for (reason, _), members in sorted(shared.items(), key=lambda one: len(one[1])):
        # As many as there is room for are still drawn one by one, the small bundles first.
        room -= len(members) - 1
        bundles += [Bundle(tuple(members), reason)] if room < 0 else [Bundle((server,)) for server in members]
    return bundles


def _likeness(server: Server, batches: Counter[str | None]) -> tuple[str, Hashable]:
    if server.group_id is not None:
        return ("of this group", server.group_id)
    if server.reservation_id is not None and batches[server.reservation_id] > 1:
        return (f"of batch {server.reservation_id}", server.reservation_id)
    stem = re.sub(r"\d+", "#", server.name)
    return ("of one kind", (stem, server.flavor, tuple(nic.network_id for nic in server.nics)))
