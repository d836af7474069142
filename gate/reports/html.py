"""The review as one HTML page that needs nothing else: no request leaves it, and it tells all without a script."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from gate.reports import words
from gate.reports.markup import Element, add, element
from gate.reports.markup import render as markup
from gate.reports.svg import DRIFT_KEY, KEY, draw
from gate.review import Answer, Change, Effect, Finding, Property, Review, RuleAnswer

FIRST = 5
"""So many of the findings that refuse are told in the verdict already."""

_OPEN = 10
"""Up to so many changed resources are open from the start, and those that something destroys up to as many."""

_LONG = 30
"""A list of more resources of one effect is folded, and so is one of more findings that refuse nothing."""

_ANSWER_WORDS = {
    Answer.FAILED: "warns",
    Answer.UNDETERMINED: "not decided yet",
    Answer.EXEMPTED: "exempted",
    Answer.NOTED: "note",
}


@cache
def _asset(name: str) -> str:
    return files("gate.reports").joinpath(name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def policy() -> str:
    """Return the page's Content-Security-Policy: its own style and script, and nothing from anywhere."""
    own = f"style-src {_digest(_asset('page.css'))}; script-src {_digest(_asset('page.js'))}"
    return f"default-src 'none'; {own}; img-src data:; base-uri 'none'; form-action 'none'"


def render(review: Review) -> str:
    """Return the whole page."""
    title = f"{words.VERDICTS[review.verdict]}: ecs {review.kind} of {review.project}/{review.stack}"
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy()),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", title),
        element("link", rel="icon", href="data:,"),
    )
    main = element("main", _drawing(review), _changes(review), _findings(review), _rules(review), _coverage(review))
    # Style and script are hashed as they stand, so they must not pass through anything that escapes.
    return (
        f'<!doctype html>\n<html lang="en">{markup(head).removesuffix("</head>")}<style>{_asset("page.css")}</style></head>\n'
        f"<body>{markup(_verdict(review))}\n{markup(main)}\n{markup(_footer(review))}<script>{_asset('page.js')}</script></body></html>\n"
    )


def _verdict(review: Review) -> Element:
    sign = element("span", words.VERDICT_SIGNS[review.verdict], class_="sign", aria_hidden="true")
    name = element("span", f"{review.project}/{review.stack}", class_="stack")
    header = element(
        "header",
        element(
            "div",
            element("h1", sign, words.VERDICTS[review.verdict]),
            element("p", f"ecs {review.kind} of ", name, class_="of"),
            element("p", words.said(review), class_="said"),
            element("p", words.lost(review), class_="lost") if words.lost(review) else None,
            class_="banner",
        ),
        class_=f"verdict v-{review.verdict.value}",
    )
    refused = words.blocking(review)
    if refused:
        listed = element("ul", *(_finding(one) for one in refused[:FIRST]), class_="findings first")
        add(header, listed)
        if len(refused) > FIRST:
            link = element("a", f"{len(refused) - FIRST:,} more like these", href="#findings")
            add(header, element("p", "and ", link, class_="more"))
    return add(header, _tiles(review))


def _tiles(review: Review) -> Element:
    happens = element("ul", class_="tiles", aria_label="What happens")
    if review.kind == "audit":
        add(happens, _tile(f"{len(review.changes):,}", "resources", "e-same", "#drawing"))
    else:
        for effect, changes in words.grouped(review.changes):
            if effect is not Effect.READ:
                sign = "" if effect is Effect.SAME else f"{words.SIGNS[effect]} "
                word = words.effect_word(effect, review.kind)
                add(happens, _tile(f"{sign}{len(changes):,}", word, f"e-{effect.value}", "#changes"))
    found = element("ul", class_="tiles", aria_label="What was found")
    tones = {"errors": "bad", "refuse": "bad", "warnings": "warn", "not decided yet": "warn"}
    for _, word, chosen in words.SECTIONS:
        number = len(chosen(review))
        if number:
            add(found, _tile(f"{number:,}", word, tones.get(word, "calm"), "#findings"))
    if words.judged(review):
        judged = f"{review.coverage.judged:,} of {review.coverage.resources:,}"
        add(found, _tile(judged, "resources judged", "good" if words.complete(review) else "warn", "#coverage"))
    return element("div", *(one for one in (happens, found) if len(one)), class_="counts")


