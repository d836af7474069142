"""Many servers that are built at once are listed, not looked at one by one; nothing depends on that list."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import Any

import pytest

from provider import building
from provider.building import FEW, Building
from provider.requests import Requests
from sandbox.testing import Loopback
from tests.provider.conftest import Quick, asked

NETWORK = "79a68cef-0936-4e21-b1f4-b800ecb70246"


def server(cloud: Loopback, requests: Requests, work: Quick, name: str) -> str:
    body = {"name": name, "flavorRef": "s3.medium", "availability_zone": "az1-dc1", "networks": [{"uuid": NETWORK}]}
    body["imageRef"] = "6b344c54-d606-4e1a-a99e-a7d0250c3d14"
    made = requests.post("compute", "/servers", {"server": body}, work, lambda: None)
    cloud.journal.lines.clear()
    return str(made["server"]["id"])


@contextlib.contextmanager
def waiting(of: Building, servers: int) -> Iterator[None]:
    with contextlib.ExitStack() as together:
        for _ in range(servers):
            together.enter_context(of.waiting())
        yield


@pytest.fixture
def cloud(cloud: Loopback) -> Iterator[Loopback]:
    assert cloud.control("PATCH", "/sandbox/settings", {"build_seconds": 60}).status == 200
    return cloud


def lists(cloud: Loopback) -> list[dict[str, Any]]:
    return asked(cloud, "GET", "/servers/detail?status=BUILD")


def test_one_list_tells_all_that_wait(cloud: Loopback, requests: Requests, work: Quick) -> None:
    done = server(cloud, requests, work, "done")
    cloud.wait_built()
    under_way = [server(cloud, requests, work, f"web-{number}") for number in range(3)]
    work.poll = 60.0
    of = Building(requests)
    with waiting(of, FEW + 1):
        told = [of.still(ident, work) for ident in under_way]
        assert of.still(done, work) is None
    assert [one["id"] for one in told if one is not None] == under_way
    assert len(lists(cloud)) == 1


def test_a_list_is_old_after_half_a_poll(cloud: Loopback, requests: Requests, work: Quick) -> None:
    ident = server(cloud, requests, work, "web")
    work.poll = 0.2
    of = Building(requests)
    with waiting(of, FEW + 1):
        assert of.still(ident, work) is not None
        cloud.wait_built()
        time.sleep(0.11)
        assert of.still(ident, work) is None


def test_few_servers_are_looked_at_each(cloud: Loopback, requests: Requests, work: Quick) -> None:
    ident = server(cloud, requests, work, "web")
    of = Building(requests)
    with waiting(of, FEW + 1):
        pass
    with waiting(of, FEW):
        assert of.still(ident, work) is None
    assert lists(cloud) == []


@pytest.mark.parametrize("kind", ["429", "503", "drop-before"])
def test_a_list_that_fails_fails_nothing_and_holds_up_nobody(
    kind: str, cloud: Loopback, requests: Requests, work: Quick
) -> None:
    ident = server(cloud, requests, work, "web")
    cloud.fault(kind, on="GET /compute/*/servers/detail", times=None)
    of = Building(requests)
    work.poll = 60.0
    with waiting(of, FEW + 1):
        assert [of.still(ident, work) for _ in range(3)] == [None, None, None]
    assert (len(lists(cloud)), work.pauses) == (1, [])


def test_a_cloud_that_does_not_know_the_filter_is_not_asked_again(
    cloud: Loopback, requests: Requests, work: Quick, monkeypatch: pytest.MonkeyPatch
) -> None:
    server(cloud, requests, work, "done")
    cloud.wait_built()
    ident = server(cloud, requests, work, "web")
    monkeypatch.setattr(building, "LIST", "/servers/detail")
    of = Building(requests)
    work.poll = 0.0
    with waiting(of, FEW + 1):
        told = [of.still(ident, work) for _ in range(3)]
    assert [one and one["id"] for one in told] == [ident, None, None]
    assert len(asked(cloud, "GET", "/servers/detail")) == 1


def test_nobody_waits_for_a_list_longer_than_a_poll(cloud: Loopback, requests: Requests, work: Quick) -> None:
    ident = server(cloud, requests, work, "web")
    of = Building(requests)
    with waiting(of, FEW + 1), of._listing:
        assert of.still(ident, work) is None
    assert lists(cloud) == []
