"""The page, as markup: what is in it, and that no name can be anything but a text."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser
from importlib.resources import files

import pytest
from hypothesis import given, settings

from gate.reports import words
from gate.reports.cards import CARDS, sheet
from gate.reports.html import FIRST, render
from gate.reports.svg import draw, summary
from gate.review import Answer, Drawing, DrawnDisk, DrawnNetwork, DrawnNic, Effect, Finding, Kind, Review, Verdict
from tests.gate import extremes, reviews
from tests.gate.hostile import TEXTS

LINES = ("text", "tspan")
"""How many of these there are depends on the length of a text, which is broken into lines."""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.shown: list[str] = []
        self.inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in LINES:
            self.elements.append(f"<{tag} {' '.join(name for name, _ in attrs)}>")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_data(self, data: str) -> None:
        if self.inside and self.inside[-1] in ("script", "style"):
            return
        self.shown.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag not in LINES:
            self.elements.append(f"</{tag}>")
        if tag in ("script", "style"):
            self.inside.append("after")


def read(page: str) -> _Reader:
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return reader


def shown(review: Review) -> str:
    return " ".join(read(render(review)).shown)


def test_style_and_script_come_with_the_package() -> None:
    assert all(files("gate.reports").joinpath(name).is_file() for name in ("page.css", "page.js"))


def test_everything_that_the_review_knows_of_a_change_is_on_the_page() -> None:
    text = shown(reviews.refused())
    for change in reviews.CHANGES:
        if change.effect is not Effect.SAME:
            assert {change.name, change.urn, str(change.place), *change.says} - set(
                read(render(reviews.refused())).shown
            ) == set()
    for finding in reviews.FINDINGS:
        assert words.text_of(finding) in text
    for rule in reviews.RULES:
        assert rule.rule in text
        assert rule.summary in text
    assert "ecs-stacks 0.1.0 judged 12 of 12 resources" in text


def test_every_finding_is_in_exactly_one_list() -> None:
    every = tuple(
        Finding(rule=rule, answer=answer, blocks=blocks, text=f"{rule}, {answer.value}, {blocks}")
        for rule in ("ECS-105", "")
        for answer in Answer
        for blocks in (True, False)
    )
    review = reviews.review(findings=every)
    listed = [one.text for _, _, chosen in words.SECTIONS for one in chosen(review)]
    assert sorted(listed) == sorted(one.text for one in every)


@pytest.mark.parametrize(
    ("kind", "lacks", "proven"),
    [
        ("gate", {}, True),
        ("gate", {"pack": ""}, False),
        ("gate", {"whole_stack": False}, False),
        ("gate", {"missing": ("urn",)}, False),
        ("gate", {"judged": 11}, False),
        ("audit", {"judged": 11}, False),
        ("drift", {"pack": ""}, True),
        ("destroy", {"pack": ""}, True),
        ("drift", {"judged": 11}, False),
    ],
)
def test_only_what_was_judged_altogether_is_proven(kind: Kind, lacks: dict[str, object], *, proven: bool) -> None:
    assert words.complete(reviews.review(kind, coverage=reviews.COVERAGE.model_copy(update=lacks))) is proven


def test_of_many_that_refuse_the_first_are_in_the_verdict_and_all_below() -> None:
    page = render(extremes.many(60))
    verdict, below = page.split("<main>")
    assert verdict.count("networks[") == FIRST
    assert below.count("networks[") == 60
    assert "25 more like these" in verdict


@pytest.mark.parametrize("said", ["Refused: nothing is right.", "Nothing is right."])
def test_the_word_of_the_verdict_is_not_said_twice(said: str) -> None:
    review = reviews.review(said=said)
    assert words.said(review) == "Nothing is right."
    assert "Nothing is right." in read(render(review)).shown


def test_an_audit_has_no_changes_and_a_drift_its_own_words() -> None:
    assert 'id="changes"' in render(reviews.refused())
    assert 'id="changes"' not in render(reviews.audited())
    assert "gone from the cloud" in shown(reviews.drifted())
    assert "destroyed" not in shown(reviews.drifted())
    assert "nothing was judged" in shown(reviews.drifted())
    assert "Every rule" not in shown(reviews.drifted())


def test_where_the_run_ended_early_it_says_what_is_not_known() -> None:
    text = shown(reviews.failed())
    assert "Not known" in text
    assert "not judged: 2 resources" in text
    assert reviews.urn("web-2") in text


def test_no_id_is_there_twice_and_every_link_leads_somewhere(any_review: Review) -> None:
    reader = read(render(any_review))
    ids = Counter(value for name, value in reader.attributes if name == "id")
    assert [one for one, number in ids.items() if number > 1] == []
    links = {value.removeprefix("#") for name, value in reader.attributes if name == "href" and value != "data:,"}
    assert links <= set(ids)


def test_it_refers_to_nothing_outside(any_review: Review) -> None:
    page = render(any_review)
    assert re.findall(r"(?i)(?:src|href|action|url)\s*[=(]\s*[\"']?(?!#|data:,)[^\"'\s>]+", page) == []
    assert "@import" not in page
    reader = read(page)
    (policy,) = [value for name, value in reader.attributes if name == "content" and "default-src" in value]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert [value for name, value in reader.attributes if name == "style"] == []


@settings(max_examples=40)
@given(TEXTS)
def test_no_name_changes_what_the_page_is_made_of(name: str) -> None:
    reader = read(render(extremes.named(name)))
    assert reader.elements == read(render(extremes.named("x"))).elements
    assert words.visible(name) in reader.shown


@pytest.mark.parametrize("number", [1, 8, 9, 20, 500, 2000])
@pytest.mark.parametrize("equal", [True, False])
def test_the_drawing_stands_for_every_server_and_stays_small(number: int, *, equal: bool) -> None:
    drawing = extremes.fleet(number, equal=equal).drawing
    drawn = sheet(drawing)
    cards = [card for lane in drawn.lanes for card in lane.cards]
    assert sum(card.servers for card in cards) == number
    assert len(cards) <= CARDS
    assert {card.effect for card in cards} == {one.effect for one in drawing.servers}


def test_servers_that_differ_are_drawn_one_by_one_as_long_as_there_is_room() -> None:
    (lane,) = sheet(extremes.fleet(20, equal=False).drawing).lanes
    assert [card.servers for card in lane.cards] == [1] * 20
    (lane,) = sheet(extremes.fleet(20, equal=True).drawing).lanes
    # Rebooted and created, with and without the second network.
    assert sorted(card.servers for card in lane.cards) == [2, 2, 8, 8]


def test_one_that_changes_among_many_that_do_not_is_drawn_first() -> None:
    calm = [reviews.server(f"calm-{place}", Effect.SAME) for place in range(300)]
    drawing = Drawing(networks=(reviews.LAN,), servers=(*calm, reviews.server("gone", Effect.DELETE)))
    (lane,) = sheet(drawing).lanes
    assert [(card.heading, card.servers) for card in lane.cards] == [("gone", 1), ("calm-0 … calm-299", 300)]


def test_a_server_without_a_known_network_and_a_network_without_servers_are_drawn() -> None:
    lost = reviews.server("lost", Effect.CREATE, DrawnNic(network="", label="port 1"))
    drawn = sheet(Drawing(networks=(reviews.LAN,), servers=(lost,)))
    assert [lane.network for lane in drawn.lanes] == [None]
    assert drawn.empty == (reviews.LAN,)


def test_of_too_many_networks_those_where_the_hardest_happens_are_drawn() -> None:
    networks = tuple(DrawnNetwork(key=str(place), label=f"net-{place}") for place in range(40))
    servers = tuple(
        reviews.server(f"s-{place}", Effect.DELETE if place == 39 else Effect.SAME, DrawnNic(network=str(place)))
        for place in range(40)
    )
    drawn = sheet(Drawing(networks=networks, servers=servers))
    assert "net-39" in {lane.network.label for lane in drawn.lanes if lane.network}
    assert drawn.remarks == ("28 networks more with 28 servers: see the list below.",)


def test_a_card_says_the_hardest_argument_first_and_few_of_them() -> None:
    says = (
        "tags: in place: set on the ECS",
        "name: in place: renamed",
        "flavor_ref: in place, with a reboot: resized",
        "availability_zone: replace (new id, new addresses unless fixed): refused while a data disk would have to follow",
    )
    drawing = Drawing(networks=(reviews.LAN,), servers=(reviews.server("web-1", Effect.REPLACE, says=says),))
    picture = draw(drawing, "gate")
    told = [one.text for one in picture.iter("text") if one.get("class") == "says"]
    assert told == ["availability_zone: replace", "flavor_ref: with a reboot", "and 2 arguments more"]


@pytest.mark.parametrize(("kind", "told"), [("gate", True), ("drift", False), ("audit", False)])
def test_that_something_is_lost_is_told_in_the_verdict_also_where_it_passes(kind: Kind, *, told: bool) -> None:
    verdict = render(reviews.review(kind, Verdict.PASSED, findings=())).split("<main>")[0]
    assert ("Something that exists is lost: 2 destroyed, 1 replaced, 1 rebuilt." in verdict) is told
    assert "is lost" not in render(extremes.fleet(5, equal=True))


def test_many_disks_without_a_server_are_counted() -> None:
    disks = tuple(DrawnDisk(label=f"d-{place}", size=10, type="SSD", effect=Effect.DELETE) for place in range(100))
    ((disk, number),) = sheet(Drawing(disks=disks)).disks
    assert (disk.label, number) == ("d-0 … d-99", 100)


def test_who_does_not_see_the_drawing_is_told_it() -> None:
    assert summary(reviews.DRAWING, "gate") == (
        "4 networks: 1 created, 3 unchanged; 8 servers: 1 destroyed, 1 replaced, 1 rebuilt, 1 changed with a reboot, "
        "1 changed in place, 1 created, 2 unchanged; 2 disks without a server: 1 destroyed, 1 unchanged."
    )
    assert summary(reviews.DRAWING, "gate") in shown(reviews.refused())
