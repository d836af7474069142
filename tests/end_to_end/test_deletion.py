"""`ecs down` deletes nothing where the cloud would refuse half way."""

from __future__ import annotations

from pathlib import Path

import openstack
import pytest

from commands import deletion
from commands.failure import Failure
from tests.end_to_end.project import Project

pytestmark = [
    pytest.mark.engine,
    # openstacksdk warns of its own inside, whatever one asks of it.
    pytest.mark.filterwarnings("ignore::openstack.warnings.RemovedInSDK50Warning"),
    pytest.mark.filterwarnings("ignore::openstack.warnings.RemovedInSDK60Warning"),
]

STACK = """\
config:
  openstack:cloud: sandbox
  ecs-stacks:disks:
    data: {availability_zone: az1-dc1, volume_size: 3}
    other: {availability_zone: az1-dc1, volume_size: 2}
"""


@pytest.fixture
def deployed(ours: Project, cloud: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A stack of two disks, and an environment in which the cloud is found."""
    for name, value in ours.environment().items():
        monkeypatch.setenv(name, value)
    ours.state(STACK)
    up = ours.pulumi("up", "--yes")
    assert up.code == 0, up.text
    return ours


def test_disks_without_snapshots_are_let_go(deployed: Project) -> None:
    deletion.check(deployed.stack, deployed.environment())


def test_a_disk_with_a_snapshot_is_named_and_nothing_is_deleted(deployed: Project) -> None:
    connection = openstack.connect(cloud="sandbox")
    (disk,) = [volume for volume in connection.block_storage.volumes() if volume.name == "data"]
    connection.block_storage.create_snapshot(volume_id=disk.id, name="yesterday")
    connection.close()
    with pytest.raises(Failure, match=r"data.*is a disk with 1 snapshots \(yesterday\).*\[ECS-215,") as refused:
        deletion.check(deployed.stack, deployed.environment())
    assert refused.value.code == deletion.REFUSED


def test_a_cloud_that_is_silent_stops_nobody(
    deployed: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(tmp_path / "none.yaml"))
    deletion.check(deployed.stack, deployed.environment())
    assert "Not checked for snapshots (ECS-215): the cloud 'sandbox' is not described" in capsys.readouterr().err
