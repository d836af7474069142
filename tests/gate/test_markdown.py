"""The comment on a pull request, read with a Markdown parser that nobody here wrote."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

import pytest
from hypothesis import example, given, settings
from markdown_it import MarkdownIt

from gate.reports.escaping import code, prose
from gate.reports.markdown import LIMIT, marker, render
from gate.review import Effect
from tests.gate import extremes, reviews
from tests.gate.hostile import NASTY, TEXTS

PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.shown: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(f"<{tag}{''.join(sorted(name for name, _ in attrs))}>")

    def handle_endtag(self, tag: str) -> None:
        self.tags.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self.shown.append(data)


def read(markdown: str) -> _Reader:
    reader = _Reader()
    reader.feed(PARSER.render(markdown))
    reader.close()
    return reader


def test_the_first_line_is_a_hidden_marker_of_stack_and_kind() -> None:
    first = [render(one).splitlines()[0] for one in (reviews.refused(), reviews.drifted(), reviews.audited())]
    assert first == [
        "<!-- ecs-gate:ecs-stacks/dev -->",
        "<!-- ecs-gate:ecs-stacks/dev:drift -->",
        "<!-- ecs-gate:ecs-stacks/dev:audit -->",
    ]
    assert "ecs-gate:" not in "".join(read(render(reviews.refused())).shown)


def test_a_stack_cannot_have_the_marker_of_another_kind() -> None:
    assert marker(reviews.review(stack="dev:drift")) != marker(reviews.review("drift"))


def test_it_tells_summary_refusals_destructions_and_the_rest_in_this_order() -> None:
    shown = "".join(read(render(reviews.refused())).shown)
    parts = (
        "Refused: ecs gate",
        "2 restrictions refuse",
        "unchanged",
        "Refused by (2)",
        "Destroyed (2)",
        "Replaced (1)",
    )
    parts += ("Rebuilt (1)", "reboot (1)", "Created (2)", "Warnings (1)", "Not decided yet (1)", "exemption (1)")
    places = [shown.find(part) for part in parts]
    assert -1 not in places
    assert places == sorted(places)


def test_it_counts_in_a_table() -> None:
    tags = read(render(reviews.refused())).tags
    assert tags.count("<table>") == 2
    assert len([one for one in tags if one.startswith("<th") and "head" not in one]) == 7 + 5


def test_a_change_that_does_nothing_is_a_short_comment() -> None:
    assert len(render(reviews.passed())) < 600


def test_an_audit_tells_no_changes_and_a_drift_its_own_words() -> None:
    assert "destroyed" not in render(reviews.audited()).lower()
    assert "gone from the cloud" in render(reviews.drifted()).lower()
    assert "destroyed" not in render(reviews.drifted()).lower()


@pytest.mark.parametrize("number", [200, 5000])
def test_it_stays_below_the_limit_and_says_how_much_it_left_out(number: int) -> None:
    review = extremes.many(number)
    text = render(review)
    assert len(text) < LIMIT
    shown = "".join(read(text).shown)
    refused = shown.count("networks[")
    assert f"Refused by ({number // 2:,})" in shown
    assert refused > 20
    assert f"… and {number // 2 - refused:,} more, left out of this comment" in shown
    # What destroys is told too, however much refuses.
    assert f"Destroyed ({number // 4:,})" in shown
    assert shown.count("Server server-") > 20
    assert text.count("<details>") == text.count("</details>")


def test_it_stays_below_the_limit_whatever_the_texts_are() -> None:
    long = "@|<" * 3000
    review = extremes.named(long).model_copy(update={"changes": extremes.named(long).changes * 400})
    assert len(render(review)) < LIMIT


def test_what_there_was_no_room_for_is_named() -> None:
    many = tuple(
        reviews.change(f"{effect.value}-{place}", effect, 1, says=("x" * 200,))
        for effect in (Effect.DELETE, Effect.REPLACE, Effect.REBUILD, Effect.CHANGE, Effect.CREATE)
        for place in range(400)
    )
    text = render(reviews.review(changes=many))
    assert len(text) < LIMIT
    shown = "".join(read(text).shown)
    for title in (
        "Destroyed (400)",
        "Replaced (400)",
        "Rebuilt (400)",
        "Changed in place (400)",
        "Created (400)",
        "Warnings (1)",
    ):
        assert title in shown


@settings(max_examples=40)
@given(TEXTS)
@example("</details>")
def test_no_name_changes_what_the_comment_is_made_of(name: str) -> None:
    assert read(render(extremes.named(name))).tags == read(render(extremes.named("x"))).tags


@settings(max_examples=40)
@given(TEXTS)
def test_no_name_pings_or_refers(name: str) -> None:
    """Mentions and references are looked for in the text that a reader sees, after every reference was resolved."""
    # Each by itself: what stands in two elements is not read as one.
    shown = "\n".join(read(render(extremes.named(name))).shown)
    assert re.findall(r"[@#][0-9A-Za-z]|(?i:gh-\d)|(?i:www\.)", shown) == []


@pytest.mark.parametrize("name", NASTY)
def test_a_name_is_seen_as_it_is(name: str) -> None:
    for made in (prose(name), code(name)):
        shown = "".join(read(made).shown).replace("\u200b", "").strip()
        expected = "".join(one if one.isprintable() else ascii(one)[1:-1] for one in name).strip()
        assert shown == expected
        assert html.unescape(made).replace("\u200b", "").removeprefix("<code>").removesuffix("</code>") == expected


@given(TEXTS)
def test_no_sign_that_could_mean_anything_is_left(name: str) -> None:
    assert set(prose(name)) & set("\\`*_{}[]()<>|~:$!\"'^") == set()
    assert not prose(name).startswith(("-", "+", "="))
    assert re.match(r"[0-9]+[.)]", prose(name)) is None


def test_a_long_list_is_folded_and_a_short_one_is_not() -> None:
    assert "### Refused by" not in render(extremes.many(400))
    assert "### Refused by" in render(reviews.refused())
    assert "### Errors" in render(reviews.failed())
