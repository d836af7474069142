"""Every kind of fault, as a client meets it."""

import socket
import threading
import time
from collections.abc import Callable
from http.client import RemoteDisconnected
from pathlib import Path
from typing import Any

import pytest

from sandbox.mishaps.kinds import KINDS
from sandbox.testing import Loopback, Reply

SERVERS = "/compute/v2.1/servers"
VOLUMES = "/volume/v3/volumes"
PORTS = "/network/v2.0/ports"
NETWORK = "79a68cef-0936-4e21-b1f4-b800ecb70246"
Body = Callable[..., dict[str, Any]]


def names(cloud: Loopback, path: str = SERVERS) -> list[str]:
    return [one["name"] for one in cloud.ask("GET", path).body["servers"]]


def counts(cloud: Loopback) -> list[int]:
    return [len(cloud.world.store.all(kind)) for kind in ("server", "port", "volume", "attachment")]


def made(cloud: Loopback, reply: Reply, after: float = 0.0) -> dict[str, Any]:
    """The server that a create call answered with, so many seconds later."""
    cloud.clock.advance(after)
    server: dict[str, Any] = cloud.ask("GET", f"{SERVERS}/{reply.body['server']['id']}").body["server"]
    return server


def test_no_valid_host_is_an_accepted_server_that_ends_in_error_with_nothing_of_its_own(
    cloud: Loopback, body: Body
) -> None:
    before = counts(cloud)
    cloud.fault("no-valid-host")
    reply = cloud.ask("POST", SERVERS, body())
    assert (reply.status, made(cloud, reply)["status"]) == (202, "BUILD")
    server = made(cloud, reply, after=10.001)
    assert (server["status"], server["fault"]["code"], server["addresses"]) == ("ERROR", 500, {})
    assert server["fault"]["message"] == "No valid host was found. There are not enough hosts available."
    assert counts(cloud) == [before[0] + 1, *before[1:]]
    assert made(cloud, cloud.ask("POST", SERVERS, body()), after=10.001)["status"] == "ACTIVE"


def test_error_after_build_takes_its_time_and_tells_its_fault(cloud: Loopback, body: Body) -> None:
    cloud.fault("error-after-build", seconds=60, message="The disk is on fire.")
    reply = cloud.ask("POST", SERVERS, body())
    assert made(cloud, reply, after=59)["status"] == "BUILD"
    server = made(cloud, reply, after=1.001)
    assert (server["status"], server["fault"]["message"]) == ("ERROR", "The disk is on fire.")


def test_a_slow_build_is_slow_for_the_server_and_its_disk_alone(cloud: Loopback, body: Body) -> None:
    cloud.fault("slow-build", seconds=60)
    slow = cloud.ask("POST", SERVERS, body(name="slow"))
    quick = cloud.ask("POST", SERVERS, body(name="quick"))
    assert made(cloud, quick, after=10.001)["status"] == "ACTIVE"
    assert made(cloud, slow, after=49)["status"] == "BUILD"
    assert made(cloud, slow, after=1.001)["status"] == "ACTIVE"

    cloud.fault("slow-build", seconds=60, on=f"POST {VOLUMES}")
    volume = cloud.ask("POST", VOLUMES, {"volume": {"size": 1, "availability_zone": "az1-dc1"}}).body["volume"]["id"]
    for seconds, status in ((59, "creating"), (1.001, "available")):
        cloud.clock.advance(seconds)
        assert cloud.ask("GET", f"{VOLUMES}/{volume}").body["volume"]["status"] == status


def test_a_quota_is_used_up_for_right_requests_only_and_nothing_is_made(cloud: Loopback, body: Body) -> None:
    before = counts(cloud)
    cloud.fault("quota")
    assert cloud.ask("POST", SERVERS, body(flavorRef="unheard-of")).status == 400
    reply = cloud.ask("POST", SERVERS, body(min_count=3))
    told = "Quota exceeded for instances: Requested 3, but already used 0 of 0 instances"
    assert (reply.status, reply.body) == (403, {"forbidden": {"code": 403, "message": told}})
    assert counts(cloud) == before
    assert cloud.ask("POST", SERVERS, body()).status == 202


