"""What stack or cloud decide of our own `Server`: also of what it attaches beside the instance inside it."""

from __future__ import annotations

from pathlib import Path

import openstack
import pytest

from tests.end_to_end import policy_events
from tests.end_to_end.broken_things import DATA_DISK, DATA_SNAPSHOT, FULL_IMAGE, SYSTEM_DISK, TENANT
from tests.end_to_end.policy_events import cited, preview
from tests.end_to_end.project import Project, fresh_cloud, project

pytestmark = [
    pytest.mark.engine,
    # openstacksdk warns of its own inside, whatever one asks of it.
    pytest.mark.filterwarnings("ignore::openstack.warnings.RemovedInSDK50Warning"),
    pytest.mark.filterwarnings("ignore::openstack.warnings.RemovedInSDK60Warning"),
]

IMAGE = "b023fe17-11db-4efb-b800-78882a0e394b"
NETWORK = "fd40e6f8-942d-4b4e-a7ae-465287b02a2c"
SERVER = """\
config:
  openstack:cloud: sandbox
  ecs-stacks:servers:
    web:
      flavor_ref: {flavor}
      availability_zone: {zone}
      boot: {boot}
      networks: [{{uuid: {network}}}]
      admin_pass: of-a-test-1
      disks: [{disk}]
"""


@pytest.fixture(scope="module")
def ours_beside_a_tenant(tmp_path_factory: pytest.TempPathFactory, cloud: Path) -> Project:
    """Our stacks' program on a cloud where another ECS has the system disk."""
    fresh_cloud(cloud)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OS_CLIENT_CONFIG_FILE", str(cloud / "clouds.yaml"))
        connection = openstack.connect(cloud="sandbox")
        made = connection.compute.post("/servers", json={"server": TENANT})
        assert made.status_code == 202, made.text
        connection.close()
    return project(tmp_path_factory.mktemp("ours"), cloud)


def refused(
    ours: Project,
    disk: str,
    *,
    zone: str = "az1-dc1",
    flavor: str = "s3.medium",
    boot: str = f"{{image_ref: {IMAGE}}}",
) -> list[str]:
    """The mandatory restrictions of a preview of one server, which asks the cloud to change nothing."""
    before = ours.changes()
    ours.state(SERVER.format(flavor=flavor, zone=zone, boot=boot, disk=disk, network=NETWORK))
    ran = preview(ours)
    assert "Traceback" not in ran.text
    assert ours.changes() == before
    found = [one for policies in policy_events.said(ran.text).values() for one in cited(policies, "mandatory")]
    assert (ran.code == 0) == (not found), ran.text[-3000:]
    return found


def existing(disk: str) -> str:
    return f"{{source_type: volume, uuid: {disk}}}"


def from_image(image: str) -> str:
    return f"{{source_type: image, uuid: {image}, volume_size: 40, delete_on_termination: true}}"


def test_a_disk_that_is_free_passes(ours_beside_a_tenant: Project) -> None:
    assert refused(ours_beside_a_tenant, existing(DATA_DISK)) == []


def test_a_disk_that_another_ecs_has(ours_beside_a_tenant: Project) -> None:
    assert refused(ours_beside_a_tenant, existing(SYSTEM_DISK)) == ["ECS-217"]


def test_a_disk_in_another_zone(ours_beside_a_tenant: Project) -> None:
    assert refused(ours_beside_a_tenant, existing(DATA_DISK), zone="az2-dc1") == ["ECS-212"]


def test_a_snapshot_in_another_zone(ours_beside_a_tenant: Project) -> None:
    snapshot = f"{{source_type: snapshot, uuid: {DATA_SNAPSHOT}, volume_size: 40, delete_on_termination: true}}"
    assert refused(ours_beside_a_tenant, snapshot, zone="az2-dc1") == ["ECS-212"]


def test_a_data_disk_from_a_full_ecs_image(ours_beside_a_tenant: Project) -> None:
    assert refused(ours_beside_a_tenant, from_image(FULL_IMAGE)) == ["ECS-115"]


def test_a_boot_disk_with_a_type_from_a_full_ecs_image(ours_beside_a_tenant: Project) -> None:
    boot = f"{{source_type: image, uuid: {FULL_IMAGE}, volume_size: 40, volume_type: SSD, delete_on_termination: true}}"
    assert refused(ours_beside_a_tenant, from_image(IMAGE), boot=boot) == ["ECS-115"]


def test_a_data_disk_for_a_bms(ours_beside_a_tenant: Project) -> None:
    assert refused(ours_beside_a_tenant, from_image(IMAGE), flavor="physical.s3.large") == ["ECS-216"]