def _tile(number: str, word: str, tone: str, href: str) -> Element:
    return element("li", element("a", element("b", number), element("span", word), href=href), class_=f"tile {tone}")


def _drawing(review: Review) -> Element | None:
    drawing = review.drawing
    if not (drawing.networks or drawing.servers or drawing.disks):
        return None
    sheet = element(
        "div", draw(drawing, review.kind), class_="sheet", tabindex=0, role="region", aria_label="The drawing"
    )
    key = DRIFT_KEY if review.kind in ("audit", "drift") else KEY
    return element(
        "section", element("h2", "Networks, servers and disks", id="drawing"), sheet, element("p", key, class_="key")
    )


def _changes(review: Review) -> Element | None:
    if review.kind == "audit":
        return None
    changed = review.changed()
    title = words.changes_title(review.kind)
    section = element("section", element("h2", title, id="changes"), _search("changes"))
    if not changed:
        return add(section, element("p", f"{words.nothing(review).capitalize()}.", class_="none"))
    for effect, changes in words.grouped(changed):
        means = words.meaning(effect, review.kind)
        heading = element("h3", _pill(effect, review), f" {words.resources(len(changes))}")
        group = element("div", heading, element("p", means, class_="means") if means else None, class_="group")
        into = group
        if len(changes) > _LONG:
            into = element("details", element("summary", f"{changes[0].name} … {changes[-1].name}"), class_="long")
            add(group, into)
        few = len(changed) <= _OPEN or (effect.destroys and len(changes) <= _OPEN)
        opened = few and effect is not Effect.CREATE
        for one in changes:
            add(into, _change(one, opened=opened))
        add(section, group)
    rest = len(review.changes) - len(changed)
    return add(section, element("p", f"Unchanged: {words.resources(rest)}.", class_="none") if rest else None)


def _pill(effect: Effect, review: Review) -> Element:
    return element(
        "span", f"{words.SIGNS[effect]} {words.effect_word(effect, review.kind)}", class_=f"pill e-{effect.value}"
    )


def _change(one: Change, *, opened: bool) -> Element:
    place = element("span", str(one.place), class_="place") if one.place else None
    kind = element("span", words.kind_of(one.type), class_="type")
    head = element("summary", kind, " ", element("b", one.name or "(no name)"), " ", place)
    made = element("details", head, class_=f"item change e-{one.effect.value}", open="" if opened else None)
    if one.says:
        add(made, element("ul", *(element("li", line) for line in one.says), class_="says"))
    if one.properties:
        rows = (_property(each) for each in one.properties)
        add(made, element("div", element("table", element("tbody", *rows), class_="properties"), class_="wide"))
    return add(made, element("p", one.urn, class_="urn"))


def _property(one: Property) -> Element:
    words_of = {"add": "added", "change": "changed", "remove": "removed"}
    values: list[Element | str | None] = []
    if one.before is not None:
        values.append(element("del", one.before))
    if one.after is not None:
        values += [" → " if values else None, element("ins", one.after)]
    return element(
        "tr",
        element("th", one.path, scope="row"),
        element("td", words_of[one.kind], class_="word"),
        element("td", *values, class_="value"),
    )


def _findings(review: Review) -> Element:
    section = element("section", element("h2", f"Findings ({len(review.findings):,})", id="findings"))
    if not review.findings:
        return add(section, element("p", "None.", class_="none"))
    add(section, _search("findings"))
    for title, _, chosen in words.SECTIONS:
        findings = chosen(review)
        if findings:
            listed = element("ul", *(_finding(one) for one in findings), class_="findings")
            if len(findings) > _LONG and chosen not in (words.errors, words.refusing):
                listed = element("details", element("summary", f"all {len(findings):,}"), listed, class_="long")
            add(section, element("div", element("h3", f"{title} ({len(findings):,})"), listed, class_="group"))
    return section


