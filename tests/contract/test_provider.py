"""The native provider on every cloud, through the real CLI: the life of a server and of a batch, as the cloud itself tells it.

After each step a preview that refreshes first has nothing to do.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from provider.marker import KEY
from tests.contract.cloud import Cloud
from tests.contract.test_plugin import held
from tests.end_to_end.project import ROOT, Project, Ran, home_of_its_own

pytestmark = pytest.mark.engine

PROGRAM = ROOT / "tests" / "end_to_end" / "wire"
SERVER, BATCH = "ecs:compute:Server", "ecs:compute:ServerBatch"
OURS = {"on_failure": "rollback", "deletion_protection": False, "consent": []}
REAL_HOSTS, SANDBOX_HOSTS = 2, 8

Json = dict[str, Any]


class Stack:
    """A stack of one resource of the provider, on the cloud under test."""

    def __init__(self, cloud: Cloud, project: Project) -> None:
        self.cloud, self.project = cloud, project
        self.before = held(cloud)

    def server(self, **more: Any) -> Json:
        """A server of an image with one NIC; a keyword of None takes its key away."""
        stated = {
            "name": f"{self.cloud.prefix}-web", "flavorRef": self.cloud.flavor.id, "imageRef": self.cloud.image.id,
            "availability_zone": self.cloud.names.zone, "networks": [{"uuid": self.cloud.network.id}],
            "metadata": {"role": "web"}, "on_image_change": "replace", **OURS,
        }  # fmt: skip
        return {key: value for key, value in (stated | more).items() if value is not None}

    def batch(self, least: int, most: int) -> Json:
        """A batch of an image with one NIC each."""
        return {
            "name": f"{self.cloud.prefix}-pool", "flavorRef": self.cloud.flavor.id, "imageRef": self.cloud.image.id,
            "availability_zone": self.cloud.names.zone, "networks": [{"uuid": self.cloud.network.id}],
            "metadata": {"role": "pool"}, "min_count": least, "max_count": most, **OURS,
        }  # fmt: skip

    def state(self, inputs: Json, type_: str = SERVER, name: str = "one") -> None:
        """State this resource, and no other."""
        entries = [{"name": name, "type": type_, "inputs": inputs}]
        (self.project.folder / "resources.json").write_text(json.dumps(entries), encoding="utf-8")

    def up(self, *options: str) -> Ran:
        """Run `up`, whatever comes of it."""
        return self.project.pulumi("up", "--yes", "--skip-preview", *options)

    def reach(self, inputs: Json, type_: str = SERVER, *options: str, name: str = "one") -> None:
        """State this and bring it about, after which the cloud shows what is stated."""
        self.state(inputs, type_, name)
        ran = self.up(*options)
        assert ran.code == 0, ran.text
        self.settled()

    def settled(self) -> None:
        """A preview that refreshes first has nothing to do."""
        left = self.project.pulumi("preview", "--refresh", "--expect-no-changes", "--diff")
        assert left.code == 0, left.text

    def resource(self) -> Json:
        """What the state holds of the one resource."""
        (found,) = [one for one in self.project.resources() if one["type"] in (SERVER, BATCH)]
        return found

    def there(self) -> Json:
        """The server as the cloud shows it, with its tags and its description."""
        return self.cloud.show(self.resource()["id"], "2.26")

    def nics(self) -> list[Json]:
        """The NICs of the server as the cloud shows them."""
        answer = self.cloud.compute("GET", f"/servers/{self.resource()['id']}/os-interface")
        return list(answer.json()["interfaceAttachments"])

    def members(self) -> list[Json]:
        """The members of the batch as the cloud shows them."""
        found = self.cloud.compute("GET", f"/servers/detail?name={self.cloud.prefix}-pool").json()["servers"]
        return [one for one in found if one["status"] != "DELETED"]

    def new(self) -> set[tuple[str, str]]:
        """What the project has more than when this test began."""
        return held(self.cloud) - self.before

    def destroyed(self) -> None:
        """Delete everything; nothing is left."""
        done = self.project.pulumi("destroy", "--yes", "--skip-preview")
        assert done.code == 0, done.text
        assert self.new() == set()


@pytest.fixture
def stack(cloud: Cloud, tmp_path: Path) -> Iterator[Stack]:
    """An empty stack on the cloud under test; what it made is destroyed in the end."""
    work = tmp_path / "wire"
    shutil.copytree(PROGRAM, work, ignore=shutil.ignore_patterns("__pycache__"))
    (work / ".venv").symlink_to(ROOT / ".venv")
    project = Project(work, home_of_its_own(tmp_path), tmp_path, "dev", pack=False)
    project.extra["OS_CLIENT_CONFIG_FILE"] = str(cloud.clouds_file or os.environ["OS_CLIENT_CONFIG_FILE"])
    given = {"openstack:cloud": cloud.name, "ecs:cloud": cloud.name, "ecs:pollSeconds": "0.5", "ecs:retrySeconds": "60"}
    settings = [part for key, value in given.items() for part in ("--plaintext", f"{key}={value}")]
    for command in (("stack", "select", "--create", project.stack), ("config", "set-all", *settings)):
        done = project.pulumi(*command)
        assert done.code == 0, done.text
    yield Stack(cloud, project)
    project.pulumi("destroy", "--yes", "--skip-preview")


@pytest.fixture
def other_image(cloud: Cloud) -> str:
    """A second image that a server can boot from."""
    image = cloud.connection.image
    made = image.post(
        "/images", json={"name": f"{cloud.prefix}-i", "disk_format": "raw", "container_format": "bare"}
    ).json()
    cloud.later(lambda: image.delete(f"/images/{made['id']}"))
    image.put(f"/images/{made['id']}/file", data=b"\0" * 512, headers={"Content-Type": "application/octet-stream"})
    cloud.until(lambda: image.get(f"/images/{made['id']}").json()["status"] == "active", lambda: "not active")
    return str(made["id"])


def group_of(cloud: Cloud) -> str:
    """A security group."""
    made = cloud.net("POST", "/security-groups", {"security_group": {"name": f"{cloud.prefix}-sg"}}).json()
    ident = str(made["security_group"]["id"])
    cloud.later(lambda: cloud.net("DELETE", f"/security-groups/{ident}"))
    return ident


def test_everything_that_changes_in_place(cloud: Cloud, stack: Stack) -> None:
    group = group_of(cloud)
    stack.before = held(cloud)
    first = stack.server(description="first", tags=["a", "b"], metadata={"role": "web", "old": "yes"})
    stack.reach(first)
    ident, there = stack.resource()["id"], stack.there()
    assert (there["status"], there["description"], sorted(there["tags"])) == ("ACTIVE", "first", ["a", "b"])
    assert {key: value for key, value in there["metadata"].items() if key != KEY} == {"role": "web", "old": "yes"}

    now = first | {"name": f"{cloud.prefix}-new", "description": "second", "tags": ["b", "c"]}
    now |= {"metadata": {"role": "db", "more": "1"}}
    stack.reach(now)
    there = stack.there()
    assert (there["name"], there["description"], sorted(there["tags"])) == (now["name"], "second", ["b", "c"])
    assert {key: value for key, value in there["metadata"].items() if key != KEY} == now["metadata"]

    now |= {"security_groups": [group]}
    stack.reach(now)
    assert cloud.net("GET", f"/ports/{stack.nics()[0]['port_id']}").json()["port"]["security_groups"] == [group]

    now |= {"adminPass": "Another-1-password"}
    stack.reach(now)

    now |= {"flavorRef": cloud.bigger_flavor.id}
    stack.reach(now)
    assert (stack.there()["flavor"]["id"], stack.there()["status"]) == (cloud.bigger_flavor.id, "ACTIVE")

    stack.reach(now | {"power_state": "shutoff"})
    assert stack.there()["status"] == "SHUTOFF"
    stack.reach(now | {"power_state": "active"})
    assert stack.there()["status"] == "ACTIVE"
    assert stack.resource()["id"] == ident, "something was replaced that can change in place"
    stack.destroyed()


def test_nics_and_data_disks_come_and_go(cloud: Cloud, stack: Stack) -> None:
    plain = stack.server()
    stack.reach(plain)
    ident = stack.resource()["id"]
    two = plain | {"networks": [*plain["networks"], {"uuid": cloud.other_network.id}]}
    stack.reach(two)
    assert {one["net_id"] for one in stack.nics()} == {cloud.network.id, cloud.other_network.id}
    stack.reach(plain)
    assert [one["net_id"] for one in stack.nics()] == [cloud.network.id]

    disk = {"name": "data", "source_type": "blank", "volume_size": 2, "delete_on_termination": True}
    stack.reach(plain | {"disks": [disk]})
    (data,) = [one["id"] for one in stack.resource()["outputs"]["volumes"] if one["name"] == "data"]
    assert cloud.volume("GET", f"/volumes/{data}").json()["volume"]["attachments"][0]["server_id"] == ident
    stack.reach(plain | {"disks": [disk | {"volume_size": 3}]})
    shown = cloud.volume("GET", f"/volumes/{data}").json()["volume"]
    assert (shown["size"], shown["status"]) == (3, "in-use")
    stack.reach(plain)
    assert cloud.volume("GET", f"/volumes/{data}").status_code == 404
    assert stack.resource()["id"] == ident
    stack.destroyed()


def test_another_image_replaces_or_rebuilds(cloud: Cloud, stack: Stack, other_image: str) -> None:
    stack.before = held(cloud)
    stack.reach(stack.server())
    first = stack.resource()["id"]
    stack.reach(stack.server(imageRef=other_image))
    second = stack.resource()["id"]
    assert second != first
    assert stack.there()["image"]["id"] == other_image
    stack.reach(stack.server(on_image_change="rebuild"))
    assert stack.resource()["id"] == second
    assert (stack.there()["image"]["id"], stack.there()["status"]) == (cloud.image.id, "ACTIVE")
    stack.destroyed()


def test_a_failed_creation_is_taken_back_with_the_clouds_own_words(cloud: Cloud, stack: Stack) -> None:
    group = cloud.connection.compute.create_server_group(name=f"{cloud.prefix}-g", policy="anti-affinity")
    cloud.later(lambda: cloud.connection.compute.delete_server_group(group))
    for number in range(REAL_HOSTS if cloud.profile == "real" else SANDBOX_HOSTS):
        cloud.create(f"full{number}", hints={"group": group.id})
    stack.before = held(cloud)
    disk = {"name": "data", "source_type": "blank", "volume_size": 2, "delete_on_termination": True}
    stack.state(stack.server(scheduler_hints={"group": group.id}, disks=[disk]))
    ran = stack.up()
    assert ran.code != 0
    assert "No valid host was found" in ran.text
    assert "Rolled back: server " in ran.text
    assert stack.new() == set()
    assert stack.project.pulumi("preview", "--refresh", "--expect-no-changes").code != 0, "the next run is not green"


def test_the_life_of_a_batch(cloud: Cloud, stack: Stack) -> None:
    stack.reach(stack.batch(2, 3), BATCH)
    first = {one["id"] for one in stack.members()}
    assert len(first) == 3
    stack.reach(stack.batch(2, 5), BATCH)
    more = {one["id"] for one in stack.members()}
    assert len(more) == 5
    assert first < more
    stack.reach(stack.batch(2, 2), BATCH)
    left = {one["id"] for one in stack.members()}
    assert len(left) == 2
    assert left < first, "the newest go first"
    gone = min(left)
    cloud.compute("DELETE", f"/servers/{gone}")
    cloud.until(lambda: cloud.compute("GET", f"/servers/{gone}").status_code == 404, lambda: "not gone")
    assert stack.project.pulumi("preview", "--refresh", "--expect-no-changes").code != 0
    stack.reach(stack.batch(2, 2), BATCH, "--refresh")
    healed = {one["id"] for one in stack.members()}
    assert len(healed) == 2
    assert left - {gone} < healed
    assert {one["id"] for one in stack.resource()["outputs"]["members"]} == healed
    stack.destroyed()


def test_a_batch_is_imported_by_its_reservation(cloud: Cloud, stack: Stack) -> None:
    stated = stack.batch(2, 2)
    body = {key: value for key, value in stated.items() if key not in OURS} | {"return_reservation_id": True}
    reservation = cloud.post(body).json()["reservation_id"]
    cloud.until(
        lambda: all(one["status"] == "ACTIVE" for one in cloud.reserved(reservation)),
        lambda: cloud.reserved(reservation),
    )
    ids = {one["id"] for one in cloud.reserved(reservation)}
    stack.state(stated, BATCH)
    done = stack.project.pulumi(
        "import", BATCH, "one", reservation, "--yes", "--protect=false", "--generate-code=false"
    )
    assert done.code == 0, done.text
    stack.reach(stated, BATCH)
    assert {one["id"] for one in stack.resource()["outputs"]["members"]} == ids
    stack.destroyed()
