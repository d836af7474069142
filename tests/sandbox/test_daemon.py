"""The sandbox in the background: start, stop, status, reset, and what a killed one leaves behind."""

import ipaddress
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import openstack
import pytest
from keystoneauth1.exceptions import ConnectFailure

from sandbox import daemon
from sandbox.serve import CannotServeError, bind, open_to

IMAGE = "24040000-0000-4000-8000-000000000001"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "sandbox"
    yield place
    daemon.stop(place)


def connect(folder: Path) -> Any:
    config = openstack.config.OpenStackConfig(config_files=[str(folder / "clouds.yaml")], load_envvars=False)
    return openstack.connection.Connection(config=config.get_one("sandbox"))


def test_it_starts_within_a_second_and_a_second_start_changes_nothing(folder: Path) -> None:
    assert not daemon.status(folder).running
    begun = time.monotonic()
    first = daemon.start(folder)
    took = time.monotonic() - begun
    assert took < 1.0
    assert first.running
    assert first == daemon.start(folder) == daemon.status(folder)
    assert first.url == f"http://127.0.0.1:{first.port}"
    with connect(folder) as cloud:
        assert cloud.current_project_id == "9c53a566cb3443ab910cf0daebca90c4"
        assert {one.name for one in cloud.network.networks()} >= {"net-office"}


