"""The drawing: a framed lane for each network, a card for each server in it, with its NICs and disks.

What happens to a thing is told by a colour, a sign and a word, and what is destroyed has a broken outline too.
"""

from __future__ import annotations

import textwrap
import unicodedata
from collections import Counter
from collections.abc import Iterator

from gate.reports import words
from gate.reports.cards import Card, Lane, sheet
from gate.reports.markup import Element, add, element
from gate.review import Drawing, DrawnDisk, DrawnNetwork, Effect, Kind

COLUMNS = 4
_WIDTH = 1104
_PAD = 14
_GAP = 12
_UNIT = (_WIDTH - (COLUMNS - 1) * _GAP) // COLUMNS
_INSET = 14
_HEAD = 46
_LINE = 19
_NICS = 4
_DISKS = 5
_COLOURS = 8
_MONO = 6.7
_BOLD = 8.6
_PLAIN = 7.1
_CHIP = 30
_SAYS = 3
_DETAILS = 2
_HARD = ("replace", "rebuild", "reboot")
_SAID = 6.5
_BRIEF = 6.1

KEY = (
    "A frame is a network, a card a server in it. A dot is a NIC in its network's colour, a cylinder is a disk. "
    "Signs: " + ", ".join(f"{words.SIGNS[one]} {words.effect_word(one, 'gate')}" for one in words.HARDEST[:6]) + "."
)
DRIFT_KEY = "A frame is a network, a card a server in it. A dot is a NIC in its network's colour, a cylinder is a disk."


def draw(drawing: Drawing, kind: Kind) -> Element:
    """Return the drawing as an SVG element, which needs the styles of the page."""
    return _Picture(drawing, kind).svg()


def summary(drawing: Drawing, kind: Kind) -> str:
    """Return in words what the drawing shows, for who does not see it."""
    told = []
    for noun, things in (
        ("network", drawing.networks),
        ("server", drawing.servers),
        ("disk without a server", drawing.disks),
    ):
        if things:
            counted = Counter(one.effect for one in things)
            parts = [
                f"{counted[effect]:,} {words.effect_word(effect, kind)}" for effect in words.HARDEST if counted[effect]
            ]
            plural = "disks without a server" if noun.startswith("disk") else f"{noun}s"
            told.append(f"{words.several(len(things), noun, plural)}: {', '.join(parts)}")
    return f"{'; '.join(told)}." if told else "There is nothing to draw."


