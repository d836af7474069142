"""A run is killed in the middle of a change of a server; the next `ecs up` sees it through, although a refresh says that it is done."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox import daemon
from tests.end_to_end.many_servers import IMAGES, Cloud, Stack
from tests.end_to_end.takeover_clone import ROOT, Clone, fresh, until

pytestmark = [
    pytest.mark.engine,
    # openstacksdk warns of its own inside, whatever one asks of it.
    pytest.mark.filterwarnings("ignore::openstack.warnings.RemovedInSDK50Warning"),
    pytest.mark.filterwarnings("ignore::openstack.warnings.RemovedInSDK60Warning"),
]

NAME = "web-00"


@pytest.fixture
def clone(tmp_path: Path) -> Iterator[Clone]:
    """A clone with the stacks' own program."""
    with fresh(tmp_path) as made:
        shutil.copy2(ROOT / "stacks" / "__main__.py", made.folder / "stacks")
        yield made


@pytest.fixture
def stack(clone: Clone) -> tuple[Stack, Cloud]:
    """One server with a disk of its own to boot from and one for data, as the first run made it."""
    stack, cloud = Stack(), Cloud(clone)
    stack.everything()
    stack.servers, stack.members = {NAME: stack.servers[NAME]}, 0
    bring(clone, stack, cloud)
    return stack, cloud


def bring(clone: Clone, stack: Stack, cloud: Cloud) -> None:
    """One good run, after which the cloud holds what is stated."""
    stack.write(clone)
    done = clone.ecs("up", "--skip-preview")
    assert done.returncode == 0, done.stdout + done.stderr
    cloud.holds(stack)


def server(cloud: Cloud) -> dict[str, Any]:
    """The one server as the cloud shows it."""
    (found,) = cloud.now()["servers"]
    return found


@pytest.mark.parametrize(
    "wanted", ["s3.xlarge.2", pytest.param("s3.medium", marks=pytest.mark.nightly)], ids=["still", "taken back"]
)
def test_a_resize_that_nobody_confirmed_is_seen_through(clone: Clone, stack: tuple[Stack, Cloud], wanted: str) -> None:
    stated, cloud = stack
    before = server(cloud)["id"]
    stated.servers[NAME]["flavor_ref"] = "s3.xlarge.2"
    stated.write(clone)
    clone.fault("slow-answer", "POST /compute/*/servers/*/action", seconds=100)
    clone.kill_while("POST", "/action")
    until(lambda: server(cloud)["status"] == "VERIFY_RESIZE")
    stated.servers[NAME]["flavor_ref"] = wanted
    bring(clone, stated, cloud)
    assert server(cloud)["id"] == before
    assert clone.ecs("preview", "--refresh", "--expect-no-changes").returncode == 0


def test_a_disk_that_was_detached_to_be_deleted_is_deleted(clone: Clone, stack: tuple[Stack, Cloud]) -> None:
    stated, cloud = stack
    stated.servers[NAME]["disks"] = []
    stated.write(clone)
    clone.fault("429", "DELETE /volume/*/volumes/*", times=1000, retry_after=100)
    clone.kill_while("DELETE", "/volumes/")
    daemon.control(clone.cloud, "DELETE", "/sandbox/faults", {})
    assert [one["status"] for one in cloud.now()["volumes"] if not one["attachments"]] == ["available"]
    bring(clone, stated, cloud)


@pytest.mark.parametrize(
    "then",
    [
        pytest.param("removed", marks=pytest.mark.nightly),
        "other flavor",
        pytest.param("other image", marks=pytest.mark.nightly),
    ],
)
def test_a_server_that_a_killed_run_made_follows_what_is_stated_by_then(
    clone: Clone, stack: tuple[Stack, Cloud], then: str
) -> None:
    stated, cloud = stack
    late = stated.servers["web-05"] = {**stated.servers[NAME], "networks": [{"network": "lan"}]}
    stated.write(clone)
    clone.fault("slow-answer", "POST /compute/*/servers", seconds=100)
    clone.kill_while("POST", "/servers", times=clone.asked("POST", "/servers") + 1)
    assert len(cloud.now()["servers"]) == 2
    if then == "removed":
        del stated.servers["web-05"]
    elif then == "other flavor":
        late["flavor_ref"] = "s3.xlarge.2"
    else:
        late["boot"] = {**late["boot"], "uuid": IMAGES[1]}
    bring(clone, stated, cloud)
    assert clone.ecs("preview", "--refresh", "--expect-no-changes").returncode == 0


@pytest.mark.parametrize("members", [0, pytest.param(3, marks=pytest.mark.nightly)])
def test_a_batch_that_a_killed_run_made_follows_what_is_stated_by_then(
    clone: Clone, stack: tuple[Stack, Cloud], members: int
) -> None:
    stated, cloud = stack
    stated.members = 5
    stated.write(clone)
    clone.fault("slow-answer", "POST /compute/*/servers", seconds=100)
    clone.kill_while("POST", "/servers", times=clone.asked("POST", "/servers") + 1)
    assert len(cloud.now()["servers"]) == 6
    stated.members = members
    bring(clone, stated, cloud)
    assert clone.ecs("preview", "--refresh", "--expect-no-changes").returncode == 0
