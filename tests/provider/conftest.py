"""A sandbox in this process, a client of it, and work that never waits in earnest."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import openstack
import pytest

from provider.requests import Requests
from provider.work import Work
from sandbox.testing import Loopback, running
from sandbox.world import Settings


@pytest.fixture(scope="session")
def _one() -> Iterator[Loopback]:
    with running(Settings(build_seconds=0)) as loopback:
        yield loopback


@pytest.fixture
def cloud(_one: Loopback) -> Loopback:
    _one.start_over()
    return _one


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def requests(cloud: Loopback, told: list[str]) -> Iterator[Requests]:
    connection = openstack.connect(
        auth=cloud.auth, region_name="sandbox", app_name="tests", load_yaml_config=False, load_envvars=False
    )
    yield Requests(connection, seconds=30.0, tell=told.append)
    connection.close()


class Quick(Work):
    """Work whose pauses are noted and cut short."""

    def __init__(self, seconds: float = 60.0) -> None:
        super().__init__(lambda _text, _passing: None, threading.Event(), seconds, 0.01)
        self.pauses: list[float] = []

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        super().pause(min(seconds, 0.01))


@pytest.fixture
def work() -> Quick:
    return Quick()


def asked(cloud: Loopback, method: str, end: str) -> list[dict[str, Any]]:
    """The requests that the cloud was sent."""
    return [one for one in cloud.journal.lines if one["method"] == method and one["path"].endswith(end)]
