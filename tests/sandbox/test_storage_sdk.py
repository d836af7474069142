"""Volumes, snapshots, volume types and images, as openstacksdk sees them over real HTTP."""

from typing import Any

import pytest
from openstack import exceptions

from sandbox.testing import Loopback

# openstacksdk warns of its own inside, whatever one asks of it.
pytestmark = [
    pytest.mark.filterwarnings("ignore::openstack.warnings.RemovedInSDK50Warning"),
    pytest.mark.filterwarnings("ignore::openstack.warnings.RemovedInSDK60Warning"),
]

IMAGE = "24040000-0000-4000-8000-000000000001"


def test_the_life_of_a_volume(cloud: Loopback, sdk: Any) -> None:
    volume = sdk.block_storage.create_volume(name="v", size=5, description="d", metadata={"a": "b"})
    assert (volume.status, volume.volume_type, volume.availability_zone) == ("creating", "SATA", "az1-dc1")
    cloud.wait_built()
    assert sdk.block_storage.get_volume(volume).status == "available"
    assert sdk.block_storage.update_volume(volume, name="v2").name == "v2"
    sdk.block_storage.extend_volume(volume, 8)
    assert sdk.block_storage.get_volume(volume).status == "extending"
    cloud.wait_built()
    assert (sdk.block_storage.get_volume(volume).status, sdk.block_storage.get_volume(volume).size) == ("available", 8)
    with pytest.raises(exceptions.BadRequestException, match="greater than current"):
        sdk.block_storage.extend_volume(volume, 8)

    snapshot = sdk.block_storage.create_snapshot(volume_id=volume.id, name="s")
    cloud.wait_built()
    assert sdk.block_storage.get_snapshot(snapshot).status == "available"
    # A disk with snapshots cannot be deleted.
    with pytest.raises(exceptions.BadRequestException, match="have snapshots"):
        sdk.block_storage.delete_volume(volume)
    copy = sdk.block_storage.create_volume(name="c", snapshot_id=snapshot.id, size=9)
    cloud.wait_built()
    assert (copy.size, copy.snapshot_id) == (9, snapshot.id)
    sdk.block_storage.delete_snapshot(snapshot)
    for one in (volume, copy):
        sdk.block_storage.delete_volume(one)
    assert len(list(sdk.block_storage.volumes())) == 2


def test_a_volume_from_an_image_boots(cloud: Loopback, sdk: Any) -> None:
    volume = sdk.block_storage.create_volume(size=40, image_id=IMAGE, volume_type="SSD", availability_zone="az2-dc1")
    cloud.wait_built()
    shown = sdk.block_storage.get_volume(volume)
    assert (shown.is_bootable, shown.volume_image_metadata["image_id"]) == (True, IMAGE)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"size": 0}, exceptions.BadRequestException),
        ({"size": 1, "image_id": IMAGE}, exceptions.BadRequestException),
        ({"size": 1, "image_id": "no"}, exceptions.BadRequestException),
        ({"size": 1, "volume_type": "no"}, exceptions.NotFoundException),
        ({"size": 1, "snapshot_id": "no"}, exceptions.NotFoundException),
        ({"size": 1, "availability_zone": "mars"}, exceptions.BadRequestException),
        ({"size": 1_000_000}, exceptions.HttpException),
    ],
)
def test_a_volume_that_cannot_be(sdk: Any, given: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        sdk.block_storage.create_volume(**given)
    assert len(list(sdk.block_storage.volumes())) == 2


def test_types_zones_and_quotas(sdk: Any) -> None:
    assert {one.name for one in sdk.block_storage.types()} == {"SAS", "SSD", "SATA", "dsware"}
    assert sdk.block_storage.find_type("SSD", ignore_missing=False).name == "SSD"
    limits = sdk.block_storage.get_limits().absolute
    assert (limits.total_volumes_used, limits.total_gigabytes_used) == (2, 100)


def test_images_are_found_by_id_and_by_name(sdk: Any) -> None:
    assert sdk.image.find_image("ubuntu-24.04").id == IMAGE
    assert sdk.image.get_image(IMAGE).min_disk == 40
    assert [one.name for one in sdk.image.images(limit=2)][:3] == ["debian-12", "centos-stream-10", "rocky-10"]
    assert len(list(sdk.image.images(limit=2))) == 5
    with pytest.raises(exceptions.NotFoundException):
        sdk.image.get_image("f0000000-0000-4000-8000-000000000000")