def test_only_the_owner_can_read_what_opens_it_and_the_password_is_random(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    passwords = set()
    for place in (folder, other):
        try:
            daemon.start(place)
            for name in ("clouds.yaml", "mask.key", "requests.jsonl", "sandbox.db"):
                path = place / name
                if path.exists():
                    assert stat.S_IMODE(path.stat().st_mode) == 0o600, name
            assert stat.S_IMODE(place.stat().st_mode) == 0o700
            line = next(one for one in (place / "clouds.yaml").read_text().splitlines() if "password:" in one)
            passwords.add(line.split()[1])
            told = (place / "server.log").read_text()
            assert not [one for one in passwords if one in told]
        finally:
            daemon.stop(place)
    assert len(passwords) == 2
    assert all(len(one) >= 24 for one in passwords)


def test_a_restart_keeps_the_port_the_password_and_the_state(folder: Path) -> None:
    before = daemon.start(folder)
    clouds = (folder / "clouds.yaml").read_text()
    with connect(folder) as cloud:
        cloud.network.create_network(name="kept")
    stopped = daemon.stop(folder)
    assert (stopped.running, stopped.pid, stopped.port) == (False, None, before.port)
    after = daemon.start(folder)
    assert (after.port, after.pid != before.pid) == (before.port, True)
    assert (folder / "clouds.yaml").read_text() == clouds
    with connect(folder) as cloud:
        assert "kept" in {one.name for one in cloud.network.networks()}


@pytest.mark.parametrize("running", [True, False])
def test_reset_brings_back_the_seed_world_and_keeps_the_way_in(folder: Path, *, running: bool) -> None:
    daemon.start(folder)
    clouds = (folder / "clouds.yaml").read_text()
    with connect(folder) as cloud:
        cloud.network.create_network(name="lost")
        if not running:
            daemon.stop(folder)
        daemon.reset(folder)
        daemon.start(folder)
    assert (folder / "clouds.yaml").read_text() == clouds
    with connect(folder) as cloud:
        names = {one.name for one in cloud.network.networks()}
    assert ("lost" in names, "net-office" in names) == (False, True)


def test_a_stranger_cannot_reset_it(folder: Path) -> None:
    port = daemon.start(folder).port
    assert port is not None
    line = HTTPConnection("127.0.0.1", port, timeout=5)
    line.request("POST", "/sandbox/reset", headers={"X-Sandbox-Key": "guess"})
    assert line.getresponse().status == 403
    line.close()


def test_after_kill_9_it_is_down_and_starts_again(folder: Path) -> None:
    first = daemon.start(folder)
    assert first.pid is not None
    os.kill(first.pid, signal.SIGKILL)
    deadline = time.monotonic() + 5
    while daemon.status(folder).running and time.monotonic() < deadline:
        pass
    assert not daemon.status(folder).running
    assert (folder / "run.lock").read_text() == str(first.pid)
    second = daemon.start(folder)
    assert (second.running, second.port) == (True, first.port)


def test_a_foreign_process_with_the_old_id_is_neither_taken_for_it_nor_stopped(folder: Path) -> None:
    folder.mkdir()
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as foreign:
        try:
            (folder / "run.lock").write_text(str(foreign.pid))
            (folder / "endpoint.json").write_text(json.dumps({"port": 1, "profile": "ecs", "id": "x"}))
            assert not daemon.status(folder).running
            daemon.stop(folder)
            assert foreign.poll() is None
        finally:
            foreign.kill()


def test_another_server_on_the_remembered_port_is_not_taken_for_it(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    try:
        taken = daemon.start(other)
        folder.mkdir()
        (folder / "endpoint.json").write_text(json.dumps({"port": taken.port, "profile": "ecs", "id": "x"}))
        assert not daemon.status(folder).running
        with pytest.raises(daemon.SandboxError, match=rf"port {taken.port} .* cannot be used .*--port"):
            daemon.start(folder)
    finally:
        daemon.stop(other)


def test_what_was_asked_for_must_be_what_runs(folder: Path) -> None:
    port = daemon.start(folder).port
    with pytest.raises(daemon.SandboxError, match="runs already, with profile ecs"):
        daemon.start(folder, profile="community")
    assert port is not None
    with pytest.raises(daemon.SandboxError, match=f"runs already, on port {port}"):
        daemon.start(folder, port=port + 1)
    daemon.stop(folder)
    assert daemon.start(folder, profile="community").profile == "community"


def test_a_taken_preferred_port_is_no_reason_to_fail(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    try:
        ports = {daemon.start(place).port for place in (folder, other)}
        assert len(ports) == 2
    finally:
        daemon.stop(other)


@pytest.mark.parametrize("host", ["192.0.2.1", "0.0.0.0"])  # noqa: S104 - it is refused
def test_it_serves_loopback_only_unless_told_otherwise(host: str) -> None:
    told = rf"loopback only, and {host} can be reached from other machines; add --allow-remote"
    with pytest.raises(CannotServeError, match=told):
        bind(0, host=host)


def test_the_word_of_allowance_is_not_enough_for_a_foreign_address() -> None:
    with pytest.raises(CannotServeError, match=r"of 203\.0\.113\.7 cannot be used"):
        bind(0, host="203.0.113.7", allow_remote=True)


@pytest.mark.parametrize("host", ["", "localhost", "::1", "127.1", "example.org"])
def test_an_address_is_one_in_full(host: str) -> None:
    with pytest.raises(CannotServeError, match="is no IPv4 address"):
        bind(0, host=host, allow_remote=True)


def test_a_port_that_is_taken_is_told() -> None:
    with bind(0) as place:
        assert place.getsockname()[0] == "127.0.0.1"
        with pytest.raises(CannotServeError, match="cannot be used"):
            bind(place.getsockname()[1])


def test_clients_are_sent_to_the_address_that_it_listens_on_and_a_restart_forgets_it(folder: Path) -> None:
    with pytest.raises(daemon.SandboxError, match=r"192\.0\.2\.1 can be reached .* --allow-remote"):
        daemon.start(folder, host="192.0.2.1")
    with bind(0) as place:
        port = place.getsockname()[1]
    now = daemon.start(folder, host="127.0.0.2", port=port)
    assert (now.url, now.listens, now.remote) == (f"http://127.0.0.2:{now.port}", "127.0.0.2", False)
    with connect(folder) as cloud:
        assert cloud.compute.get_endpoint().startswith(f"{now.url}/compute")
        assert list(cloud.compute.servers()) == []
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port), timeout=5)
    with pytest.raises(daemon.SandboxError, match=r"runs already, on 127\.0\.0\.2"):
        daemon.start(folder, host="127.0.0.1")
    daemon.stop(folder)
    assert daemon.start(folder).url == f"http://127.0.0.1:{now.port}"


def test_a_sandbox_for_everybody_names_an_address_that_is_one() -> None:
    found = ipaddress.IPv4Address(open_to("0.0.0.0"))  # noqa: S104 - nothing is bound to it
    assert not found.is_unspecified
    assert open_to("127.0.0.9") == "127.0.0.9"
    assert daemon.Status(True, None, None, None, "ecs", Path(), listens="0.0.0.0").remote  # noqa: S104 - as above


def test_what_was_set_and_what_shall_go_wrong_outlive_kill_9(folder: Path) -> None:
    first = daemon.start(folder, hosts=3)
    for fault in ({"kind": "drop-after"}, {"kind": "503", "on": "GET /compute/*/flavors", "after": 1, "times": 2}):
        daemon.control(folder, "POST", "/sandbox/faults", fault)
    daemon.control(folder, "PATCH", "/sandbox/settings", {"build_seconds": 60, "token_seconds": 99})
    with connect(folder) as cloud:
        with pytest.raises(ConnectFailure):
            cloud.compute.create_server(
                name="lost", flavor_id="s3.medium", networks="auto", image_id=IMAGE, availability_zone="az1-dc1"
            )
        flavors = cloud.compute.get_endpoint() + "/flavors"
        assert [cloud.session.get(flavors, raise_exc=False).status_code for _ in range(2)] == [200, 503]
    assert first.pid is not None
    os.kill(first.pid, signal.SIGKILL)
    daemon.start(folder, build_seconds=5)
    settings = daemon.control(folder, "GET", "/sandbox/settings")["settings"]
    assert (settings["hosts"], settings["token_seconds"], settings["build_seconds"]) == (8, 99, 5)
    with connect(folder) as cloud:
        assert [cloud.session.get(flavors, raise_exc=False).status_code for _ in range(2)] == [503, 200]
    met = [(one["met"], one["spent"]) for one in daemon.control(folder, "GET", "/sandbox/faults")["faults"]]
    assert met == [(1, True), (2, True)]


def test_an_answer_that_is_held_back_does_not_keep_it_from_stopping(folder: Path) -> None:
    port = daemon.start(folder).port
    daemon.control(folder, "POST", "/sandbox/faults", {"kind": "slow-answer", "on": "GET /compute/*", "seconds": 60})
    with socket.create_connection(("127.0.0.1", port or 0), timeout=10) as line:
        line.sendall(f"GET /compute/v2.1/ HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
        deadline = time.monotonic() + 5
        while '"slow-answer"}' not in (folder / "requests.jsonl").read_text() and time.monotonic() < deadline:
            pass
        assert not daemon.stop(folder).running
        assert line.recv(65536) == b""
    assert "Traceback" not in (folder / "server.log").read_text()


def test_whoever_controls_it_is_told_what_is_wrong(folder: Path) -> None:
    with pytest.raises(daemon.SandboxError, match=r"does not run; start it first \(ecs sandbox start\)"):
        daemon.control(folder, "GET", "/sandbox/faults")
    with pytest.raises(daemon.SandboxError, match="did not start: max_microversion: the sandbox speaks 2"):
        daemon.start(folder, max_microversion="9.9")
    daemon.start(folder)
    with pytest.raises(daemon.SandboxError, match="kind 'fire' is unknown; choose one of"):
        daemon.control(folder, "POST", "/sandbox/faults", {"kind": "fire"})


def test_sigterm_ends_it_cleanly_in_the_foreground(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "sandbox", str(tmp_path / "s"), "--port", str(port)]
    for number in (signal.SIGTERM, signal.SIGINT):
        with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
            assert process.stderr is not None
            assert process.stderr.readline().decode() == f"sandbox (ecs) on http://127.0.0.1:{port}\n"
            deadline = time.monotonic() + 5
            while not daemon.status(tmp_path / "s").running and time.monotonic() < deadline:
                pass
            process.send_signal(number)
            _, told = process.communicate(timeout=5)
            assert "Traceback" not in told.decode()
