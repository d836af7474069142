"""What the stack or the cloud tells to be broken is refused by the real CLI at preview, and the cloud is asked to change nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openstack
import pytest

import policy.rules
from components.restrictions import catalogue
from sandbox import daemon
from tests.end_to_end import policy_events
from tests.end_to_end.broken_resources import INSTANCE, Resource, documented, raw
from tests.end_to_end.broken_things import BROKEN, FIRST, TENANT, VALID
from tests.end_to_end.policy_events import cited, preview
from tests.end_to_end.project import Project, Ran, fresh_cloud, program

pytestmark = [
    pytest.mark.engine,
    # openstacksdk warns of its own inside, whatever one asks of it.
    pytest.mark.filterwarnings("ignore::openstack.warnings.RemovedInSDK50Warning"),
    pytest.mark.filterwarnings("ignore::openstack.warnings.RemovedInSDK60Warning"),
]

THERE = {rule.id for table in vars(policy.rules).values() if isinstance(table, tuple) for rule in table}
"""The restrictions that have a rule; the broken resources of any other wait for theirs."""

ELSEWHERE = {
    "ECS-122": "test_servers_beyond_the_quota_are_refused",
    "ECS-213": "test_disks_beyond_the_quota_are_refused",
    "ECS-215": "test_a_disk_with_snapshots_that_a_change_deletes_is_refused",
    "ECS-601": "test_a_resize_to_another_resource_type_is_refused",
}
"""What is no single resource of a first preview, and the test that breaks it."""

NAMED: dict[str, Resource] = {
    f"{restriction.lower()}{'-raw' if resource['type'] == INSTANCE else ''}": resource
    for restriction, resources in BROKEN.items()
    if restriction in THERE
    for resource in resources
}


def needs(restriction: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(restriction not in THERE, reason=f"{restriction} has no rule yet")


@pytest.fixture(scope="module")
def clouds(cloud: Path) -> Iterator[Path]:
    """The cloud that `openstack.connect` finds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OS_CLIENT_CONFIG_FILE", str(cloud / "clouds.yaml"))
        yield cloud


def connect() -> Any:
    return openstack.connect(cloud="sandbox")


def stated(project: Project, resources: dict[str, Resource]) -> Project:
    """The project with a program that states these."""
    listed = [{"name": name, **resource} for name, resource in resources.items()]
    (project.folder / "resources.json").write_text(json.dumps(listed), encoding="utf-8")
    return project


@pytest.fixture(scope="module")
def previewed(tmp_path_factory: pytest.TempPathFactory, clouds: Path) -> tuple[Project, Ran]:
    """The one preview of all of them, on a cloud where somebody has a port and a disk."""
    fresh_cloud(clouds)
    connection = connect()
    made = connection.compute.post("/servers", json={"server": TENANT})
    assert made.status_code == 202, made.text
    connection.close()
    wire = stated(program("wire", tmp_path_factory.mktemp("wire"), clouds), FIRST | VALID | NAMED)
    return wire, preview(wire)


@pytest.fixture(scope="module")
def said(previewed: tuple[Project, Ran]) -> dict[str, list[dict[str, Any]]]:
    """What the pack said of each resource, by the resource's name."""
    return policy_events.said(previewed[1].text)


@pytest.fixture
def wire(tmp_path: Path, clouds: Path) -> Project:
    """A program of its own for one test."""
    fresh_cloud(clouds)
    return program("wire", tmp_path, clouds)


def refused(project: Project) -> list[str]:
    """The restrictions for which a preview is refused; it asks the cloud to change nothing."""
    before = project.changes()
    ran = preview(project)
    assert ran.code != 0, ran.text[-3000:]
    assert "Traceback" not in ran.text
    assert project.changes() == before
    return [one for policies in policy_events.said(ran.text).values() for one in cited(policies, "mandatory")]


def test_every_restriction_that_stack_or_cloud_decide_is_broken() -> None:
    decided = {row.id for row in catalogue().values() if row.level == "must" and "request" not in row.sees}
    assert {*BROKEN, *ELSEWHERE} == decided
    assert set(ELSEWHERE.values()) <= set(globals())


