"""The drawing: networks as rails from top to bottom, and at their right what is on them, box under box."""

from collections import Counter
from dataclasses import dataclass

from sandbox.show.boxes import Box, Chip, Link, Section, sections
from sandbox.show.inventory import Inventory, Network
from sandbox.show.markup import Element, add, element
from sandbox.show.states import Tone
from sandbox.show.text import breadth, columns, several, shorten, wrap

RAILS = 16
"""So many networks are drawn, those with the most ports first."""

_LEFT = 20
_RAIL_STEP = 26
_RAIL = 8
_STEP = 22
_CARD = 640
_INSET = 16
_GAP = 12
_COLOURS = 8
_MONO = 6.7
"""How wide a column of the small fixed-width text is, in pixels."""
_BOLD = 9.7
"""How wide a letter of a name is at most, on average, in the widest of the usual fonts."""


def draw(inventory: Inventory) -> Element:
    """Return the drawing of an inventory as SVG."""
    return _Drawing(inventory).svg()


@dataclass(frozen=True)
class _Rail:
    network: Network
    x: int
    y: int
    colour: int


class _Drawing:
    def __init__(self, inventory: Inventory) -> None:
        self.inventory = inventory
        self.sections = sections(inventory)
        self.rails = self._rails()
        self.labels_x = _LEFT + len(self.rails) * _RAIL_STEP + 6
        labels = [columns(link.label) for one in self.sections for box in one.boxes for link in box.links]
        self.card_x = self.labels_x + round(max([16, *labels]) * _MONO) + 20
        self.width = self.card_x + _CARD + _LEFT
        self.y = 14 + len(self.rails) * 24
        self.lines = element("g", class_="lines", aria_hidden="true")
        self.boxes = element("g", class_="boxes")

    def _rails(self) -> dict[str, _Rail]:
        used = Counter(
            link.network_id for one in self.sections for box in one.boxes for link in box.links if link.network_id
        )
        networks = self.inventory.networks
        kept = sorted(networks, key=lambda one: (-used[one.id], -one.ports))[:RAILS]
        # The outside stands at the left, as the way in.
        order = [one for one in networks if one in kept and one.external]
        order += [one for one in networks if one in kept and not one.external]
        return {
            one.id: _Rail(one, _LEFT + place * _RAIL_STEP, 10 + place * 24, place % _COLOURS)
            for place, one in enumerate(order)
        }

    def svg(self) -> Element:
        left_out = len(self.inventory.networks) - len(self.rails)
        if left_out > 0:
            self._remark(f"{several(left_out, 'network')} more not drawn: see the table below.")
        for section in self.sections:
            self._section(section)
        height = self.y + 16
        counts = f"{several(len(self.rails), 'network')}, {several(len(self.inventory.servers), 'server')}"
        return element(
            "svg",
            self._rail_marks(height),
            self.lines,
            self.boxes,
            class_="drawing",
            viewBox=f"0 0 {self.width} {height}",
            width=self.width,
            height=height,
            role="group",
            aria_label=f"Drawing of {counts} and their disks; the tables below tell the same.",
        )

    def _rail_marks(self, height: int) -> Element:
        marks = element("g", class_="rails")
        for rail in self.rails.values():
            network = rail.network
            tags = ["external"] if network.external else []
            tags += [network.type] if network.type not in ("", "vxlan", "vlan") else []
            ranges = ", ".join(network.cidrs) or "no subnet"
            spoken = ", ".join([f"Network {network.name}", ranges, *tags, several(network.ports, "port")])
            bar = element("rect", x=rail.x, y=rail.y, width=_RAIL, height=height - rail.y - 8, rx=4)
            name = element("tspan", shorten(network.name, 40, breadth), class_="name")
            told = element("tspan", "  ".join([shorten(ranges, 60), *tags]), class_="mono", dx=8)
            label = element("text", name, told, x=rail.x + _RAIL + 6, y=rail.y + 11)
            link = element("a", element("title", spoken), bar, label, href=f"#row-{network.id}", aria_label=spoken)
            marks.append(add(element("g", class_=f"rail n{rail.colour}"), link))
        return marks

    def _section(self, section: Section) -> None:
        if section.heading or section.boxes or section.chips:
            self.y += _INSET
        top = self.y
        if section.heading:
            text = shorten(section.heading, 76)
            title = element("title", section.heading)
            heading = element("text", title, text, class_="heading", x=self.card_x, y=self.y + 18)
            self.boxes.append(heading)
            self.y += 28
        frame = None
        if section.framed:
            frame = element("rect", class_="frame", x=self.card_x - 8, y=top, width=_CARD + 16, rx=10)
            self.boxes.append(frame)
        for box in section.boxes:
            self._box(box)
        if section.chips:
            self.y = self._chips(section.chips, self.card_x, self.y, _CARD) + 6
        for remark in section.remarks:
            self._remark(remark)
        if frame is not None:
            self.y += 0 if section.boxes else 4
            frame.set("height", str(self.y - top))

    def _remark(self, text: str) -> None:
        self.y += 22
        self.boxes.append(element("text", text, class_="remark", x=self.card_x, y=self.y))
        self.y += 8

    def _box(self, box: Box) -> None:
        top = self.y
        card = element("a", href=box.href, class_=f"box {box.tone}", aria_label=box.spoken)
        add(card, element("title", box.spoken))
        inside = element("g")
        y = self._heading(inside, box, top)
        for line in wrap(box.fault, 80, 3) if box.fault else ():
            y += 17
            add(inside, element("text", line, class_="fault", x=self.card_x + _INSET, y=y))
        chips = element("g")
        if box.chips:
            y = self._chips(box.chips, self.card_x + _INSET, y + 12, _CARD - 2 * _INSET, chips)
        bottom = max(y + 12, top + 12 + len(box.links) * _STEP)
        place = {"x": self.card_x, "width": _CARD, "rx": 8}
        if box.stacked:
            for step in (8, 4):
                add(
                    card,
                    element(
                        "rect",
                        class_="behind",
                        y=top + step,
                        height=bottom - top,
                        **(place | {"x": self.card_x + step}),
                    ),
                )
        add(card, element("rect", class_="card", y=top, height=bottom - top, **place))
        add(card, element("rect", class_="stripe", x=self.card_x, y=top + 8, width=4, height=bottom - top - 16))
        add(card, inside)
        self.boxes.append(card)
        if box.chips:
            self.boxes.append(chips)
        for number, link in enumerate(box.links):
            self._link(link, top + 20 + number * _STEP)
        self.y = bottom + _GAP + (8 if box.stacked else 0)

    def _heading(self, inside: Element, box: Box, top: int) -> int:
        x, right = self.card_x + _INSET, self.card_x + _CARD - _INSET
        add(inside, _mark(box.tone, x + 5, top + 21))
        for text, tone in reversed(box.states):
            width = round(columns(text) * 7.8) + 16
            right -= width
            add(inside, element("rect", class_=f"pill {tone}", x=right, y=top + 11, width=width, height=20, rx=10))
            add(inside, element("text", text, class_=f"state {tone}", x=right + width / 2, y=top + 25))
            right -= 6
        room = max(8.0, (right - x - 24) / _BOLD)
        add(inside, element("text", shorten(box.heading, room, breadth), class_="name", x=x + 18, y=top + 26))
        if not (box.detail or box.badge):
            return top + 30
        detail_room = 74 - columns(box.badge) - 4
        add(inside, element("text", shorten(box.detail, detail_room), class_="detail", x=x + 18, y=top + 46))
        if box.badge:
            width = round(columns(box.badge) * _MONO) + 14
            edge = self.card_x + _CARD - _INSET - width
            add(inside, element("rect", class_="badge", x=edge, y=top + 35, width=width, height=18, rx=4))
            add(inside, element("text", box.badge, class_="mono host", x=edge + width / 2, y=top + 48))
        return top + 50

    def _chips(self, chips: tuple[Chip, ...], left: int, y: int, room: int, into: Element | None = None) -> int:
        x = left
        for chip in chips:
            text = shorten(chip.text, int(room / _MONO) - 6)
            width = round(columns(text) * _MONO) + 32
            if x > left and x + width > left + room:
                x, y = left, y + 30
            kind = f"chip {chip.tone}" + (" boot" if chip.boot else "")
            tag = "a" if chip.href else "g"
            mark = element(tag, element("title", chip.spoken), class_=kind, href=chip.href, aria_label=chip.spoken)
            add(mark, element("rect", x=x, y=y, width=width, height=24, rx=5))
            add(mark, _cylinder(x + 9, y + 6))
            add(mark, element("text", text, class_="mono", x=x + 25, y=y + 16))
            add(self.boxes if into is None else into, mark)
            x += width + 8
        return y + 24

    def _link(self, link: Link, y: int) -> None:
        rail = self.rails.get(link.network_id)
        colour = f"n{rail.colour}" if rail else "n-none"
        x = rail.x + _RAIL / 2 if rail else self.labels_x
        label = link.label
        if link.first:
            kind = "floating" if link.floating else "nic"
            add(self.lines, element("line", class_="casing", x1=x, y1=y, x2=self.card_x, y2=y))
            wire = element("line", class_=f"{kind} {colour}", x1=x, y1=y, x2=self.card_x, y2=y)
            add(self.lines, wire)
            if rail:
                add(self.lines, element("circle", class_=f"joint {colour}", cx=x, cy=y, r=4.5))
        add(self.lines, element("text", label, class_="mono address", x=self.labels_x + 4, y=y - 5))


def _mark(tone: Tone, x: int, y: int) -> Element:
    """Return a sign whose shape tells the tone without colour."""
    shapes = {
        "well": f"M{x - 5} {y}a5 5 0 1 0 10 0a5 5 0 1 0 -10 0z",
        "busy": f"M{x} {y - 6}l6 11h-12z",
        "rest": f"M{x - 4.5} {y - 4.5}h9v9h-9z",
        "broken": f"M{x - 5} {y - 5}l10 10m0 -10l-10 10",
    }
    return element("path", class_=f"mark {tone}", d=shapes[tone])


def _cylinder(x: int, y: int) -> Element:
    body = f"M{x} {y + 2}v8c0 1.4 2.2 2.4 5 2.4s5 -1 5 -2.4v-8"
    lid = f"M{x} {y + 2}a5 2.2 0 1 0 10 0a5 2.2 0 1 0 -10 0z"
    return element("path", class_="cylinder", d=f"{body}{lid}")
