"""What a reviewer sees: the pages of a change that was refused and of one that passes, made by the real gate, in a real browser.

With ECS_SCREENSHOTS set to a folder, the pictures of both stay there, for somebody to look at.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By

from commands.gate import WRITERS
from tests.end_to_end.gate_clone import SETTINGS, gate_clone

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
DRIVER = shutil.which("chromedriver")

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(
        not (BROWSER and DRIVER), reason="no browser on this machine: install chromium and chromium-driver"
    ),
]

FIRST, SECOND = SETTINGS.split("    web-2:\n")
GOOD = FIRST.replace("flavor_ref: s3.medium", "flavor_ref: s3.xlarge.2") + "    web-3:\n" + SECOND
"""Another flavor for web-1; web-2 goes, web-3 comes."""

BAD = GOOD.replace("networks: [{network: lan}]", "networks: [{fixed_ip: 10.0.0.9}]")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    """The folders of the reports of both changes, of a stack that is deployed."""
    folder = tmp_path_factory.mktemp("reviewer")
    with gate_clone(folder / "clone") as clone:
        done = clone.ecs("up", "--skip-preview")
        assert done.returncode == 0, done.stdout + done.stderr
        for name, text, code in (("good", GOOD, 0), ("bad", BAD, 5)):
            clone.state(text)
            ran = clone.ecs("gate", "--reports", str(folder / name))
            assert ran.returncode == code, ran.stdout + ran.stderr
        yield {name: folder / name for name in ("good", "bad")}


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    options = webdriver.ChromeOptions()
    options.binary_location = str(BROWSER)
    # As root, as in a container, chromium runs without its own sandbox only. Nobody answers at the proxy.
    for argument in (
        "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--proxy-server=127.0.0.1:9",
        f"--user-data-dir={tmp_path_factory.mktemp('profile')}",
    ):  # fmt: skip
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(str(DRIVER)))
    driver.set_window_size(1300, 1000)
    yield driver
    driver.quit()


def opened(chromium: Any, folder: Path, tmp_path: Path, name: str) -> Any:
    """The page, after it was seen that it asked for nothing else and complained of nothing; with its picture taken."""
    file = folder / WRITERS["html"]
    for kind in ("browser", "performance"):
        chromium.get_log(kind)
    chromium.get(file.as_uri())
    messages = [json.loads(entry["message"])["message"] for entry in chromium.get_log("performance")]
    asked = {one["params"]["request"]["url"] for one in messages if one["method"] == "Network.requestWillBeSent"}
    assert {one.split("#")[0] for one in asked if one != "data:,"} == {file.as_uri()}
    assert chromium.get_log("browser") == []
    pictures = Path(os.environ.get("ECS_SCREENSHOTS") or tmp_path)
    pictures.mkdir(parents=True, exist_ok=True)
    picture = pictures / f"{name}.png"
    height = chromium.execute_script("return document.documentElement.scrollHeight")
    chromium.set_window_size(1300, min(height + 150, 4000))
    assert chromium.save_screenshot(str(picture))
    chromium.set_window_size(1300, 1000)
    assert picture.stat().st_size > 20_000, "a page with something on it"
    return chromium


def visible(browser: Any, selector: str) -> list[str]:
    script = "return [...document.querySelectorAll(arguments[0])].filter((one) => one.checkVisibility()).map((one) => one.innerText)"
    return list(browser.execute_script(script, selector))


def test_one_look_says_what_a_good_change_does(chromium: Any, pages: dict[str, Path], tmp_path: Path) -> None:
    browser = opened(chromium, pages["good"], tmp_path, "good")
    first = browser.find_element(By.TAG_NAME, "header").text
    assert "Passed" in first
    assert "ecs-stacks/sandbox" in first
    assert "1 destroyed" in first, "what is lost is said although the change passes"
    tiles = visible(browser, ".tile")
    assert "- 1\ndestroyed" in tiles
    assert "↻ 1\nchanged with a reboot" in tiles
    assert "+ 1\ncreated" in tiles
    cards = browser.execute_script(
        "return [...document.querySelectorAll('svg.card')].map((one) =>"
        " [one.querySelector('.name').textContent, one.querySelector('.pill').textContent])"
    )
    assert sorted(cards) == [
        ["web-1", "↻ changed with a reboot"], ["web-2", "- destroyed"], ["web-3", "+ created"],
    ]  # fmt: skip
    shown = str(browser.execute_script("return document.querySelector('svg.drawing').textContent"))
    assert "10.0.0.0/24" in shown
    assert "10.0.0.10" in shown
    changes = " ".join(visible(browser, ".change"))
    assert "s3.medium" in changes
    assert "s3.xlarge.2" in changes
    assert "stacks/Pulumi.sandbox.yaml:" in browser.find_element(By.TAG_NAME, "body").text


def test_one_look_says_why_a_bad_change_is_refused(chromium: Any, pages: dict[str, Path], tmp_path: Path) -> None:
    browser = opened(chromium, pages["bad"], tmp_path, "bad")
    first = browser.find_element(By.TAG_NAME, "header").text
    assert "Refused" in first
    assert "ECS-303" in first
    lines = (pages["bad"] / WRITERS["text"]).read_text(encoding="utf-8")
    number = BAD.splitlines().index("      networks: [{fixed_ip: 10.0.0.9}]") + 1
    assert f"stacks/Pulumi.sandbox.yaml:{number}" in first
    assert f"stacks/Pulumi.sandbox.yaml:{number}" in lines, "the page and the terminal say the same"
    assert "Table 6" in browser.find_element(By.TAG_NAME, "body").text, "and the document's place"
