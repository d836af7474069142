"""What is measured: the sandbox, and the floor that it is held against, each a process of its own."""

import json
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Protocol

from bench.client import Line, log_in, request
from sandbox import daemon

ROOT = Path(__file__).parents[1]
IMAGE = "24040000-0000-4000-8000-000000000001"
# More addresses than the largest measurement needs.
CIDR = "10.64.0.0/16"
_UNLIMITED = dict.fromkeys(("instances", "cores", "ram", "volumes", "gigabytes", "port"), -1)


def server(network: str, count: int = 1, image: str = IMAGE) -> dict[str, Any]:
    """Return the body of a create call for one server, or for a batch."""
    made = {
        "name": "bench",
        "flavorRef": "s3.medium",
        "imageRef": image,
        "availability_zone": "az1-dc1",
        "metadata": {"purpose": "bench"},
        "networks": [{"uuid": network}],
    }
    return {"server": made if count == 1 else made | {"min_count": count, "return_reservation_id": True}}


class Target(Protocol):
    """Something that takes create calls."""

    pid: int
    port: int

    def start(self) -> None:
        """Return once it answers."""

    def stop(self) -> None:
        """Return once it is gone; what it knows stays."""

    def clear(self) -> None:
        """Leave no server in it."""

    def create(self, count: int = 1) -> bytes:
        """Return the request that makes one server, or a batch."""

    def details(self) -> bytes:
        """Return the request that lists all servers with their details."""


class Sandbox:
    """The sandbox, started in the background as a user does."""

    def __init__(self, folder: Path, profile: str = "ecs") -> None:
        self.pid = self.port = 0
        self._folder, self._profile = folder, profile
        self._token = self._network = ""

    def start(self) -> None:
        now = daemon.start(self._folder, profile=self._profile)
        self.pid, self.port = now.pid or 0, now.port or 0

    def stop(self) -> None:
        daemon.stop(self._folder)

    def clear(self) -> None:
        daemon.control(self._folder, "POST", "/sandbox/reset")
        daemon.control(self._folder, "PATCH", "/sandbox/settings", {"quota": _UNLIMITED})
        self._token = log_in(self.port, self._folder)
        line = Line(self.port)
        _, told = line.ask(request("POST", "/network/v2.0/networks", {"network": {"name": "bench"}}, self._token))
        self._network = json.loads(told)["network"]["id"]
        subnet = {"network_id": self._network, "cidr": CIDR, "ip_version": 4}
        line.ask(request("POST", "/network/v2.0/subnets", {"subnet": subnet}, self._token))
        line.close()

    def slow(self, answer: float, build: float) -> None:
        """Let every answer come late, and every server take its time to come up."""
        if answer:
            said = {"kind": "slow-answer", "seconds": answer, "times": None, "on": "* /*"}
            daemon.control(self._folder, "POST", "/sandbox/faults", said)
        daemon.control(self._folder, "PATCH", "/sandbox/settings", {"build_seconds": build})

    def asked(self) -> list[dict[str, Any]]:
        """Return all requests that it has logged, the oldest first."""
        log = (self._folder / "requests.jsonl").read_text(encoding="utf-8")
        return [json.loads(line) for line in log.splitlines()]

    def create(self, count: int = 1) -> bytes:
        return request("POST", "/compute/v2.1/servers", server(self._network, count), self._token)

    def details(self) -> bytes:
        return request("GET", "/compute/v2.1/servers/detail", token=self._token)


class Floor:
    """The least web application on the same libraries, see `bench/floor.py`."""

    def __init__(self, folder: Path) -> None:
        self.pid = self.port = 0
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        command = [sys.executable, "-m", "bench.floor", str(self._folder), str(self.port)]
        self._process = subprocess.Popen(command, cwd=ROOT)
        self.pid = self._process.pid
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                Line(self.port).close()
            except OSError:
                time.sleep(0.01)
            else:
                return
        raise TimeoutError("the floor did not start")

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)

    def clear(self) -> None:
        line = Line(self.port)
        line.ask(request("DELETE", "/servers"))
        line.close()

    def create(self, count: int = 1) -> bytes:
        return request("POST", "/servers", server("51bead38-d1a3-4d08-be20-0970c24b7cab", count))

    def details(self) -> bytes:
        return request("GET", "/servers")