class _Picture:
    def __init__(self, drawing: Drawing, kind: Kind) -> None:
        self.drawing = drawing
        self.kind = kind
        self.sheet = sheet(drawing)
        self.networks = {one.key: one for one in drawing.networks}
        self.colours = {one.key: place % _COLOURS for place, one in enumerate(drawing.networks)}
        self.y = 2
        self.content = element("g")

    def svg(self) -> Element:
        for row in _rows(self.sheet.lanes):
            self._lanes(row)
        if self.sheet.empty:
            self._heading("Networks without a server here")
            self._chips([self._network_chip(one) for one in self.sheet.empty])
        if self.sheet.disks:
            self._heading("Disks without a server here")
            self._chips([self._disk_chip(disk, number) for disk, number in self.sheet.disks])
        for remark in self.sheet.remarks:
            self._heading(remark)
        if self.y == 2:  # noqa: PLR2004 - nothing was drawn
            self._heading("There is nothing to draw.")
        return element(
            "svg",
            element("title", "Networks, servers and disks", id="drawing-title"),
            element("desc", summary(self.drawing, self.kind), id="drawing-desc"),
            self.content,
            class_="drawing",
            viewBox=f"0 0 {_WIDTH} {self.y}",
            width=_WIDTH,
            height=self.y,
            role="img",
            aria_labelledby="drawing-title",
            aria_describedby="drawing-desc",
        )

    def _heading(self, text: str) -> None:
        self.y += 22
        add(self.content, element("text", text, class_="heading", x=4, y=self.y))
        self.y += 10

    def _lanes(self, lanes: list[Lane]) -> None:
        """Draw lanes side by side, all as high as the highest."""
        x, bottom = 0, self.y
        frames = []
        for lane in lanes:
            columns = min(len(lane.cards), COLUMNS)
            width = columns * _UNIT + (columns - 1) * _GAP
            colour = f"n{self.colours[lane.network.key]}" if lane.network else "n-none"
            frame = element("rect", class_="frame", x=x + 1, y=self.y, width=width - 2, rx=10)
            frames.append(frame)
            group = add(element("g", class_=f"lane {colour}"), frame)
            add(self.content, group)
            self._lane_head(group, lane, x, width)
            bottom = max(
                bottom, self._cards(group, lane, x + _PAD, (width - 2 * _PAD - (columns - 1) * _GAP) // columns)
            )
            x += width + _GAP
        for frame in frames:
            frame.set("height", str(bottom - self.y))
        self.y = bottom + _GAP

    def _cards(self, group: Element, lane: Lane, left: int, width: int) -> int:
        """Draw a lane's cards below its head; return where it ends."""
        y = self.y + _HEAD
        for start in range(0, len(lane.cards), COLUMNS):
            row = [self._card(card, width) for card in lane.cards[start : start + COLUMNS]]
            height = max(high for _, high in row)
            for place, (card, _) in enumerate(row):
                card.set("x", str(left + place * (width + _GAP)))
                card.set("y", str(y))
                card.set("height", str(height))
                for edge in card.findall("rect"):
                    edge.set("height", str(height - 2))
                add(group, card)
            y += height + _GAP
        return y

    def _lane_head(self, group: Element, lane: Lane, left: int, width: int) -> None:
        network = lane.network
        y, right = self.y, left + width - _PAD
        room = width - 2 * _PAD - 22
        if network is None:
            name, told = "Network not known here", ""
        else:
            name = network.label
            told = " · ".join(part for part in (network.cidr, "" if network.ours else "of others") if part)
        if network is not None and network.effect not in (Effect.SAME, Effect.READ):
            room -= self._pill(group, network.effect, right, y + 9, right=True) + 8
        servers = words.several(sum(card.servers for card in lane.cards), "server")
        count = servers if len(lane.cards) > 1 or lane.cards[0].servers > 1 else ""
        add(group, element("rect", class_="bar", x=left + _PAD, y=y + 12, width=14, height=14, rx=4))
        title = element("title", f"Network {name}, {told}, {servers}")
        heading = element("text", title, _fit(name, room, _BOLD), class_="name", x=left + _PAD + 22, y=y + 24)
        line = _fit(" · ".join(part for part in (count, told) if part), width - 2 * _PAD - 22, _SAID)
        add(group, heading, element("text", line, class_="count", x=left + _PAD + 22, y=y + 39))

    def _pill(self, into: Element, effect: Effect, x: int, y: int, *, right: bool = False) -> int:
        """Draw what happens as a pill that begins, or ends, at `x`; return its width."""
        text = f"{words.SIGNS[effect]} {words.effect_word(effect, self.kind)}"
        width = round(len(text) * 7.4) + 16
        left = x - width if right else x
        pill = element("g", class_=f"pill e-{effect.value}")
        add(pill, element("rect", x=left, y=y, width=width, height=19, rx=9.5))
        add(pill, element("text", text, x=left + width / 2, y=y + 13.5))
        add(into, pill)
        return width

    def _card(self, card: Card, width: int) -> tuple[Element, int]:
        """Return a card, which is clipped to its own size, and the height that it needs."""
        many = card.servers > 1
        made = element("svg", class_=f"card e-{card.effect.value}{' many' if many else ''}", width=width)
        add(made, element("title", self._spoken(card)))
        add(made, element("rect", class_="ground", x=1, y=1, width=width - 2, rx=8))
        add(made, element("rect", class_="stripe", x=1, y=1, width=5, rx=2))
        room, y = width - 2 * _INSET, 26
        # In an audit nothing happens, so there is nothing to tell of each server.
        if self.kind != "audit":
            self._pill(made, card.effect, _INSET, 10)
            y = 50
        name = words.several(card.servers, "server") if many else card.heading
        add(made, element("text", _fit(name, room, _BOLD), class_="name", x=_INSET, y=y))
        details = [_fit(card.heading, room, _PLAIN)] if many else []
        for text in (*details, *_wrapped((card.detail,), int(room / _PLAIN), _DETAILS)):
            y += 17
            add(made, element("text", text, class_="detail", x=_INSET, y=y))
        y = self._nics(made, card, y, room)
        y = self._disks(made, card, y, room)
        # What the provider would do is no news of what has happened in the cloud.
        for line in () if self.kind == "drift" else _briefly(card.says, int(room / _BRIEF)):
            y += 16
            add(made, element("text", line, class_="says", x=_INSET, y=y))
        return made, y + 14

    def _nics(self, into: Element, card: Card, y: int, room: int) -> int:
        home = next((nic.network for nic in card.nics if nic.network in self.networks), "")
        for nic in card.nics[:_NICS]:
            y += _LINE
            network = self.networks.get(nic.network)
            colour = f"n{self.colours[nic.network]}" if network else "n-none"
            name = "" if network is None or nic.network == home else network.label
            text = " ".join(part for part in (name, nic.label) if part) or (
                network.label if network else "network not known here"
            )
            add(into, element("circle", class_=f"dot {colour}", cx=_INSET + 5, cy=y - 4, r=4.5))
            add(into, element("text", _fit(text, room - 20, _MONO), class_="mono", x=_INSET + 18, y=y))
        return self._more(into, len(card.nics) - _NICS, "NIC", y)

    def _disks(self, into: Element, card: Card, y: int, room: int) -> int:
        for disk in card.disks[:_DISKS]:
            y += _LINE
            shown = disk.effect if disk.effect is not card.effect else Effect.SAME
            add(into, _cylinder(_INSET, y - 10, f"e-{shown.value}", boot=disk.label == "boot"))
            text = self._disk_text(disk, card.effect)
            kind = "mono" if shown in (Effect.SAME, Effect.READ) else f"mono told e-{shown.value}"
            add(into, element("text", _fit(text, room - 20, _MONO), class_=kind, x=_INSET + 18, y=y))
        return self._more(into, len(card.disks) - _DISKS, "disk", y)

    def _more(self, into: Element, number: int, noun: str, y: int) -> int:
        if number <= 0:
            return y
        add(into, element("text", f"{words.several(number, noun)} more", class_="detail", x=_INSET + 18, y=y + 16))
        return y + 16

    def _disk_text(self, disk: DrawnDisk, server: Effect) -> str:
        size = "" if disk.size is None else f"{disk.size:,} GB"
        told = ""
        if disk.effect is not server and disk.effect not in (Effect.SAME, Effect.READ):
            told = f"{words.SIGNS[disk.effect]} {words.effect_word(disk.effect, self.kind)}"
        elif disk.kept:
            told = "stays" if server.destroys and disk.effect is Effect.SAME else "kept"
        parts = (shorten_label(disk.label), size, disk.type, told)
        return " ".join(part for part in parts if part)

    def _spoken(self, card: Card) -> str:
        parts = [
            card.heading,
            words.several(card.servers, "server"),
            words.effect_word(card.effect, self.kind),
            card.detail,
        ]
        for nic in card.nics:
            network = self.networks.get(nic.network)
            parts.append(f"NIC {network.label if network else ''} {nic.label}".strip())
        parts += [f"disk {self._disk_text(disk, card.effect)}" for disk in card.disks]
        return "\n".join((", ".join(part for part in parts if part), *card.says)).replace("\n", ". ")

    def _network_chip(self, one: DrawnNetwork) -> tuple[Element, str, Effect]:
        text = " ".join(part for part in (one.label, one.cidr) if part)
        dot = element("circle", class_=f"dot n{self.colours[one.key]}", cx=14, cy=12, r=5)
        return dot, text, one.effect

    def _disk_chip(self, disk: DrawnDisk, number: int) -> tuple[Element, str, Effect]:
        text = self._disk_text(disk, disk.effect) + (f"  ({number:,} disks)" if number > 1 else "")
        return _cylinder(9, 6, f"e-{disk.effect.value}", boot=False), text, disk.effect

    def _chips(self, chips: list[tuple[Element, str, Effect]]) -> None:
        x = 2
        for mark, text, effect in chips:
            told = (
                text
                if effect is Effect.SAME
                else f"{text}  {words.SIGNS[effect]} {words.effect_word(effect, self.kind)}"
            )
            fitted = _fit(told, 400, _MONO)
            width = round(_breadth(fitted) * _MONO) + 40
            if x > _PAD and x + width > _WIDTH:
                x, self.y = 2, self.y + _CHIP
            chip = element(
                "svg", element("title", told), class_=f"chip e-{effect.value}", x=x, y=self.y, width=width, height=26
            )
            add(chip, element("rect", class_="ground", x=1, y=1, width=width - 2, height=24, rx=5), mark)
            add(chip, element("text", fitted, class_="mono", x=26, y=17))
            add(self.content, chip)
            x += width + 8
        self.y += _CHIP + 6


def _rows(lanes: tuple[Lane, ...]) -> Iterator[list[Lane]]:
    """Yield the lanes that stand side by side: each is as wide as it has cards."""
    row: list[Lane] = []
    used = 0
    for lane in lanes:
        columns = min(len(lane.cards), COLUMNS)
        if row and used + columns > COLUMNS:
            yield row
            row, used = [], 0
        row.append(lane)
        used += columns
    if row:
        yield row


def shorten_label(label: str) -> str:
    """Return a disk's label, or its number as one, no longer than what leaves room for its size and type."""
    return f"disk {label}" if label.isdecimal() else words.shorten(label, 28)


def _breadth(text: str) -> float:
    """Return how many columns a text takes: wide characters take two."""
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)


