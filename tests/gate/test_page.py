"""The page in a real browser: chromium, driven by the chromedriver that comes with it."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.common.exceptions import NoAlertPresentException
from selenium.webdriver.common.by import By

from gate.reports.html import FIRST, render
from gate.review import Drawing, DrawnNic, Effect, Review
from tests.gate import extremes, reviews

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
DRIVER = shutil.which("chromedriver")
READABLE = 4.5
"""The contrast that WCAG 2 (AA) wants between a text and what it stands on."""

pytestmark = pytest.mark.skipif(
    not (BROWSER and DRIVER), reason="no browser on this machine: install chromium and chromium-driver"
)
Open = Callable[[Review], Any]


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    options = webdriver.ChromeOptions()
    options.binary_location = str(BROWSER)
    profile = tmp_path_factory.mktemp("profile")
    # As root, as in a container, chromium runs without its own sandbox only; its pages here are all ours.
    # Nobody answers at the proxy: what asked for anything would fail.
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--proxy-server=127.0.0.1:9",
        f"--user-data-dir={profile}",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(str(DRIVER)))
    driver.set_window_size(1300, 1000)
    yield driver
    driver.quit()


@pytest.fixture
def browse(chromium: Any, tmp_path: Path) -> Iterator[Open]:
    """Open the page of a review; at the end nothing else was asked for, and nothing was complained of."""
    file = tmp_path / "review.html"
    for kind in ("browser", "performance"):
        chromium.get_log(kind)

    def browse(review: Review) -> Any:
        file.write_text(render(review), encoding="utf-8")
        chromium.get(file.as_uri())
        return chromium

    yield browse
    messages = [json.loads(entry["message"])["message"] for entry in chromium.get_log("performance")]
    asked = {one["params"]["request"]["url"] for one in messages if one["method"] == "Network.requestWillBeSent"}
    assert {one.split("#")[0] for one in asked if one != "data:,"} == {file.as_uri()}
    assert chromium.get_log("browser") == []
    chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})
    chromium.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def prefers(browser: Any, scheme: str) -> None:
    feature = {"name": "prefers-color-scheme", "value": scheme}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})


def visible(browser: Any, selector: str) -> list[str]:
    """Return the texts of what can be seen."""
    script = "return [...document.querySelectorAll(arguments[0])].filter((one) => one.checkVisibility()).map((one) => one.innerText)"
    return list(browser.execute_script(script, selector))


def drawing(browser: Any) -> str:
    return str(browser.execute_script("return document.querySelector('svg.drawing').textContent"))


def test_one_look_tells_what_happens(browse: Open) -> None:
    browser = browse(reviews.refused())
    first = browser.find_element(By.TAG_NAME, "header")
    for text in ("Refused", "ecs-stacks/dev", "2 restrictions refuse", "gives a fixed_ip without a network"):
        assert text in first.text
    tiles = visible(browser, ".tile")
    assert tiles[:3] == ["- 2\ndestroyed", "± 1\nreplaced", "! 1\nrebuilt"]
    assert tiles[3:6] == ["↻ 1\nchanged with a reboot", "~ 1\nchanged in place", "+ 2\ncreated"]
    assert "12 of 12\nresources judged" in tiles
    # All of it is in the first window.
    assert browser.execute_script("return document.querySelector('#drawing').getBoundingClientRect().top") < 700


def test_the_drawing_tells_by_word_and_sign_what_happens_to_each(browse: Open) -> None:
    browser = browse(reviews.refused())
    told = browser.execute_script(
        "return [...document.querySelectorAll('svg.card')].map((one) =>"
        " [one.querySelector('.name').textContent, one.querySelector('.pill').textContent, one.classList[1]])"
    )
    assert {(name, word) for name, word, _ in told} == {
        ("old-1", "- destroyed"),
        ("db-1", "± replaced"),
        ("app-1", "! rebuilt"),
        ("web-1", "↻ changed with a reboot"),
        ("web-2", "~ changed in place"),
        ("web-3", "+ created"),
        ("calm-1", "= unchanged"),
        ("edge", "= unchanged"),
    }
    shown = drawing(browser)
    for text in (
        "10.20.0.10",
        "storage",
        "net-office",
        "data 1,000 GB SSD stays",
        "spare 10.99.0.0/24",
        "logs 100 GB SAS",
    ):
        assert text in shown
    assert browser.find_element(By.CSS_SELECTOR, "svg.drawing").accessible_name == "Networks, servers and disks"


def test_a_name_that_is_a_script_is_a_name(browse: Open) -> None:
    name = "</title></style></script><script>window.ran = 1; alert(1)</script><img src=x onerror=alert(2)>"
    browser = browse(extremes.named(name))
    with pytest.raises(NoAlertPresentException):
        _ = browser.switch_to.alert
    assert browser.execute_script("return window.ran") is None
    assert name in browser.find_element(By.CSS_SELECTOR, ".said").text
    assert browser.title == f"Refused: ecs gate of {name}/{name}"
    assert len(browser.find_elements(By.CSS_SELECTOR, "script, img")) == 1


def test_what_is_not_its_own_does_not_run(browse: Open, chromium: Any) -> None:
    browser = browse(reviews.refused())
    refused = browser.execute_async_script(
        "const done = arguments[0], refused = new Set();"
        "document.addEventListener('securitypolicyviolation', (one) => {"
        "  refused.add(one.effectiveDirective); if (refused.size === 4) done([...refused].sort()); });"
        "const script = document.createElement('script'); script.textContent = 'window.ran = 1'; document.body.append(script);"
        "document.body.setAttribute('style', 'color: red');"
        "const image = new Image(); image.src = 'http://127.0.0.1:9/i.png';"
        "fetch('http://127.0.0.1:9/').catch(() => {});"
    )
    assert refused == ["connect-src", "img-src", "script-src-elem", "style-src-attr"]
    assert browser.execute_script("return window.ran") is None
    # These four were asked for on purpose.
    assert len(chromium.get_log("browser")) >= 4
    chromium.get_log("performance")
    chromium.refresh()


def test_a_search_leaves_what_fits(browse: Open) -> None:
    browser = browse(extremes.fleet(200, equal=True))
    assert visible(browser, ".change") == []
    browser.find_element(By.ID, "search-changes").send_keys("web-42")
    browser.execute_async_script("setTimeout(arguments[0], 200)")
    assert [one.split("\n")[0] for one in visible(browser, ".change")] == ["Server web-42"]
    assert [one.strip() for one in visible(browser, "#changes ~ .search .found")] == ["1 of 200"]


def test_without_a_script_all_is_told(browse: Open, chromium: Any) -> None:
    chromium.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser = browse(reviews.refused())
        assert not browser.find_element(By.CSS_SELECTOR, ".search").is_displayed()
        assert browser.find_element(By.CSS_SELECTOR, ".change").is_displayed()
        silent = browser.find_element(By.CSS_SELECTOR, "tr.silent")
        assert silent.is_displayed()
        browser.find_element(By.ID, "telling").click()
        assert not silent.is_displayed()
    finally:
        chromium.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_what_is_folded_is_printed(browse: Open) -> None:
    browser = browse(extremes.fleet(200, equal=True))
    assert visible(browser, ".urn") == []
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    assert len(visible(browser, ".urn")) == 200
    assert visible(browser, ".search") == []


def luminance(colour: str) -> float:
    parts = [int(one) / 255 for one in re.findall(r"\d+", colour)[:3]]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


EFFECTS = ("create", "change", "reboot", "rebuild", "replace", "delete", "same")
TEXTS = {
    "h2": ("body", "backgroundColor"),
    ".banner h1": (".banner", "backgroundColor"),
    ".said": (".banner", "backgroundColor"),
    ".of": (".banner", "backgroundColor"),
    ".key": ("body", "backgroundColor"),
    ".blocks .answer": (".blocks .answer", "backgroundColor"),
    ".undetermined .answer": (".undetermined .answer", "backgroundColor"),
    ".exempted .answer": (".exempted .answer", "backgroundColor"),
    ".finding .place": (".finding", "backgroundColor"),
    "del": ("del", "backgroundColor"),
    "ins": ("ins", "backgroundColor"),
    "tr.hard th": ("tr.hard", "backgroundColor"),
    "tr.hard td.bad": ("tr.hard", "backgroundColor"),
    ".urn": (".change", "backgroundColor"),
    ".tile.good b": (".tile a", "backgroundColor"),
    **{f"svg .card.e-{one} .pill text": (f"svg .card.e-{one} .pill rect", "fill") for one in EFFECTS},
    **{f".tile.e-{one} b": (".tile a", "backgroundColor") for one in EFFECTS},
    "svg .card .name": ("svg .card .ground", "fill"),
    "svg .card .detail": ("svg .card .ground", "fill"),
    "svg .card .says": ("svg .card .ground", "fill"),
    "svg .lane > .count": ("svg .frame", "fill"),
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_is_readable(browse: Open, chromium: Any, scheme: str) -> None:
    prefers(chromium, scheme)
    browser = browse(reviews.refused())

    def colour(where: str, what: str) -> str:
        found = browser.find_element(By.CSS_SELECTOR, where)
        return str(browser.execute_script("return getComputedStyle(arguments[0])[arguments[1]]", found, what))

    measured = {
        text: contrast(colour(text, "fill" if text.startswith("svg") else "color"), colour(ground, what))
        for text, (ground, what) in TEXTS.items()
    }
    assert {text: ratio for text, ratio in measured.items() if ratio < READABLE} == {}
    assert (luminance(colour("body", "backgroundColor")) < 0.1) is (scheme == "dark")


@pytest.mark.parametrize("width", [400, 800, 1300])
def test_only_the_drawing_and_tables_scroll_sideways(browse: Open, chromium: Any, width: int) -> None:
    size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    chromium.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    for review in (reviews.refused(), extremes.named("a-name-" + "ofmanyletters" * 30)):
        browser = browse(review)
        assert (
            browser.execute_script("const all = document.documentElement; return all.scrollWidth - all.clientWidth")
            == 0
        )


def test_nothing_is_drawn_outside_of_its_card(browse: Open) -> None:
    servers = (*reviews.DRAWING.servers, *extremes.fleet(3, equal=False).drawing.servers)
    long = tuple(
        reviews.server(
            name, Effect.REBOOT, DrawnNic(network="store", label=name), flavor=name, zone=name, says=(f"{name} " * 9,)
        )
        for name in ("name-of-many-words-" * 12, "名" * 200, "i" * 255)
    )
    browser = browse(reviews.review(drawing=Drawing(networks=reviews.DRAWING.networks, servers=(*servers, *long))))
    outside = browser.execute_script(
        """return [...document.querySelectorAll('svg.card')].flatMap((card) => {
             const edge = card.querySelector('.ground').getBoundingClientRect();
             return [...card.querySelectorAll('text')].filter((text) => {
               const place = text.getBoundingClientRect();
               return place.right > edge.right || place.bottom > edge.bottom || place.left < edge.left;
             }).map((text) => text.textContent);
           })"""
    )
    assert outside == []
    # The widest letters there are may not fit; then they end at the card's edge.
    assert browser.execute_script("return getComputedStyle(document.querySelector('svg.card')).overflow") == "hidden"


@pytest.mark.parametrize("equal", [True, False])
def test_five_hundred_servers_are_seen_without_scrolling(browse: Open, *, equal: bool) -> None:
    browser = browse(extremes.fleet(500, equal=equal))
    bottom = browser.execute_script("return document.querySelector('svg.drawing').getBoundingClientRect().bottom")
    assert bottom < 900
    for text in ("50 servers", "200 servers", "web-1 … web-491"):
        assert text in drawing(browser)


def test_thousands_of_changes_and_findings_are_one_page(browse: Open) -> None:
    browser = browse(extremes.many(2000))
    assert len(browser.find_elements(By.CSS_SELECTOR, ".change")) == 2000
    # Those that refuse are in the verdict, too.
    assert len(browser.find_elements(By.CSS_SELECTOR, ".finding")) == 2000 + FIRST
    assert len(visible(browser, ".finding.blocks")) == 1000 + FIRST
