"""A takeover that is itself killed: the engine that it ran goes on alone, and the next `ecs up` waits for it."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.takeover_clone import Clone, fresh, until

pytestmark = [
    pytest.mark.engine,
    # openstacksdk warns of its own inside, whatever one asks of it.
    pytest.mark.filterwarnings("ignore::openstack.warnings.RemovedInSDK50Warning"),
    pytest.mark.filterwarnings("ignore::openstack.warnings.RemovedInSDK60Warning"),
]


@pytest.fixture
def clone(tmp_path: Path) -> Iterator[Clone]:
    """A clone whose first state is there: an empty stack on a running sandbox."""
    with fresh(tmp_path) as made:
        yield made


def test_a_takeover_that_is_killed_is_gone_on_with(clone: Clone) -> None:
    clone.up()
    clone.fault("slow-answer", "PUT /network/v2.0/networks/*", seconds=100)
    clone.kill_while("PUT", "/networks/", TEST_TEXT="changed")
    asked = clone.asked("GET", "/networks/")
    # The takeover reads the network anew, in an engine of its own.
    clone.fault("slow-answer", "GET /network/v2.0/networks/*", seconds=6)
    takeover = clone.begin("up", "--skip-preview")
    until(lambda: clone.asked("GET", "/networks/") > asked and clone.locks())
    (lock,) = clone.locks()
    engine = json.loads(lock.read_text(encoding="utf-8"))["pid"]
    assert engine != takeover.pid
    os.kill(takeover.pid, signal.SIGKILL)
    takeover.wait()
    assert Path(f"/proc/{engine}").exists()
    told = clone.up()
    assert f"its engine (process {engine}) still works: waiting for it" in told
    (lan,) = clone.made()["openstack:networking/network:Network"]
    assert clone.connection.network.get(f"/networks/{lan}").json()["network"]["description"] == "of a test"
