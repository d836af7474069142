"""What no client sends by mistake: a refusal, never a bug, a hang or a line about one in the log."""

import contextlib
import json
import logging
import socket
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil
import pytest

from sandbox import daemon
from sandbox.folder import Folder
from sandbox.testing import Loopback
from tests.sandbox.furnished import CREATE, NETWORK, USER, auth

DIGITS = "9" * 5000
"""More than Python reads as a number."""
SERVERS = "/compute/v2.1/servers"
NETWORKS = "/network/v2.0/networks"
CREDENTIALS = f"/identity/v3/users/{USER}/application_credentials"


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Nothing here may be worth a traceback, or a word about a bug of the sandbox's own."""
    # The HTTP server's own words go past the root of all loggers.
    server = logging.getLogger("uvicorn")
    server.addHandler(caplog.handler)
    with caplog.at_level(logging.WARNING):
        yield
    server.removeHandler(caplog.handler)
    told = [one.getMessage() for one in caplog.get_records("call") if one.levelno >= logging.ERROR or one.exc_info]
    assert told == []


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"{SERVERS}?limit={DIGITS}", 200),
        (f"/volume/v3/volumes?limit={DIGITS}", 200),
        (f"{NETWORKS}?limit={DIGITS}", 200),
        (f"/image/v2/images?limit={DIGITS}", 200),
        (f"/image/v2/images?size_min={DIGITS}", 200),
        ("/image/v2/images?limit=%C2%B2", 400),
        (f"{SERVERS}?ip=(", 200),
        (f"{SERVERS}?name=%5B%5Ba", 200),
        (f"{SERVERS}?name=a%7B99999999999%7D", 200),
        (f"{SERVERS}?name={quote('(' * 5000)}", 400),
        (f"{SERVERS}?changes-since=0001-01-01T00:00:00%2B23:00", 200),
        (f"{NETWORKS}/a%00b", 404),
        (f"{NETWORKS}/%ff%fe", 404),
        (f"{NETWORKS}/a%0Ab", 404),
        (f"{NETWORKS}/a%3Fb%23c", 404),
        (f"{NETWORKS}?name=%00%ff", 200),
        (f"{NETWORKS}?{'&'.join(['name=a'] * 4000)}", 200),
        ("//", 200),
        ("/compute//v2.1", 404),
    ],
)
def test_a_strange_path_or_query_is_answered(cloud: Loopback, path: str, status: int) -> None:
    assert cloud.ask("GET", path).status == status


@pytest.mark.parametrize("version", [f"compute {DIGITS}.1", f"compute 2.{DIGITS}", "compute \u0662.\u0661", "\xff"])
def test_a_strange_microversion_is_refused(cloud: Loopback, version: str) -> None:
    headers = {"OpenStack-API-Version": version.encode() if version.isascii() else version.encode("utf-8")}
    assert cloud.ask("GET", SERVERS, headers=headers).status in (200, 400)  # type: ignore[arg-type]
    assert cloud.ask("GET", SERVERS, headers={"X-OpenStack-Nova-API-Version": f"2.{DIGITS}"}).status == 400


@pytest.mark.parametrize("host", ["[", "[::1", "a/b?c#d", "\xff"])
def test_a_host_that_is_none_is_answered(cloud: Loopback, host: str) -> None:
    assert cloud.ask("GET", SERVERS, headers={"Host": host}).status == 200


