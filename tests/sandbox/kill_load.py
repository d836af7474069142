"""Work for a sandbox that may be killed at any moment, by somebody who remembers what was promised.

A worker touches only what it made itself, so it knows the state that each thing must be in: one state once an answer was
read, two (before and after) as long as a request is on its way.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from random import Random
from typing import Any

NETWORK = "51bead38-d1a3-4d08-be20-0970c24b7cab"
EXTERNAL = "e47e4a10-0005-4000-8000-000000000005"
IMAGE = "24040000-0000-4000-8000-000000000001"
FLAVORS = ("s3.medium", "s3.xlarge.2")
BATCH = 5
MOST = 6
"""How many things of a kind a worker keeps."""

Key = tuple[str, str]
"""A kind and an id."""


def ask(line: HTTPConnection, method: str, path: str, body: Any, token: str) -> tuple[int, dict[str, str], Any]:
    line.request(method, path, json.dumps(body), {"X-Auth-Token": token, "Content-Type": "application/json"})
    answer = line.getresponse()
    text = answer.read()
    headers = {name.lower(): value for name, value in answer.getheaders()}
    return answer.status, headers, json.loads(text) if text else None


@dataclass
class Worker:
    """One client; `allowed` are the states that a thing may be in, None for one that is gone.

    The state of a server is its flavor and its status, that of anything else what it is attached to ("" for nothing).
    """

    random: Random
    allowed: dict[Key, set[str | None]] = field(default_factory=dict)
    batches: set[str] = field(default_factory=set)
    """The reservations that were answered and not looked at yet: all of the batch must be there."""
    opened: set[str] = field(default_factory=set)
    refused: list[Any] = field(default_factory=list)
    answered: int = 0

    def work(self, port: int, token: str, stop: threading.Event, done: threading.Semaphore) -> None:
        """Change one thing after the other until told to stop, or until nobody answers."""
        self.line, self.token = HTTPConnection("127.0.0.1", port, timeout=10), token
        try:
            while not stop.is_set():
                self.step()
                done.release()
        except (OSError, HTTPException):
            return
        finally:
            self.line.close()

    def step(self) -> None:
        steps = self._possible()
        self.random.choice(steps)()

    def settle(self, states: dict[Key, str]) -> None:
        """Take what is there for granted, after it was found to be allowed."""
        self.allowed = {key: {states.get(key)} for key in self.allowed if key in states}
        self.opened |= self.batches
        self.batches.clear()

    def things(self, kind: str, *states: str) -> list[str]:
        """Return the things of a kind whose state is known (one of `states`, if any is named)."""
        known = [(one, next(iter(may))) for (of, one), may in self.allowed.items() if of == kind and len(may) == 1]
        return [one for one, state in known if state is not None and (not states or state in states)]

    def state(self, kind: str, one: str) -> str:
        return next(iter(self.allowed[kind, one])) or ""

    def _possible(self) -> list[Callable[[], None]]:
        servers, active = self.things("server"), self.things("server", *(f"{one} ACTIVE" for one in FLAVORS))
        resized = self.things("server", *(f"{one} VERIFY_RESIZE" for one in FLAVORS))
        bound = {self.state("floatingip", one) for one in self.things("floatingip")}
        steps: list[Callable[[], None]] = []
        if len(servers) < MOST:
            steps += [self._create, self._create, self._batch]
        for servers_too, step in ((servers, self._delete), (active, self._resize), (active, self._plug_network)):
            steps += [lambda step=step, some=servers_too: step(self.random.choice(some))] if servers_too else []  # type: ignore[misc]
        if resized:
            steps += [lambda: self._decide(self.random.choice(resized))] * 2
        for kind, make, change in (
            ("volume", self._make_volume, self._move_volume),
            ("port", self._make_port, self._move_port),
            ("floatingip", self._make_address, self._move_address),
        ):
            have = self.things(kind)
            steps += [make] if len(have) < MOST else []
            steps += [lambda change=change, have=have: change(self.random.choice(have))] * 2 if have else []  # type: ignore[misc]
            if free := self.things(kind, ""):
                steps.append(lambda kind=kind, free=free: self._drop(kind, self.random.choice(free)))  # type: ignore[misc]
        self._servers, self._ports = active, [one for one in self.things("port") if one not in bound]
        return steps

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        status, _, told = ask(self.line, method, path, body, self.token)
        self.answered += 1
        if status >= 300:
            self.refused.append((status, method, path, told))
            return None
        return told if told is not None else {}

    def _change(self, new: dict[Key, str | None], method: str, path: str, body: Any = None) -> None:
        old = {key: set(self.allowed[key]) for key in new}
        for key, state in new.items():
            self.allowed[key] = old[key] | {state}
        told = self._ask(method, path, body)
        for key, state in new.items():
            self.allowed[key] = {state} if told is not None else old[key]

    def _made(self, kind: str, told: Any, state: str = "") -> None:
        if told is not None:
            self.allowed[kind, told[kind]["id"]] = {state}

    def _body(self, **more: Any) -> Any:
        server = {"name": "one", "flavorRef": FLAVORS[0], "imageRef": IMAGE, "availability_zone": "az1-dc1"}
        return {"server": server | {"networks": [{"uuid": NETWORK}]} | more}

    def _create(self) -> None:
        disk = {"source_type": "blank", "destination_type": "volume", "volume_size": 2, "boot_index": -1}
        disks = [disk | {"delete_on_termination": True}] * self.random.randint(0, 2)
        told = self._ask("POST", "/compute/v2.1/servers", self._body(block_device_mapping_v2=disks))
        self._made("server", told, f"{FLAVORS[0]} ACTIVE")

    def _batch(self) -> None:
        body = self._body(name="batch", min_count=BATCH, return_reservation_id=True)
        if (told := self._ask("POST", "/compute/v2.1/servers", body)) is None:
            return
        reservation_id = told["reservation_id"]
        self.batches.add(reservation_id)
        told = self._ask("GET", f"/compute/v2.1/servers?reservation_id={reservation_id}")
        for server in told["servers"]:
            self.allowed["server", server["id"]] = {f"{FLAVORS[0]} ACTIVE"}
        self.batches.remove(reservation_id)
        self.opened.add(reservation_id)

    def _delete(self, server: str) -> None:
        # What was attached to it and was not made for it stays.
        freed = [key for key, may in self.allowed.items() if key[0] in ("volume", "port") and server in may]
        self._change(
            {("server", server): None, **dict.fromkeys(freed, "")}, "DELETE", f"/compute/v2.1/servers/{server}"
        )

    def _act(self, server: str, state: str, action: Any) -> None:
        self._change({("server", server): state}, "POST", f"/compute/v2.1/servers/{server}/action", action)

    def _resize(self, server: str) -> None:
        flavor = self._other(server)
        self._act(server, f"{flavor} VERIFY_RESIZE", {"resize": {"flavorRef": flavor}})

    def _decide(self, server: str) -> None:
        if self.random.random() < 0.5:
            self._act(server, f"{self.state('server', server).split()[0]} ACTIVE", {"confirmResize": None})
        else:
            self._act(server, f"{self._other(server)} ACTIVE", {"revertResize": None})

    def _other(self, server: str) -> str:
        return FLAVORS[self.state("server", server).split()[0] == FLAVORS[0]]

    def _plug_network(self, server: str) -> None:
        body = {"interfaceAttachment": {"net_id": NETWORK}}
        self._ask("POST", f"/compute/v2.1/servers/{server}/os-interface", body)

    def _make_volume(self) -> None:
        body = {"volume": {"name": "kept", "size": self.random.randint(1, 9), "availability_zone": "az1-dc1"}}
        self._made("volume", self._ask("POST", "/volume/v3/volumes", body))

    def _move_volume(self, volume: str) -> None:
        if server := self.state("volume", volume):
            path = f"/compute/v2.1/servers/{server}/os-volume_attachments/{volume}"
            self._change({("volume", volume): ""}, "DELETE", path)
        elif self._servers:
            server = self.random.choice(self._servers)
            body = {"volumeAttachment": {"volumeId": volume}}
            path = f"/compute/v2.1/servers/{server}/os-volume_attachments"
            self._change({("volume", volume): server}, "POST", path, body)

    def _make_port(self) -> None:
        self._made("port", self._ask("POST", "/network/v2.0/ports", {"port": {"network_id": NETWORK}}))

    def _move_port(self, port: str) -> None:
        if server := self.state("port", port):
            path = f"/compute/v2.1/servers/{server}/os-interface/{port}"
            if server in self._servers:
                self._change({("port", port): ""}, "DELETE", path)
        elif self._servers:
            server = self.random.choice(self._servers)
            body = {"interfaceAttachment": {"port_id": port}}
            self._change({("port", port): server}, "POST", f"/compute/v2.1/servers/{server}/os-interface", body)

    def _make_address(self) -> None:
        body = {"floatingip": {"floating_network_id": EXTERNAL}}
        self._made("floatingip", self._ask("POST", "/network/v2.0/floatingips", body))

    def _move_address(self, address: str) -> None:
        port = "" if self.state("floatingip", address) else self.random.choice([*self._ports, ""])
        body = {"floatingip": {"port_id": port or None}}
        self._change({("floatingip", address): port}, "PUT", f"/network/v2.0/floatingips/{address}", body)

    def _drop(self, kind: str, one: str) -> None:
        freed = [key for key, may in self.allowed.items() if key[0] == "floatingip" and one in may]
        room = "/volume/v3/volumes" if kind == "volume" else f"/network/v2.0/{kind}s"
        self._change({(kind, one): None, **dict.fromkeys(freed, "")}, "DELETE", f"{room}/{one}")
