"""A sandbox inside a test: real HTTP on loopback, a clock that the test moves, nothing on disk."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection
from typing import Any

import uvicorn

from sandbox import control, seed
from sandbox.app import build
from sandbox.clock import ManualClock
from sandbox.folder import HOST
from sandbox.journal import Journal
from sandbox.keystone.tokens import identify
from sandbox.masks import Masks
from sandbox.serve import bind, config
from sandbox.store import Store
from sandbox.world import Settings, World

PASSWORD = "correct-horse"  # noqa: S105 - it opens nothing but the test's own cloud
START_SECONDS = 10.0


@dataclass(frozen=True)
class Reply:
    """What a request was answered with; `body` is the JSON, or the text that is none; None for an empty one."""

    status: int
    body: Any
    headers: dict[str, str]


@dataclass
class Loopback:
    """A running cloud: `url` is where it listens, `clock` moves its time, `journal.lines` are the logged requests."""

    world: World
    clock: ManualClock
    journal: Journal
    port: int
    token: str = ""

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://{HOST}:{self.port}"

    @property
    def auth(self) -> dict[str, str]:
        """What openstacksdk's `connect` needs to log in."""
        return {
            "auth_url": f"{self.url}/identity/v3",
            "username": self.world.settings.user,
            "password": PASSWORD,
            "project_name": self.world.settings.user,
            "user_domain_id": "default",
            "project_domain_id": "default",
        }

    def wait_built(self) -> None:
        """Move the clock past the build time, so that whatever is being built is there."""
        self.clock.advance(self.world.settings.build_seconds + 0.001)

    def start_over(self) -> None:
        """Go back to the seed world, its settings, no faults and an empty log; tokens stay good."""
        with self.world.store.transaction(write=True):
            control.start_over(self.world)
            if identify(self.world, self.token) is None:
                self.token = ""
        self.journal.lines.clear()

    def control(self, method: str, path: str, body: Any = None) -> Reply:
        """Send one request to the sandbox's own paths, such as `/sandbox/settings`."""
        return self.ask(method, path, body, token=None, headers={"X-Sandbox-Key": self.world.control_key})

    def fault(self, kind: str, **said: Any) -> str:
        """Ask for a fault and return its id; `said` is what else `POST /sandbox/faults` takes."""
        reply = self.control("POST", "/sandbox/faults", {"kind": kind, **said})
        if reply.status != HTTPStatus.CREATED:
            raise ValueError(reply.body)
        return str(reply.body["fault"]["id"])

    def log_in(self) -> str:
        """Take a token, once, and return it."""
        if not self.token:
            user = {"name": self.world.settings.user, "domain": {"id": "default"}, "password": PASSWORD}
            identity = {"methods": ["password"], "password": {"user": user}}
            reply = self.ask("POST", "/identity/v3/auth/tokens", {"auth": {"identity": identity}}, token=None)
            self.token = reply.headers["x-subject-token"]
        return self.token

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        version: str | None = None,
        token: str | None = "",
        headers: dict[str, str] | None = None,
    ) -> Reply:
        """Send one request; `body` is JSON or, as a text, sent as it stands; `version` is the compute microversion.

        An empty `token` means the cloud's own, None means none.
        """
        sent = {"Content-Type": "application/json", **(headers or {})}
        if token is not None:
            sent["X-Auth-Token"] = token or self.log_in()
        if version is not None:
            sent["OpenStack-API-Version"] = f"compute {version}"
        line = HTTPConnection(HOST, self.port, timeout=10)
        try:
            raw = body if isinstance(body, str) else "" if body is None else json.dumps(body)
            line.request(method, path, raw.encode(), sent)
            answer = line.getresponse()
            text = answer.read()
        finally:
            line.close()
        told = {key.lower(): value for key, value in answer.getheaders()}
        is_json = told.get("content-type", "").startswith("application/json")
        return Reply(answer.status, (json.loads(text) if is_json else text.decode()) if text else None, told)


def new_world(settings: Settings | None = None) -> tuple[World, ManualClock]:
    """Return a freshly seeded world that lives in memory, and its clock."""
    # It begins now: a client that looks at a token's expiry by its own clock must find it good.
    clock = ManualClock(time.time())
    keys = Masks(b"test")
    world = World(
        store=Store(":memory:", clock),
        clock=clock,
        masks=keys,
        settings=settings or Settings(build_seconds=10),
        password_mask=keys.text(PASSWORD),
        control_key="control",
        sandbox_id="test",
    )
    with world.store.transaction(write=True):
        seed.fill(world)
    return world, clock


@contextmanager
def running(settings: Settings | None = None) -> Iterator[Loopback]:
    """Serve a freshly seeded world on a free port of loopback, from a thread of this process."""
    world, clock = new_world(settings)
    journal = Journal(None)
    ready = threading.Event()

    class Server(uvicorn.Server):
        async def startup(self, sockets: Any = None) -> None:
            await super().startup(sockets)
            ready.set()

    with bind(0) as place:
        server = Server(config(build(world, journal)))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [place]}, daemon=True)
        thread.start()
        if not ready.wait(START_SECONDS):
            raise TimeoutError("the sandbox did not start")
        try:
            yield Loopback(world, clock, journal, place.getsockname()[1])
        finally:
            server.should_exit = True
            thread.join(START_SECONDS)