@pytest.mark.parametrize("method", ["TRACE", "OPTIONS", "CONNECT", "BREW"])
def test_a_strange_method_is_told_which_ones_there_are(cloud: Loopback, method: str) -> None:
    reply = cloud.ask(method, NETWORKS)
    assert (reply.status, reply.headers["allow"]) == (405, "POST, GET")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/volume/v3/volumes", f'{{"volume": {{"size": "{DIGITS}"}}}}'),
        ("/volume/v3/volumes", f'{{"volume": {{"size": {DIGITS}}}}}'),
        ("/volume/v3/volumes", f'{{"volume": {{"size": {DIGITS[:4000]}}}}}'),
        ("/volume/v3/volumes", '{"volume": {"size": 1, "consistencygroup_id": 1e999}}'),
        ("/volume/v3/volumes", '{"volume": {"size": 1, "consistencygroup_id": NaN}}'),
        ("/volume/v3/volumes", '{"volume": {"size": 1, "consistencygroup_id": -Infinity}}'),
        (NETWORKS, '{"network": {"name": "\\ud800"}}'),
        (NETWORKS, '{"network": {"name": "a", "\\udfff": 1}}'),
        (NETWORKS, '{"network":' * 10_000),
        (NETWORKS, "[" * 100_000),
        (NETWORKS, "//\n" + '\\"' * 50_000),
        (NETWORKS, '{"network": 1 // ' + '"a" ' * 25_000),
        (NETWORKS, '"' + "//" * 50_000),
        (NETWORKS, '{"network": {"name": ' + "[" * 900 + "]" * 900 + "}}"),
        (NETWORKS, '{"network": ' + '{"name":' * 70 + "1" + "}" * 71),
        (CREDENTIALS, {"application_credential": {"name": "a", "expires_at": "9999-12-31T23:59:59-23:00"}}),
        (CREDENTIALS, {"application_credential": {"name": "a", "expires_at": "0001-01-01T00:00:00+23:00"}}),
        (SERVERS, {"server": CREATE["server"] | {"min_count": DIGITS}}),
        (SERVERS, {"server": CREATE["server"] | {"name": "a\u0000b"}}),
    ],
)
def test_a_strange_body_is_refused_and_leaves_nothing(
    cloud: Loopback, community: Loopback, path: str, body: Any
) -> None:
    for one in (cloud, community):
        one.log_in()
        before = one.world.store._db.serialize()
        reply = one.ask("POST", path, body, version="2.60")
        assert reply.status in (400, 403), reply.body
        assert one.world.store._db.serialize() == before


@pytest.mark.parametrize(
    "path", ["/compute/v2.1/os-quota-sets/x", "/volume/v3/os-quota-sets/x", "/network/v2.0/quotas/x"]
)
@pytest.mark.parametrize("limit", [2**31, -2, DIGITS, "many", None, True, 10**4000])
def test_a_quota_is_a_number_that_can_be_counted_with(cloud: Loopback, path: str, limit: Any) -> None:
    key, name = ("quota", "network") if "network" in path else ("quota_set", "instances")
    if path.startswith("/volume"):
        name = "volumes"
    assert cloud.ask("PUT", path, {key: {name: limit}}).status == 400
    assert cloud.ask("PUT", path, {key: {name: -1}}).status == 200


def test_tags_are_as_many_as_the_services_allow(cloud: Loopback, body: Any) -> None:
    server = cloud.ask("POST", SERVERS, body(), version="2.60").body["server"]["id"]
    for things in (f"{SERVERS}/{server}", f"{NETWORKS}/{NETWORK}"):
        for tags, status in (
            ([str(n) for n in range(51)], 400),
            (["x" * 256], 400),
            ([str(n) for n in range(50)], 200),
        ):
            reply = cloud.ask("PUT", f"{things}/tags", {"tags": tags}, version="2.60")
            assert reply.status == status, reply.body
    for tag, status in (("51st", 400), ("a,b", 400), ("x" * 61, 400), ("7", 204)):
        assert cloud.ask("PUT", f"{SERVERS}/{server}/tags/{tag}", version="2.60").status == status
    assert cloud.ask("PUT", f"{SERVERS}/{server}/tags", {"tags": 1}, version="2.25").status == 404


def test_a_text_may_hold_what_json_can_say(cloud: Loopback) -> None:
    for name in ("a\u0000b", "\U0001f600", "\u202e", "x" * 255):
        made = cloud.ask("POST", NETWORKS, {"network": {"name": name}})
        assert (made.status, made.body["network"]["name"]) == (201, name)
        found = cloud.ask("GET", f"{NETWORKS}?name={quote(name)}").body["networks"]
        assert [one["name"] for one in found] == [name]