def test_every_service_tells_a_used_up_quota_in_its_own_way(cloud: Loopback) -> None:
    for path in (VOLUMES, PORTS, "/compute/v2.1/os-keypairs"):
        cloud.fault("quota", on=f"POST {path}")
    volumes = len(cloud.world.store.all("volume"))
    volume = cloud.ask("POST", VOLUMES, {"volume": {"size": 1, "availability_zone": "az1-dc1"}})
    told = f"VolumeLimitExceeded: Maximum number of volumes allowed ({volumes}) exceeded for quota 'volumes'."
    assert (volume.status, volume.headers["retry-after"]) == (413, "0")
    assert volume.body == {"overLimit": {"code": 413, "message": told, "retryAfter": "0"}}
    port = cloud.ask("POST", PORTS, {"port": {"network_id": NETWORK}})
    over = {"type": "OverQuota", "message": "Quota exceeded for resources: ['port'].", "detail": ""}
    assert (port.status, port.body) == (409, {"NeutronError": over})
    assert cloud.ask("POST", "/compute/v2.1/os-keypairs", {"keypair": {"name": "k"}}).status == 403


def test_too_many_requests_is_told_with_when_to_come_back(cloud: Loopback, body: Body) -> None:
    before = counts(cloud)
    cloud.fault("429", retry_after=7)
    reply = cloud.ask("POST", SERVERS, body())
    assert (reply.status, reply.headers["retry-after"]) == (429, "7")
    assert (reply.body["overLimit"]["code"], reply.body["overLimit"]["retryAfter"]) == (429, "7")
    assert counts(cloud) == before


