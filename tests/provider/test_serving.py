"""What the provider answers about its own settings and its versions."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi.runtime.proto import provider_pb2

from provider.properties import UNKNOWN, written
from provider.requests import Requests
from provider.server.request import too_old
from provider.serving import Provider
from provider.telling import Telling


@pytest.mark.parametrize(
    ("value", "good"),
    [
        ("2", True),
        ("0.2", True),
        (UNKNOWN, True),
        ("abc", False),
        ("0", False),
        ("-1", False),
        ("nan", False),
        ("inf", False),
    ],
)
@pytest.mark.parametrize("key", ["pollSeconds", "retrySeconds"])
def test_a_time_that_is_none_is_refused(key: str, value: str, good: bool) -> None:
    provider = Provider(lambda *_: None, Telling(""))
    answer = provider.CheckConfig(provider_pb2.CheckRequest(news=written({key: value, "cloud": "one"})), None)
    assert [one.property for one in answer.failures] == ([] if good else [key])


def test_the_cloud_is_asked_for_its_version_only_where_something_needs_one() -> None:
    def never() -> tuple[int, int]:
        raise AssertionError("the cloud was asked")

    assert too_old({"name": "web", "tags": [], "description": ""}, never) == []
    assert too_old({"description": "text"}, lambda: (2, 19)) == []
    assert [key for key, _ in too_old({"description": "text", "tags": ["a"]}, lambda: (2, 18))] == [
        "description",
        "tags",
    ]
    assert "does not say which it has" in too_old({"tags": ["a"]}, lambda: (0, 0))[0][1]


def test_a_version_that_was_not_said_is_asked_for_again() -> None:
    class Data:
        max_microversion: Any = None

    class Service:
        def get_endpoint_data(self) -> Data:
            return Data()

    class Connection:
        compute = Service()

    requests = Requests(Connection())
    assert requests.version("compute") == (0, 0)
    Data.max_microversion = (2, 60)
    assert requests.version("compute") == (2, 60)