def test_the_last_of_two_same_keys_holds(cloud: Loopback) -> None:
    made = cloud.ask("POST", NETWORKS, '{"network": {"name": "first", "name": "second"}, "network": {"name": "third"}}')
    assert made.body["network"]["name"] == "third"


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*$", "(a|aa)+$", "a*a*a*a*a*b", "a?" * 40 + "a" * 40, "(.*)*x"])
def test_a_filter_that_would_try_for_ever_is_refused(cloud: Loopback, body: Any, pattern: str) -> None:
    cloud.ask("POST", SERVERS, body(name="a" * 60 + "!"))
    reply = cloud.ask("GET", f"{SERVERS}?name={quote(pattern)}")
    assert (reply.status, "too complicated" in reply.body["badRequest"]["message"]) == (400, True)
    assert cloud.ask("GET", f"{SERVERS}?ip={quote(pattern)}").status == 400


@pytest.mark.parametrize("pattern", ["^web-[0-9]+$", "web", "^(web|db)-7$", "w.b.*", "[*+?]*7", r"\w+-\d", "web(?!x)"])
def test_a_filter_that_people_use_finds(cloud: Loopback, body: Any, pattern: str) -> None:
    cloud.ask("POST", SERVERS, body(name="web-7"))
    found = cloud.ask("GET", f"{SERVERS}?name={quote(pattern)}").body["servers"]
    assert [one["name"] for one in found] == ["web-7"]


def test_an_image_keeps_the_bytes_that_it_is_given(cloud: Loopback) -> None:
    wanted = {"name": "i", "disk_format": "raw", "container_format": "bare"}
    file = f"/image/v2/images/{cloud.ask('POST', '/image/v2/images', wanted).body['id']}/file"
    kind = {"Content-Type": "application/octet-stream"}
    assert cloud.ask("PUT", file, "some bytes", headers=kind).status == 204
    assert cloud.ask("GET", file).body == "some bytes"
    assert cloud.ask("PUT", file, "x" * 200_000, headers=kind).status == 409


# What does not come from a client's library at all.


def dial(cloud: Loopback) -> socket.socket:
    return socket.create_connection(("127.0.0.1", cloud.port), timeout=10)


def head(cloud: Loopback, *more: str, length: int | None = None) -> bytes:
    lines = [
        f"POST {NETWORKS} HTTP/1.1",
        "Host: x",
        f"X-Auth-Token: {cloud.log_in()}",
        "Content-Type: application/json",
    ]
    lines += more if length is None else [*more, f"Content-Length: {length}"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def answer(line: socket.socket) -> bytes:
    """Return what comes until the other side closes the connection or has answered."""
    found = b""
    with contextlib.suppress(ConnectionResetError):
        while part := line.recv(65536):
            found += part
            if b"\r\n\r\n" in found:
                break
    return found


def networks(cloud: Loopback) -> int:
    return len(cloud.ask("GET", NETWORKS).body["networks"])


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64,
        b"\r\n" * 1000,
        b"GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX-\xff: \x01\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + b"a" * 200_000 + b"\r\n\r\n",
        b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nContent-Length: 8\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nnone\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + b"f" * 60 + b"\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n",
    ],
)
def test_what_is_no_http_is_refused_or_closed(cloud: Loopback, sent: bytes) -> None:
    with dial(cloud) as line:
        # It may be closed before all is sent.
        with contextlib.suppress(OSError):
            line.sendall(sent)
            line.shutdown(socket.SHUT_WR)
        told = answer(line)
    assert told[:12] in (b"", b"HTTP/1.1 400", b"HTTP/1.1 413", b"HTTP/1.1 501")
    assert cloud.ask("GET", SERVERS).status == 200


def test_half_a_request_changes_nothing(cloud: Loopback) -> None:
    whole = head(cloud, length=30) + b'{"network": {"name": "half"}}\n'
    before = networks(cloud)
    for place in (10, len(whole) - 31, len(whole) - 1):
        with dial(cloud) as line:
            line.sendall(whole[:place])
    assert networks(cloud) == before
    with dial(cloud) as line:
        line.sendall(whole)
        assert answer(line).startswith(b"HTTP/1.1 201")


def test_a_client_that_stops_half_way_keeps_nobody_waiting(cloud: Loopback) -> None:
    with contextlib.ExitStack() as stack:
        for place in range(100):
            line = stack.enter_context(dial(cloud))
            line.sendall(head(cloud, length=1000)[: -1 if place % 2 else None])
        begun = time.monotonic()
        assert cloud.ask("GET", SERVERS).status == 200
        assert time.monotonic() - begun < 5