def test_the_preview_fails_and_asks_the_cloud_to_change_nothing(previewed: tuple[Project, Ran]) -> None:
    project, ran = previewed
    assert (ran.code != 0) == bool(NAMED)
    assert "Traceback" not in ran.text
    assert project.changes() == []


@pytest.mark.parametrize("name", NAMED)
def test_a_broken_resource_is_refused_for_its_one_mistake(name: str, said: dict[str, list[dict[str, Any]]]) -> None:
    assert cited(said[name], "mandatory") == [name.removesuffix("-raw").upper()]


@pytest.mark.parametrize("name", FIRST | VALID)
def test_nothing_is_said_of_a_valid_resource(name: str, said: dict[str, list[dict[str, Any]]]) -> None:
    assert said[name] == []


@needs("ECS-502")
@pytest.mark.parametrize("kind", ["anti-affinity", pytest.param("affinity", marks=pytest.mark.nightly)])
def test_another_policy_of_a_group_is_not_advised(kind: str, wire: Project) -> None:
    group = {"type": "openstack:compute/serverGroup:ServerGroup", "inputs": {"name": "g", "policies": [kind]}}
    member = raw(schedulerHints=[{"group": {"$ref": "group.id"}}])
    ran = preview(stated(wire, {"group": group, "web": member}))
    assert ran.code == 0, ran.text
    found = policy_events.said(ran.text)["web"]
    assert cited(found, "mandatory") == []
    assert ("ECS-502" in cited(found, "advisory")) == (kind == "affinity")


@needs("ECS-122")
@pytest.mark.parametrize(
    "quota",
    [{"instances": 2}, *(pytest.param(one, marks=pytest.mark.nightly) for one in ({"cores": 2}, {"ram": 8192}))],
    ids=str,
)
def test_servers_beyond_the_quota_are_refused(quota: dict[str, int], wire: Project) -> None:
    daemon.control(wire.cloud, "PATCH", "/sandbox/settings", {"quota": quota})
    two = {"one": raw(), "two": documented()}
    assert preview(stated(wire, two)).code == 0
    assert refused(stated(wire, two | {"three": raw()})) == ["ECS-122"]


@needs("ECS-213")
@pytest.mark.parametrize(
    "quota", [{"volumes": 4}, pytest.param({"gigabytes": 180}, marks=pytest.mark.nightly)], ids=str
)
def test_disks_beyond_the_quota_are_refused(quota: dict[str, int], wire: Project) -> None:
    daemon.control(wire.cloud, "PATCH", "/sandbox/settings", {"quota": quota})
    # The seed's two disks and their two snapshots are in the cloud already; a system disk from an image takes 40 GB.
    two = {"one": raw(), "two": raw()}
    assert preview(stated(wire, two)).code == 0
    assert refused(stated(wire, two | {"three": raw()})) == ["ECS-213"]


@needs("ECS-601")
def test_a_resize_to_another_resource_type_is_refused(wire: Project) -> None:
    up = stated(wire, {"web": raw()}).pulumi("up", "--yes")
    assert up.code == 0, up.text
    assert preview(stated(wire, {"web": raw(flavorId="s3.xlarge.2")})).code == 0
    assert refused(stated(wire, {"web": raw(flavorId="c3.2xlarge")})) == ["ECS-601"]


@needs("ECS-215")
def test_a_disk_with_snapshots_that_a_change_deletes_is_refused(wire: Project) -> None:
    disk = {"type": "openstack:blockstorage/volume:Volume", "inputs": {"name": "data", "size": 3}}
    up = stated(wire, {"data": disk}).pulumi("up", "--yes")
    assert up.code == 0, up.text
    assert preview(stated(wire, {})).code == 0
    connection = connect()
    (volume,) = connection.block_storage.volumes(name="data")
    connection.block_storage.create_snapshot(volume_id=volume.id, name="kept")
    connection.close()
    assert refused(stated(wire, {})) == ["ECS-215"]
