"""Requests: what is tried again, for how long, and what is never sent twice."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from provider.failure import CancelledError, CloudError, LostError, NoAnswerError
from provider.requests import Requests
from provider.work import Work
from sandbox.testing import Loopback
from tests.provider.conftest import Quick, asked

BODY = {"volume": {"name": "one", "size": 1, "availability_zone": "az1-dc1"}}
POST = "POST /volume/*/volumes"


def named(requests: Requests, work: Quick) -> Any:
    found = requests.every("block_storage", "/volumes/detail?name=one", "volumes", work)
    return {"volume": found[0]} if found else None


@pytest.mark.parametrize(
    ("kind", "said", "sent"),
    [
        ("429", {"retry_after": 2}, 2),
        ("500", {}, 2),
        ("502", {}, 2),
        ("503", {"times": 2}, 3),
        ("504", {}, 2),
        ("drop-before", {}, 2),
        ("drop-after", {}, 1),
        ("expire-token", {}, 2),
    ],
)
def test_a_post_takes_effect_once(  # noqa: PLR0917 - fixtures
    kind: str, said: dict[str, Any], sent: int, cloud: Loopback, requests: Requests, work: Quick
) -> None:
    requests.get("block_storage", "/limits", work)
    cloud.fault(kind, on=POST, **said)
    made = requests.post("block_storage", "/volumes", BODY, work, lambda: named(requests, work))
    there = [one for one in requests.every("block_storage", "/volumes/detail", "volumes", work) if one["name"] == "one"]
    assert [one["id"] for one in there] == [made["volume"]["id"]]
    assert len(asked(cloud, "POST", "/volumes")) == sent


def test_a_429_is_waited_for_as_long_as_the_cloud_says(cloud: Loopback, requests: Requests, work: Quick) -> None:
    cloud.fault("429", on="GET /volume/*", retry_after=2)
    requests.get("block_storage", "/limits", work)
    assert len(work.pauses) == 1
    assert 2.0 <= work.pauses[0] <= 2.5


def test_pauses_grow_and_differ(cloud: Loopback, requests: Requests, told: list[str]) -> None:
    first, second = Quick(), Quick()
    for work in (first, second):
        cloud.fault("503", on="GET /volume/*", times=3)
        requests.get("block_storage", "/limits", work)
    assert len(first.pauses) == len(second.pauses) == 3
    assert first.pauses != second.pauses
    assert all(pause <= 0.5 * 2 ** (number + 1) for number, pause in enumerate(first.pauses))
    assert all("503" in one for one in told)


@pytest.mark.parametrize(("kind", "error"), [("429", NoAnswerError), ("503", LostError), ("drop-before", LostError)])
def test_it_ends_at_the_limit(kind: str, error: type[Exception], cloud: Loopback, requests: Requests) -> None:
    said = {"retry_after": 1} if kind == "429" else {}
    cloud.fault(kind, on="* /volume/*", times=None, **said)
    work = Work(lambda _text, _passing: None, threading.Event(), 1.0, 0.01)
    with pytest.raises(error, match="attempts in"):
        requests.get("block_storage", "/limits", work)
    assert work.passed < 5


def test_a_cancelled_run_stops_trying(cloud: Loopback, requests: Requests) -> None:
    cloud.fault("503", on="* /volume/*", times=None)
    cancelled = threading.Event()
    threading.Timer(0.2, cancelled.set).start()
    with pytest.raises(CancelledError):
        requests.get("block_storage", "/limits", Work(lambda _text, _passing: None, cancelled, 60.0, 0.01))


def test_a_refusal_is_told_in_the_clouds_words_and_never_tried_again(
    cloud: Loopback, requests: Requests, work: Quick
) -> None:
    with pytest.raises(CloudError, match="400") as refused:
        requests.post("block_storage", "/volumes", {"volume": {"size": 0}}, work, lambda: None)
    assert refused.value.request.startswith("req-")
    assert len(asked(cloud, "POST", "/volumes")) == 1
    assert work.pauses == []


def test_what_is_not_there_is_none(requests: Requests, work: Quick) -> None:
    assert requests.get("compute", "/servers/00000000-0000-4000-8000-000000000000", work) is None
    assert requests.delete("compute", "/servers/00000000-0000-4000-8000-000000000000", work) is False


def test_a_list_is_read_to_its_end(cloud: Loopback, requests: Requests, work: Quick) -> None:
    for number in range(5):
        requests.post(
            "block_storage", "/volumes", {"volume": BODY["volume"] | {"name": f"n{number}"}}, work, lambda: None
        )
    found = requests.every("block_storage", "/volumes/detail?limit=2", "volumes", work)
    assert len({one["id"] for one in found}) == len(found) == 7
