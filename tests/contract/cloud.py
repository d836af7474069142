"""One cloud as the suite sees it: a connection of openstacksdk, and what its fixtures are called there."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openstack

WAIT_SECONDS = 120


@dataclass(frozen=True)
class Names:
    """What the fixtures of a cloud are called; each can be set by a variable, `CONTRACT_FLAVOR` and so on."""

    flavor: str
    bigger_flavor: str
    image: str
    network: str
    other_network: str
    zone: str
    volume_type: str
    key_pair: str
    public: str
    """The external network, out of which floating IPs come."""
    size: int
    """The size in GB of a disk that the image fits on."""

    @classmethod
    def from_environment(cls) -> Names:
        """Return the names of the real cloud that `make openstack` starts, unless the environment says otherwise."""

        def named(what: str, otherwise: str) -> str:
            return os.environ.get(f"CONTRACT_{what}", otherwise)

        return cls(
            flavor=named("FLAVOR", "m1.tiny"),
            bigger_flavor=named("BIGGER_FLAVOR", "s3.medium"),
            image=named("IMAGE", "tiny"),
            network=named("NETWORK", "private"),
            other_network=named("OTHER_NETWORK", "private2"),
            zone=named("ZONE", "nova"),
            volume_type=named("VOLUME_TYPE", "noop"),
            key_pair=named("KEY_PAIR", "fixture"),
            public=named("PUBLIC", "public"),
            size=int(named("SIZE", "1")),
        )


SANDBOX = Names(
    flavor="m1.tiny",
    bigger_flavor="s3.medium",
    image="ubuntu-24.04",
    network="net-office",
    other_network="net-store",
    zone="az1-dc1",
    volume_type="SATA",
    key_pair="test",
    public="external",
    size=40,
)


@dataclass
class Cloud:
    """A connection and the ids of the fixtures; everything that a test makes is deleted after it."""

    profile: str
    """`ecs` or `community` for a sandbox, `real` for any other cloud."""
    connection: Any
    names: Names
    name: str
    """What clouds.yaml calls it."""
    clouds_file: Path | None = None
    """The clouds.yaml; None for the one that openstacksdk finds by itself."""
    prefix: str = field(default_factory=lambda: f"contract-{secrets.token_hex(3)}")
    known: dict[str, str] = field(default_factory=dict)
    """Texts that stand for the same thing on every cloud: id or URL to word."""
    _after: list[Callable[[], None]] = field(default_factory=list)
    _made: set[str] = field(default_factory=set)
    _created: bool = False

    def __post_init__(self) -> None:
        one = self.connection
        self.flavor = one.compute.find_flavor(self.names.flavor, ignore_missing=False)
        self.bigger_flavor = one.compute.find_flavor(self.names.bigger_flavor, ignore_missing=False)
        self.image = one.image.find_image(self.names.image, ignore_missing=False)
        self.network = one.network.find_network(self.names.network, ignore_missing=False)
        self.other_network = one.network.find_network(self.names.other_network, ignore_missing=False)
        self.project_id = one.current_project_id
        self.user_id = one.current_user_id
        for service in ("compute", "network", "block-storage", "image", "identity"):
            url = one.endpoint_for(service).rstrip("/")
            for tail in (f"/{self.project_id}", "/v2.1", "/v3", "/v2", "/v2.0"):
                url = url.removesuffix(tail)
            self.known[url] = f"<{service}>"
        self.known |= {
            self.flavor.id: "<flavor-id>",
            self.bigger_flavor.id: "<bigger-flavor-id>",
            self.image.id: "<image-id>",
            self.network.id: "<network-id>",
            self.other_network.id: "<other-network-id>",
            self.project_id: "<project-id>",
            self.user_id: "<user-id>",
            self.prefix: "<prefix>",
        }
        names = self.names
        for name in ("image", "network", "other_network", "zone", "volume_type", "key_pair"):
            self.known[getattr(names, name)] = f"<{name}>"
        # A number is a word only in a sentence: "10" alone is everywhere. Names as short as an id are left alone.
        self.known = {raw: word for raw, word in self.known.items() if len(raw) > 3}
        self.known[f"'volume_size': {self.names.size}"] = "'volume_size': <size>"
        self._fixtures = dict(self.known)

    def server(self, suffix: str = "a", **more: Any) -> dict[str, Any]:
        """Return the body of a create call that works on every cloud; a keyword of `None` takes its key away."""
        body: dict[str, Any] = {
            "name": f"{self.prefix}-{suffix}",
            "flavorRef": self.flavor.id,
            "imageRef": self.image.id,
            "availability_zone": self.names.zone,
            "networks": [{"uuid": self.network.id}],
        }
        body |= more
        return {key: value for key, value in body.items() if value is not None}

    def post(self, server: Any, version: str = "2.1", hints: Any = None, path: str = "/servers") -> Any:
        """Send a create call just as it is written; returns the HTTP answer, whatever its status."""
        body = {"server": server} if hints is None else {"server": server, "os:scheduler_hints": hints}
        answer = self.connection.compute.post(path, json=body, microversion=version)
        if answer.status_code == 202:
            made = answer.json()
            if "server" in made:
                self.known[made["server"]["id"]] = "<server-id>"
                self._made.add(made["server"]["id"])
            self._created = True
        return answer

    def create(self, suffix: str = "a", version: str = "2.1", hints: Any = None, **more: Any) -> str:
        """Create a server and return its id once it is ACTIVE."""
        answer = self.post(self.server(suffix, **more), version, hints)
        assert answer.status_code == 202, answer.text
        server_id: str = answer.json()["server"]["id"]
        self.until(lambda: self.status(server_id) == "ACTIVE", lambda: self.show(server_id))
        return server_id

    def show(self, server_id: str, version: str = "2.1") -> dict[str, Any]:
        """Return a server as the API shows it at a microversion."""
        found: dict[str, Any] = self.compute("GET", f"/servers/{server_id}", version).json()["server"]
        return found

    def status(self, server_id: str) -> str:
        """Return a server's status."""
        return str(self.show(server_id)["status"])

    def settled(self, server_id: str) -> str:
        """Return a server's status once it is neither BUILD nor in the middle of a task."""

        def calm() -> bool:
            shown = self.show(server_id)
            return shown["status"] != "BUILD" and shown["OS-EXT-STS:task_state"] is None

        self.until(calm, lambda: self.show(server_id))
        return self.status(server_id)

    def reserved(self, reservation_id: str) -> list[dict[str, Any]]:
        """Return the servers of a reservation, in full."""
        found: list[dict[str, Any]] = self.compute("GET", f"/servers/detail?reservation_id={reservation_id}").json()[
            "servers"
        ]
        return found

    def compute(self, method: str, path: str, version: str = "2.1", body: Any = None) -> Any:
        """Send a request to Nova; returns the HTTP answer."""
        return self.connection.compute.request(path, method, microversion=version, json=body)

    def action(self, server_id: str, version: str = "2.1", **body: Any) -> Any:
        """Ask for an action of a server; returns the HTTP answer."""
        return self.compute("POST", f"/servers/{server_id}/action", version, body)

    def volume(self, method: str, path: str, body: Any = None, version: str | None = None) -> Any:
        """Send a request to Cinder; returns the HTTP answer."""
        return self.connection.block_storage.request(path, method, json=body, microversion=version)

    def net(self, method: str, path: str, body: Any = None) -> Any:
        """Send a request to Neutron; returns the HTTP answer."""
        return self.connection.network.request(path, method, json=body)

    def later(self, undo: Callable[[], None]) -> None:
        """Have something undone after the test, the last thing first."""
        self._after.append(undo)

    def clean(self) -> None:
        """Undo what the test made, and wait until its servers are gone."""
        if self._created:
            for server_id in self._left():
                self.connection.compute.delete_server(server_id, ignore_missing=True)
            self.until(lambda: not self._left(), self._left)
            self._made.clear()
            self._created = False
        problems = []
        for undo in reversed(self._after):
            try:
                undo()
            except openstack.exceptions.SDKException as error:
                problems.append(str(error))
        self._after.clear()
        self.known.clear()
        self.known.update(self._fixtures)
        assert not problems, problems

    def _left(self) -> list[str]:
        # By name, for a batch tells only the id of its first member; by id, for some tests spell the name their own way.
        found = self.compute("GET", "/servers").json()["servers"]
        return [one["id"] for one in found if one["id"] in self._made or one["name"].startswith(self.prefix)]

    @staticmethod
    def until(there: Callable[[], bool], told: Callable[[], Any]) -> None:
        """Wait until `there` says so; fails after two minutes with what `told` says."""
        deadline, pause = time.monotonic() + WAIT_SECONDS, 0.02
        while not there():
            assert time.monotonic() < deadline, told()
            time.sleep(pause)
            pause = min(pause * 1.5, 1.0)


@contextmanager
def connected(profile: str, names: Names, clouds_file: Path | None, cloud: str) -> Iterator[Cloud]:
    """Log in to a cloud of a clouds.yaml and find its fixtures."""
    files = None if clouds_file is None else [str(clouds_file)]
    # What the environment says is about the real cloud only.
    config = openstack.config.OpenStackConfig(config_files=files, app_name="contract", load_envvars=files is None)
    connection = openstack.connection.Connection(config=config.get_one(cloud=cloud))
    try:
        yield Cloud(profile, connection, names, cloud, clouds_file)
    finally:
        connection.close()
