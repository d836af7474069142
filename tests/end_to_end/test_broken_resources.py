"""Every restriction that must hold is refused by the real CLI at preview: one mistake, one finding, nothing asked of the cloud."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from components.restrictions import catalogue
from tests.end_to_end import policy_events
from tests.end_to_end.broken_resources import BROKEN, FIRST, INSTANCE, VALID, Resource
from tests.end_to_end.policy_events import cited, events, preview
from tests.end_to_end.project import Project, Ran, fresh_cloud, program

pytestmark = pytest.mark.engine

MUST = [row.id for row in catalogue().values() if row.level == "must" and "request" in row.sees]
NAMED: dict[str, Resource] = {
    f"{restriction.lower()}{'-raw' if resource['type'] == INSTANCE else ''}": resource
    for restriction, resources in BROKEN.items()
    for resource in resources
}


@pytest.fixture(scope="module")
def previewed(tmp_path_factory: pytest.TempPathFactory, cloud: Path) -> tuple[Project, Ran]:
    """The one preview of all of them."""
    fresh_cloud(cloud)
    wire = program("wire", tmp_path_factory.mktemp("wire"), cloud)
    stated = [{"name": name, **resource} for name, resource in (FIRST | VALID | NAMED).items()]
    (wire.folder / "resources.json").write_text(json.dumps(stated), encoding="utf-8")
    return wire, preview(wire)


@pytest.fixture(scope="module")
def said(previewed: tuple[Project, Ran]) -> dict[str, list[dict[str, Any]]]:
    """What the pack said of each resource, by the resource's name."""
    return policy_events.said(previewed[1].text)


def test_every_restriction_that_the_request_decides_has_a_broken_resource() -> None:
    assert list(BROKEN) == MUST


def test_the_preview_fails_and_asks_the_cloud_to_change_nothing(previewed: tuple[Project, Ran]) -> None:
    wire, ran = previewed
    assert ran.code != 0
    assert "Traceback" not in ran.text
    assert wire.changes() == []


def test_every_resource_was_seen(previewed: tuple[Project, Ran]) -> None:
    seen = {
        event["resourcePreEvent"]["metadata"]["urn"].rpartition("::")[2]
        for event in events(previewed[1].text)
        if "resourcePreEvent" in event
    }
    assert set(FIRST | VALID | NAMED) <= seen, previewed[1].text[-3000:]


@pytest.mark.parametrize("name", NAMED)
def test_a_broken_resource_is_refused_for_its_one_mistake(name: str, said: dict[str, list[dict[str, Any]]]) -> None:
    assert cited(said[name], "mandatory") == [name.removesuffix("-raw").upper()]


@pytest.mark.parametrize("name", FIRST | VALID)
def test_nothing_is_said_of_a_valid_resource(name: str, said: dict[str, list[dict[str, Any]]]) -> None:
    assert said[name] == []