def _fit(text: str, pixels: float, letter: float) -> str:
    """Return `text` no wider than about so many pixels, where a letter takes `letter`."""
    most = max(4, int(pixels / letter))
    shown = words.shorten(text, most)
    while _breadth(shown) > most and len(shown) > 4:  # noqa: PLR2004 - one letter, the ellipsis and two more
        most_letters = len(shown) - 1
        shown = words.shorten(text, most_letters)
    return shown


def _briefly(says: tuple[str, ...], most: int) -> list[str]:
    """Return what the provider says of the arguments in a few words each, the hardest first: `flavor_ref: with a reboot`."""
    hard = sorted(says, key=lambda line: next((place for place, word in enumerate(_HARD) if word in line), len(_HARD)))
    brief = [": ".join(line.split(": ")[:2]).split(" (")[0].replace("in place, with", "with") for line in hard]
    narrow = [textwrap.shorten(words.visible(line), most, placeholder=" …") for line in brief[:_SAYS]]
    if len(brief) > _SAYS:
        narrow[-1] = f"and {len(brief) - _SAYS + 1:,} arguments more"
    return narrow


def _wrapped(says: tuple[str, ...], most: int, high: int) -> list[str]:
    """Return the beginning of what is said in at most so many lines of at most so many columns."""
    lines = [part for one in says for part in textwrap.wrap(words.visible(one), most)]
    narrow = [_fit(one, most, 1) for one in lines[:high]]
    if len(lines) > high:
        narrow[-1] = f"{narrow[-1][: most - 2]} …"
    return narrow


def _cylinder(x: int, y: int, kind: str, *, boot: bool) -> Element:
    body = f"M{x} {y + 2}v8c0 1.4 2.2 2.4 5 2.4s5 -1 5 -2.4v-8"
    lid = f"M{x} {y + 2}a5 2.2 0 1 0 10 0a5 2.2 0 1 0 -10 0z"
    return element("path", class_=f"cylinder {kind}{' boot' if boot else ''}", d=f"{body}{lid}")