@pytest.mark.parametrize("text", [b"\xff\xfe", b"\xc0\x80", b"\xed\xa0\x80", "\u00e9".encode("latin-1")])
def test_a_text_that_is_no_utf_8_is_refused(cloud: Loopback, text: bytes) -> None:
    body = b'{"network": {"name": "' + text + b'"}}'
    with dial(cloud) as line:
        line.sendall(head(cloud, length=len(body)) + body)
        assert answer(line).startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_is_too_large_is_refused_and_not_kept(cloud: Loopback, *, chunked: bool) -> None:
    size = 1_000_000
    body = json.dumps({"network": {"name": "a" * size}}).encode()
    with dial(cloud) as line:
        if chunked:
            line.sendall(head(cloud, "Transfer-Encoding: chunked"))
            body = f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n"
        else:
            line.sendall(head(cloud, length=len(body)))
        line.sendall(body)
        told = answer(line)
    assert told.startswith(b"HTTP/1.1 413")
    assert b'"NeutronError"' not in told
    assert len(str(cloud.journal.lines[-1])) < 10_000


def test_a_body_without_an_end_is_cut_off(cloud: Loopback) -> None:
    part = b"ffff\r\n" + b"a" * 0xFFFF + b"\r\n"
    with dial(cloud) as line:
        line.sendall(head(cloud, "Transfer-Encoding: chunked"))
        sent = 0
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):
            while sent < 256 * 2**20:
                line.sendall(part)
                sent += len(part)
    assert sent < 128 * 2**20
    assert cloud.ask("GET", SERVERS).status == 200


class Refused:
    """A sandbox in a process of its own, asked for what it refuses: no two requests are the same."""

    def __init__(self, folder: Path) -> None:
        self.now = daemon.start(folder)
        self.folder = folder
        self.line = HTTPConnection("127.0.0.1", self.now.port or 0, timeout=10)
        login = json.dumps(auth(Folder(folder).password()))
        self.token = self.ask("POST", "/identity/v3/auth/tokens", login, {})[1]["X-Subject-Token"]

    def ask(self, method: str, path: str, body: str, headers: dict[str, str]) -> tuple[int, Any]:
        self.line.request(method, path, body.encode(), {"Content-Type": "application/json", **headers})
        reply = self.line.getresponse()
        reply.read()
        return reply.status, reply.headers

    def refuse(self, numbers: range) -> None:
        for number in numbers:
            name = f"{number:06}" * 2_000
            token = {"X-Auth-Token": self.token, "OpenStack-API-Version": "compute 2.60"}
            method, path, body, headers = (
                ("POST", SERVERS, {"server": {name: name}}, token),
                ("POST", NETWORKS, {"network": {"name": name, name: 1}}, token),
                ("GET", f"/volume/v3/volumes/{name[:6000]}", None, token),
                ("GET", f"{SERVERS}?name=({name[:200]})%2B", None, token),
                ("GET", SERVERS, None, {"X-Auth-Token": name[:6000]}),
                ("GET", SERVERS, None, {**token, "OpenStack-API-Version": f"compute 9.{number}"}),
                ("POST", "/volume/v3/volumes", {"volume": {"size": name}}, token),
            )[number % 7]
            status, _ = self.ask(method, path, json.dumps(body) if body else "", headers)
            assert status in (400, 401, 404, 406), (path[:80], status)

    def memory(self) -> int:
        """Return how many bytes of memory the process holds."""
        return int(psutil.Process(self.now.pid).memory_info().rss)

    def records(self) -> list[tuple[str, int]]:
        return [(one.name, one.stat().st_size) for one in sorted(self.folder.glob("sandbox.db*"))]


def test_what_is_refused_leaves_neither_memory_nor_records(tmp_path: Path) -> None:
    """The 3,000 requests that are counted carry 20 MB: of a kilobyte of each that stayed, this would tell."""
    folder = tmp_path / "sandbox"
    try:
        asked = Refused(folder)
        asked.refuse(range(500))
        memory, records = asked.memory(), asked.records()
        asked.refuse(range(500, 3500))
        assert asked.memory() - memory < 3_000_000
        assert asked.records() == records
        asked.line.close()
    finally:
        daemon.stop(folder)