def _finding(one: Finding) -> Element:
    refuses = "refuses" if one.rule else "error"
    word = refuses if one.blocks else _ANSWER_WORDS[one.answer]
    made = element("li", class_=f"item finding {'blocks' if one.blocks else one.answer.value}")
    add(made, element("span", word, class_="answer"))
    for text, kind in ((one.rule, "rule"), (one.resource, "name"), (str(one.place or ""), "place")):
        if text:
            add(made, " ", element("span", text, class_=kind))
    return add(made, element("p", words.text_of(one)))


_COLUMNS = ("Policy", "What it says", "In the document", "Level", "Passed", "Failed", "Undetermined", "Exempted")
_NUMBERS = 4


def _rules(review: Review) -> Element | None:
    if not words.judged(review):
        return None
    section = element(
        "section", element("h2", f"Every rule's answer ({len(review.rules):,})", id="rules"), class_="rules"
    )
    if not review.rules:
        return add(section, element("p", "No policy pack ran.", class_="none"))
    box = element("input", type="checkbox", id="telling")
    add(
        section,
        element("p", box, element("label", " only those with something to say", for_="telling"), class_="filter"),
    )
    titles = (
        element("th", one, scope="col", class_="number" if place >= _NUMBERS else None)
        for place, one in enumerate(_COLUMNS)
    )
    table = element(
        "table", element("thead", element("tr", *titles)), element("tbody", *_rows(review)), aria_labelledby="rules"
    )
    return add(section, element("div", table, class_="wide", tabindex=0, role="region", aria_labelledby="rules"))


def _rows(review: Review) -> Iterator[Element]:
    for one in review.rules:
        telling = one.failed or one.undetermined or one.exempted
        level = "off" if one.level == "disabled" else "hard" if one.failed and one.level == "mandatory" else ""
        kind = " ".join(part for part in ("item", "" if telling else "silent", level) if part)
        yield element(
            "tr",
            element("th", one.rule, scope="row"),
            element("td", one.summary),
            element("td", one.where),
            element("td", one.level),
            *_numbers(one),
            class_=kind,
        )


def _numbers(one: RuleAnswer) -> Iterator[Element]:
    tones = {
        "passed": "good",
        "failed": "bad" if one.level == "mandatory" else "warn",
        "undetermined": "warn",
        "exempted": "calm",
    }
    for word, number in zip(tones, (one.passed, one.failed, one.undetermined, one.exempted), strict=True):
        yield element("td", f"{number:,}" if number else "·", class_=f"number {tones[word] if number else 'zero'}")


def _coverage(review: Review) -> Element:
    if not words.judged(review):
        return element("p", words.proof(review), class_="none")
    sign = "✓" if words.complete(review) else "!"
    tone = "good" if words.complete(review) else "warn"
    section = element("section", element("h2", "Proof that the pack ran", id="coverage"))
    add(section, element("p", element("b", sign, class_=tone), " ", words.proof(review)))
    missing = review.coverage.missing
    if missing:
        add(section, element("ul", *(element("li", urn) for urn in missing), class_="urns"))
    return section


def _search(name: str) -> Element:
    label = element("label", "Search ", element("input", type="search", id=f"search-{name}", autocomplete="off"))
    # Without a script there is nothing that would search.
    return element("p", label, element("span", class_="found", role="status"), class_="search", hidden="")


def _footer(review: Review) -> Element:
    versions = "".join(f", {name} {value}" for name, value in review.versions.items())
    strict = ", undetermined answers were not allowed" if review.strict else ""
    return element("footer", f"Made {review.made}, exit code {review.exit_code}{strict}{versions}.")