@pytest.mark.parametrize(
    ("path", "key"),
    [
        (SERVERS, "computeFault"),
        (VOLUMES, "computeFault"),
        (PORTS, "NeutronError"),
        ("/identity/v3/auth/catalog", "error"),
    ],
)
def test_a_service_that_breaks_tells_so_in_its_own_way(cloud: Loopback, path: str, key: str) -> None:
    cloud.fault("500", on=f"GET {path}")
    reply = cloud.ask("GET", path)
    assert (reply.status, list(reply.body)) == (500, [key])
    assert cloud.ask("GET", path).status == 200


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_proxy_s_trouble_is_a_page_without_a_word_of_the_service(cloud: Loopback, body: Body, status: int) -> None:
    before = counts(cloud)
    cloud.fault(str(status))
    reply = cloud.ask("POST", SERVERS, body())
    assert (reply.status, reply.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert f"<h1>{status} " in reply.body
    assert "openstack-api-version" not in reply.headers
    assert "retry-after" not in reply.headers
    assert counts(cloud) == before
    cloud.fault("503", retry_after=3)
    assert cloud.ask("POST", SERVERS, body()).headers["retry-after"] == "3"


def received(cloud: Loopback, request: bytes) -> bytes:
    """All that comes back on a connection until the other side closes it."""
    with socket.create_connection(("127.0.0.1", cloud.port), timeout=5) as line:
        line.sendall(request)
        return b"".join(iter(lambda: line.recv(65536), b""))


def raw_request(cloud: Loopback, name: str) -> bytes:
    sent = (
        f'{{"server": {{"name": "{name}", "flavorRef": "s3.medium", "availability_zone": "az1-dc1", '
        f'"imageRef": "24040000-0000-4000-8000-000000000001", "networks": [{{"uuid": "{NETWORK}"}}]}}}}'
    )
    return (
        f"POST {SERVERS} HTTP/1.1\r\nHost: 127.0.0.1:{cloud.port}\r\nContent-Type: application/json\r\n"
        f"X-Auth-Token: {cloud.log_in()}\r\nContent-Length: {len(sent)}\r\n\r\n{sent}"
    ).encode()


@pytest.mark.parametrize(("kind", "there"), [("drop-before", []), ("drop-after", ["lost"])])
def test_a_dropped_connection_is_closed_without_a_byte(cloud: Loopback, kind: str, there: list[str]) -> None:
    cloud.fault(kind)
    assert received(cloud, raw_request(cloud, "lost")) == b""
    assert names(cloud) == there


def test_only_the_connection_of_the_dropped_request_is_closed(cloud: Loopback, body: Body) -> None:
    cloud.fault("drop-after", on=f"GET {SERVERS}")
    with socket.create_connection(("127.0.0.1", cloud.port), timeout=5) as other:
        with pytest.raises(RemoteDisconnected):
            cloud.ask("GET", SERVERS)
        other.sendall(raw_request(cloud, "kept"))
        assert other.recv(65536).startswith(b"HTTP/1.1 202 ")


def test_a_dropped_refusal_is_dropped_as_well(cloud: Loopback, body: Body) -> None:
    cloud.fault("drop-after")
    with pytest.raises(RemoteDisconnected):
        cloud.ask("POST", SERVERS, body(flavorRef="unheard-of"))
    assert cloud.ask("POST", SERVERS, body(flavorRef="unheard-of")).status == 400
    lost = next(line for line in cloud.journal.lines if line.get("fault"))
    assert (lost["status"], lost["unsent"], lost["fault"]) == (None, 400, "drop-after")


def test_a_slow_answer_keeps_nobody_else_waiting(cloud: Loopback, body: Body) -> None:
    cloud.log_in()
    cloud.fault("slow-answer", seconds=0.3)
    replies: list[Reply] = []
    begun = time.monotonic()
    waiting = threading.Thread(target=lambda: replies.append(cloud.ask("POST", SERVERS, body(name="late"))))
    waiting.start()
    while names(cloud) != ["late"]:
        assert time.monotonic() < begun + 0.3, "the others wait as well, or it took effect only with its answer"
    assert not replies
    waiting.join(5)
    assert time.monotonic() - begun >= 0.3
    assert replies[0].status == 202


def test_a_token_expires_in_the_middle_and_only_that_token(cloud: Loopback) -> None:
    mine = cloud.log_in()
    cloud.token = ""
    other = cloud.log_in()
    cloud.fault("expire-token")
    assert cloud.ask("GET", SERVERS, token=None).status == 401
    first = cloud.ask("GET", SERVERS, token=mine)
    assert (first.status, first.body["error"]["title"]) == (401, "Unauthorized")
    assert first.headers["www-authenticate"] == f'Keystone uri="{cloud.url}/identity"'
    assert [cloud.ask("GET", SERVERS, token=one).status for one in (mine, other)] == [401, 200]


def test_a_list_lags_and_a_look_up_by_id_does_not(cloud: Loopback, body: Body) -> None:
    old = cloud.ask("POST", SERVERS, body(name="old")).body["server"]["id"]
    cloud.clock.advance(100)
    cloud.fault("lag", seconds=5, times=None)
    young = cloud.ask("POST", SERVERS, body(name="young")).body["server"]["id"]
    cloud.ask("PUT", f"{SERVERS}/{old}", {"server": {"name": "renamed"}})
    assert cloud.ask("GET", f"{SERVERS}/{young}").status == 200
    assert (names(cloud), names(cloud, f"{SERVERS}/detail")) == (["old"], ["old"])
    cloud.clock.advance(5)
    assert names(cloud) == ["young", "renamed"]

    cloud.clock.advance(100)
    cloud.ask("DELETE", f"{SERVERS}/{young}")
    assert cloud.ask("GET", f"{SERVERS}/{young}").status == 404
    (gone,) = [one for one in cloud.ask("GET", f"{SERVERS}/detail").body["servers"] if one["name"] == "young"]
    assert (gone["status"], len(gone["addresses"]), len(gone["os-extended-volumes:volumes_attached"])) == (
        "ACTIVE",
        1,
        1,
    )
    ports = cloud.ask("GET", f"{PORTS}?device_id={young}").body["ports"]
    assert len(ports) == 1
    assert cloud.ask("GET", f"{PORTS}/{ports[0]['id']}").status == 404
    cloud.clock.advance(5)
    assert names(cloud) == ["renamed"]


def test_a_list_that_lags_shows_the_state_of_then(cloud: Loopback, body: Body) -> None:
    cloud.fault("lag", seconds=5, times=None)
    server = cloud.ask("POST", SERVERS, body()).body["server"]["id"]
    cloud.clock.advance(12)
    assert cloud.ask("GET", f"{SERVERS}/{server}").body["server"]["status"] == "ACTIVE"
    assert [one["status"] for one in cloud.ask("GET", f"{SERVERS}/detail").body["servers"]] == ["BUILD"]


def test_the_past_is_forgotten_when_nothing_lags_any_more(cloud: Loopback, body: Body) -> None:
    def remembered() -> int:
        count: int = cloud.world.store._db.execute("SELECT COUNT(*) FROM past").fetchone()[0]
        return count

    cloud.fault("lag", seconds=5)
    for _ in range(3):
        cloud.ask("POST", SERVERS, body())
    full = remembered()
    cloud.clock.advance(6)
    cloud.ask("POST", SERVERS, body())
    assert 0 < remembered() < full, "what is older than needed stays"
    assert names(cloud) == ["web", "web", "web"]
    assert remembered() == 0
    cloud.ask("POST", SERVERS, body())
    assert remembered() == 0
    assert len(names(cloud)) == 5


def test_every_kind_is_met_here() -> None:

    told = Path(__file__).read_text(encoding="utf-8")
    assert [kind for kind in KINDS if f'"{kind}"' not in told and kind not in ("502", "504")] == []
