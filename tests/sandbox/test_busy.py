"""A server in the middle of a task refuses what would disturb it, in the words that a real Nova 34 was heard to use."""

from collections.abc import Callable
from typing import Any

import pytest

from sandbox.testing import Loopback

SERVERS = "/compute/v2.1/servers"
SPARE, OTHER_NETWORK = "da7a0000-0002-4000-8000-000000000002", "51bead38-d1a3-4d08-be20-0970c24b7cab"
Body = Callable[..., dict[str, Any]]
Cause = tuple[dict[str, Any], str]

STOP: Cause = ({"os-stop": None}, "powering-off")
RESIZE: Cause = ({"resize": {"flavorRef": "2"}}, "resize_prep")
REBOOT: Cause = ({"reboot": {"type": "SOFT"}}, "rebooting")


@pytest.fixture
def server(cloud: Loopback, body: Body) -> str:
    """An ACTIVE server with a data disk."""
    made = cloud.ask("POST", SERVERS, body()).body["server"]["id"]
    cloud.wait_built()
    attached = cloud.ask("POST", f"{SERVERS}/{made}/os-volume_attachments", {"volumeAttachment": {"volumeId": SPARE}})
    assert attached.status == 200, attached.body
    cloud.wait_built()
    return str(made)


def begin(cloud: Loopback, server: str, cause: Cause) -> None:
    begun = cloud.ask("POST", f"{SERVERS}/{server}/action", cause[0])
    assert begun.status == 202, begun.body


def sentence(reply: Any) -> str:
    return str(reply.body["conflictingRequest"]["message"]) if reply.status == 409 else f"{reply.status} {reply.body}"


@pytest.mark.parametrize("cause", [STOP, RESIZE, REBOOT], ids=lambda cause: cause[1])
@pytest.mark.parametrize(
    ("what", "action"),
    [
        ("stop", {"os-stop": None}),
        ("resize", {"resize": {"flavorRef": "2"}}),
        ("pause", {"pause": None}),
        ("changePassword", {"changePassword": {"adminPass": "x"}}),
        ("createImage", {"createImage": {"name": "x"}}),
        ("rebuild", {"rebuild": {"imageRef": "24040000-0000-4000-8000-000000000001"}}),
        ("reboot", {"reboot": {"type": "SOFT"}}),
    ],
)
def test_an_action_waits_for_its_turn(
    cloud: Loopback, server: str, cause: Cause, what: str, action: dict[str, Any]
) -> None:
    begin(cloud, server, cause)
    refused = cloud.ask("POST", f"{SERVERS}/{server}/action", action)
    assert sentence(refused) == f"Cannot '{what}' instance {server} while it is in task_state {cause[1]}"


@pytest.mark.parametrize(
    ("what", "path", "sent"),
    [
        ("detach_volume", f"os-volume_attachments/{SPARE}", None),
        ("attach_volume", "os-volume_attachments", {"volumeAttachment": {"volumeId": SPARE}}),
        ("attach_interface", "os-interface", {"interfaceAttachment": {"net_id": OTHER_NETWORK}}),
    ],
)
def test_nothing_is_plugged_in_or_out_meanwhile(cloud: Loopback, server: str, what: str, path: str, sent: Any) -> None:
    begin(cloud, server, RESIZE)
    refused = cloud.ask("POST" if sent else "DELETE", f"{SERVERS}/{server}/{path}", sent)
    assert sentence(refused) == f"Cannot '{what}' instance {server} while it is in task_state resize_prep"
    nic = cloud.ask("GET", f"{SERVERS}/{server}/os-interface").body["interfaceAttachments"][0]["port_id"]
    refused = cloud.ask("DELETE", f"{SERVERS}/{server}/os-interface/{nic}")
    assert sentence(refused) == f"Cannot 'detach_interface' instance {server} while it is in task_state resize_prep"


def test_what_does_not_disturb_it_goes_on(cloud: Loopback, server: str) -> None:
    begin(cloud, server, RESIZE)
    path = f"{SERVERS}/{server}"
    assert cloud.ask("PUT", path, {"server": {"name": "renamed"}}).status == 200
    assert cloud.ask("POST", f"{path}/metadata", {"metadata": {"a": "b"}}).status == 200
    assert cloud.ask("DELETE", path).status == 204


def test_a_hard_reboot_interrupts_a_soft_one(cloud: Loopback, server: str) -> None:
    begin(cloud, server, REBOOT)
    begin(cloud, server, ({"reboot": {"type": "HARD"}}, ""))


def test_afterwards_it_is_free_again(cloud: Loopback, server: str) -> None:
    begin(cloud, server, STOP)
    cloud.wait_built()
    begin(cloud, server, ({"os-start": None}, ""))
    cloud.wait_built()
    assert cloud.ask("DELETE", f"{SERVERS}/{server}/os-volume_attachments/{SPARE}").status == 202
