"""Faults as openstacksdk meets them: which it survives by itself, and what it tells of the others."""

from collections.abc import Callable
from typing import Any

import openstack
import pytest
from keystoneauth1.exceptions import ConnectFailure

from sandbox.testing import Loopback

IMAGE = "24040000-0000-4000-8000-000000000001"
NETWORK = "79a68cef-0936-4e21-b1f4-b800ecb70246"
SERVERS = "/compute/v2.1/servers"


@pytest.fixture
def create(sdk: Any) -> Callable[[], Any]:
    """Creates a server, logged in before."""
    sdk.authorize()

    def one() -> Any:
        return sdk.compute.create_server(
            name="web", flavor_id="s3.medium", image_id=IMAGE, networks=[{"uuid": NETWORK}], availability_zone="az1-dc1"
        )

    return one


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """For how long the client wanted to wait before it tried again; it does not wait here."""
    waited: list[float] = []
    monkeypatch.setattr("keystoneauth1.session.time.sleep", waited.append)
    return waited


def creates(cloud: Loopback) -> list[Any]:
    """Status and fault of every create call in the log."""
    return [
        (line["status"], line.get("fault"))
        for line in cloud.journal.lines
        if line["method"] == "POST" and line["path"].endswith("/servers")
    ]


def test_it_logs_in_again_by_itself_when_its_token_is_over(cloud: Loopback, sdk: Any, create: Any) -> None:
    cloud.fault("expire-token", on="POST /compute/*/servers")
    before = sdk.session.get_token()
    assert create().id
    assert sdk.session.get_token() != before
    assert creates(cloud) == [(401, "expire-token"), (202, None)]


def test_it_survives_a_token_that_ran_out_by_the_clock(cloud: Loopback, sdk: Any) -> None:
    assert cloud.control("PATCH", "/sandbox/settings", {"token_seconds": 100_000}).status == 200
    assert list(sdk.compute.servers()) == []
    cloud.clock.advance(100_001)
    assert list(sdk.compute.servers()) == []
    assert [line["status"] for line in cloud.journal.lines if "servers" in line["path"]] == [200, 401, 200]


def test_a_connection_dropped_before_is_tried_again_only_if_it_is_told_to(
    cloud: Loopback, sdk: Any, create: Any
) -> None:
    cloud.fault("drop-before")
    with pytest.raises(ConnectFailure, match="Unable to establish connection"):
        create()
    assert creates(cloud) == [(None, "drop-before")]
    assert list(sdk.compute.servers()) == []


def test_a_create_that_is_tried_again_after_a_lost_answer_leaves_two(
    cloud: Loopback, sdk: Any, waits: list[float]
) -> None:
    sdk.authorize()
    cloud.fault("drop-after")
    server = {"name": "twin", "flavorRef": "s3.medium", "imageRef": IMAGE, "networks": [{"uuid": NETWORK}]}
    reply = sdk.session.post(
        f"{cloud.url}{SERVERS}", json={"server": server | {"availability_zone": "az1-dc1"}}, connect_retries=1
    )
    assert (reply.status_code, len(waits)) == (202, 1)
    assert [one.name for one in sdk.compute.servers()] == ["twin", "twin"]


def test_503_with_retry_after_is_tried_again_by_the_sdk(
    cloud: Loopback, sdk: Any, create: Any, waits: list[float]
) -> None:
    cloud.fault("503", retry_after=90)
    sdk.compute.status_code_retries = 1
    assert create().id
    assert waits == [90]
    assert creates(cloud) == [(503, "503"), (202, None)]


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("429", "rate-limited"),
        ("500", "Unexpected API Error"),
        ("502", "502 Bad Gateway"),
        ("504", "504 Gateway Timeout"),
        ("quota", "Quota exceeded for instances"),
    ],
)
def test_it_tells_what_the_cloud_told(cloud: Loopback, sdk: Any, create: Any, kind: str, told: str) -> None:
    cloud.fault(kind)
    with pytest.raises(openstack.exceptions.HttpException, match=told):
        create()
    assert list(sdk.compute.servers()) == []


def test_it_finds_a_server_in_error_and_reads_its_fault(cloud: Loopback, sdk: Any, create: Any) -> None:
    cloud.fault("no-valid-host")
    server = create()
    cloud.wait_built()
    with pytest.raises(openstack.exceptions.ResourceFailure):
        sdk.compute.wait_for_server(server, wait=5)
    assert sdk.compute.get_server(server).fault["message"].startswith("No valid host was found")


def test_a_server_that_a_list_does_not_show_yet_is_made_again_by_whoever_trusts_it(
    cloud: Loopback, sdk: Any, create: Any
) -> None:
    cloud.fault("lag", seconds=5, times=1)
    server = create()
    assert list(sdk.compute.servers(name="web")) == []
    assert sdk.compute.get_server(server.id).name == "web"
    assert [one.id for one in sdk.compute.servers(name="web")] == [server.id]
