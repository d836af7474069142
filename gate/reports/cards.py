"""What the drawing shows, as data: a lane for each network, in it a card for each server or for many equal ones.

What changes comes first and is drawn one by one as long as that can be read; what stays, and what there is too much of, is counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from gate.reports import words
from gate.review import Drawing, DrawnDisk, DrawnNetwork, DrawnNic, DrawnServer, Effect

ONE_BY_ONE = 8
"""Up to so many servers are drawn one by one, even where they are equal."""

CARDS = 24
"""About so many cards are drawn at most where servers can be taken together."""

LANES = 12
"""So many networks with servers are drawn at most; those in which the hardest happens stay."""

DISKS = 24
"""So many disks without a server are drawn at most."""

_HARDNESS = {effect: place for place, effect in enumerate(words.HARDEST)}
_UNCHANGED = 4
"""More servers of a lane to which nothing happens are one card."""


@dataclass(frozen=True)
class Card:
    """A server, several equal ones, or a number of different ones of the same effect."""

    heading: str
    effect: Effect
    servers: int = 1
    """How many servers it stands for."""

    detail: str = ""
    nics: tuple[DrawnNic, ...] = ()
    disks: tuple[DrawnDisk, ...] = ()
    says: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lane:
    """A network and what is on it; without a network: the servers of which it cannot be told."""

    network: DrawnNetwork | None
    cards: tuple[Card, ...]


@dataclass(frozen=True)
class Sheet:
    """All that is drawn, and what there was no room for, in words."""

    lanes: tuple[Lane, ...]
    empty: tuple[DrawnNetwork, ...]
    """Networks of which no server is known."""

    disks: tuple[tuple[DrawnDisk, int], ...]
    """Disks of their own, and how many equal ones each stands for."""

    remarks: tuple[str, ...]


def sheet(drawing: Drawing) -> Sheet:
    """Return what is drawn of `drawing`."""
    networks = {one.key: one for one in drawing.networks}
    placed: dict[str, list[DrawnServer]] = {}
    for server in drawing.servers:
        home = next((nic.network for nic in server.nics if nic.network in networks), "")
        placed.setdefault(home, []).append(server)
    homes = [key for key in (*networks, "") if key in placed]
    kept = sorted(homes, key=lambda key: min(_HARDNESS[one.effect] for one in placed[key]))[:LANES]
    room = max(ONE_BY_ONE, CARDS // max(1, len(kept)))
    together = len(drawing.servers) > ONE_BY_ONE
    lanes = tuple(Lane(networks.get(key), _cards(placed[key], room, together=together)) for key in homes if key in kept)
    left_out = [one for key in homes if key not in kept for one in placed[key]]
    remarks = [
        f"{words.several(len(homes) - len(kept), 'network')} more with {words.several(len(left_out), 'server')}: see the list below."
    ]
    disks, more = _disks(drawing.disks)
    if more:
        remarks.append(f"{words.several(more, 'disk')} more: see the list below.")
    used = {nic.network for server in drawing.servers for nic in server.nics}
    return Sheet(
        lanes,
        tuple(one for one in drawing.networks if one.key not in used),
        disks,
        tuple(remarks if left_out else remarks[1:]),
    )


def _cards(servers: Sequence[DrawnServer], room: int, *, together: bool) -> tuple[Card, ...]:
    """Return the cards of a lane: as alike as servers can be on about `room` cards, at the end one card for each effect."""
    ordered = sorted(servers, key=lambda one: _HARDNESS[one.effect])
    cards: list[Card] = []
    for alike in _ALIKE if together else (_itself,):
        cards = []
        for effect, same in groupby(ordered, key=lambda one: one.effect):
            members = list(same)
            if effect is Effect.SAME and len(members) > _UNCHANGED:
                cards.append(_card(members, _by_effect))
            else:
                cards += _grouped(members, alike)
        if len(cards) <= room:
            return tuple(cards)
    return tuple(cards)


def _itself(one: DrawnServer) -> object:
    return id(one)


def _equal(one: DrawnServer) -> object:
    return (one.disks, one.says, _alike(one))


def _alike(one: DrawnServer) -> object:
    return (one.flavor, one.zone, one.count, _networks(one))


def _networks(one: DrawnServer) -> object:
    return tuple(nic.network for nic in one.nics)


def _by_effect(one: DrawnServer) -> object:
    return one.effect


_ALIKE: tuple[Callable[[DrawnServer], object], ...] = (_equal, _alike, _networks, _by_effect)
"""What the servers of one card have in common, from all to little."""


def _grouped(servers: Iterable[DrawnServer], alike: Callable[[DrawnServer], object]) -> list[Card]:
    groups: dict[object, list[DrawnServer]] = {}
    for one in servers:
        groups.setdefault(alike(one), []).append(one)
    return [_card(members, alike) for members in groups.values()]


def _card(members: Sequence[DrawnServer], alike: Callable[[DrawnServer], object]) -> Card:
    first = members[0]
    one = len(members) == 1
    same = one or alike is _equal
    parts = [
        _common([each.count for each in members], "batches"),
        _common([each.flavor for each in members], "flavors"),
    ]
    parts.append(_common([each.zone for each in members], "zones"))
    if one and first.count:
        parts[0] = f"batch of {first.count}"
    if not same and len({each.disks for each in members}) > 1:
        parts.append("different disks")
    # The addresses of equal servers differ; what they have in common is the network.
    nics = () if alike is _by_effect and not one else tuple(DrawnNic(network=nic.network) for nic in first.nics)
    return Card(
        first.name if one else f"{first.name} … {members[-1].name}",
        first.effect,
        len(members),
        " · ".join(part for part in parts if part),
        first.nics if one else nics,
        first.disks if same or len({each.disks for each in members}) == 1 else (),
        first.says if same else (),
    )


def _common(values: Sequence[str], noun: str) -> str:
    """Return what all have, or of how many kinds they are."""
    different = {one for one in values if one}
    return next(iter(different), "") if len(different) <= 1 else f"{len(different):,} {noun}"


def _disks(disks: Sequence[DrawnDisk]) -> tuple[tuple[tuple[DrawnDisk, int], ...], int]:
    ordered = sorted(disks, key=lambda one: _HARDNESS[one.effect])
    if len(ordered) <= DISKS:
        return tuple((one, 1) for one in ordered), 0
    groups: dict[object, list[DrawnDisk]] = {}
    for one in ordered:
        groups.setdefault((one.size, one.type, one.kept, one.effect), []).append(one)
    drawn = tuple(
        (
            one[0] if len(one) == 1 else one[0].model_copy(update={"label": f"{one[0].label} … {one[-1].label}"}),
            len(one),
        )
        for one in groups.values()
    )
    return drawn[:DISKS], sum(number for _, number in drawn[DISKS:])
