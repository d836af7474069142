"""The native resources of our provider as server requests: the document's words, their author's paths, and a component's."""

from __future__ import annotations

import pytest

from policy.forms import FORMS
from policy.masking import Masked
from policy.testing import ABSENT, UNKNOWN, Resource, native, native_batch
from policy.view import Request

BOOT = {"source_type": "image", "uuid": "i", "volume_size": 40, "delete_on_termination": True}
DATA = {"name": "data", "source_type": "volume", "uuid": "v", "delete_on_termination": False}


def read(resource: Resource) -> Request:
    return FORMS[resource.type](resource.inputs)


def test_an_image_is_no_disk() -> None:
    request = read(native())
    assert request.server.value("imageRef")
    assert not request.server.given("block_device_mapping_v2")
    assert request.server.path_of("imageRef") == "imageRef"
    assert list(request.server.each("block_device_mapping_v2")) == []


def test_a_boot_disk_and_data_disks_are_the_disks_of_the_document() -> None:
    request = read(native(imageRef=ABSENT, boot=BOOT, disks=[DATA]))
    boot, data = request.server.each("block_device_mapping_v2")
    assert [boot.value(key) for key in ("boot_index", "destination_type", "volume_size")] == [0, "volume", 40]
    assert [data.value(key) for key in ("boot_index", "destination_type", "name")] == [-1, "volume", "data"]
    assert (boot.path_of("uuid"), data.path_of("uuid")) == ("boot.uuid", "disks[0].uuid")
    assert request.attaches
    assert not request.raw


@pytest.mark.parametrize(
    ("boots", "path", "spelled"),
    [
        (True, "boot.uuid", "server.block_device_mapping_v2[0].uuid"),
        (True, "boot", "server.block_device_mapping_v2[0]"),
        (True, "disks[0].uuid", "server.block_device_mapping_v2[1].uuid"),
        (False, "disks[0].uuid", "server.block_device_mapping_v2[0].uuid"),
        (False, "disks[12]", "server.block_device_mapping_v2[12]"),
        (True, "disks", "server.block_device_mapping_v2"),
        (True, "flavorRef", "server.flavorRef"),
        (True, "networks[1].port", "server.networks[1].port"),
        (False, "scheduler_hints.group", "os:scheduler_hints.group"),
        (False, "scheduler_hints", "os:scheduler_hints"),
    ],
)
def test_a_components_author_is_told_the_components_path(boots: bool, path: str, spelled: str) -> None:
    request = read(native(imageRef=ABSENT, boot=BOOT) if boots else native())
    assert request.in_document(path) == spelled


def test_what_is_not_known_yet_is_named_where_it_was_written() -> None:
    request = read(native(imageRef=ABSENT, boot=UNKNOWN, disks=UNKNOWN))
    boot, data = request.server.each("block_device_mapping_v2")
    assert (boot.path, boot.unknown) == ("boot", True)
    assert (data.path, data.unknown) == ("disks", True)
    (one,) = read(native(disks=[UNKNOWN])).server.each("block_device_mapping_v2")
    assert (one.path, one.unknown) == ("disks[0]", True)
    assert read(native(scheduler_hints=UNKNOWN)).hints.unknown


def test_hints_and_security_groups_are_read() -> None:
    request = read(native(scheduler_hints={"tenancy": "shared"}, security_groups=["web"]))
    assert (request.hints.value("tenancy"), request.hints.path_of("tenancy")) == ("shared", "scheduler_hints.tenancy")
    assert request.server.value("security_groups") == [{"name": "web"}]


def test_what_the_provider_alone_goes_by_is_no_field_of_the_server() -> None:
    keys = read(native(power_state="shutoff", tags=["a"])).server.all_keys()
    assert not {"power_state", "tags", "on_failure", "on_image_change", "deletion_protection", "consent"} & set(keys)


def test_a_batch_asks_for_its_reservation() -> None:
    request = read(native_batch(min_count=2, max_count=5, remove=["web-1"]))
    assert [request.server.value(key) for key in ("min_count", "max_count", "return_reservation_id")] == [2, 5, True]
    assert not request.attaches
    assert "remove" not in request.server.all_keys()


def test_secrets_are_masked() -> None:
    request = read(native(adminPass="hunter2-hunter2", user_data="aHVudGVyMg==", metadata={"admin_pass": "hunter3"}))
    seen = [request.server.value("adminPass"), request.server.value("user_data")]
    seen.append(request.server.at("metadata").value("admin_pass"))
    assert all(isinstance(value, Masked) for value in seen)
    assert request.server.at("metadata").path_of("admin_pass") == "metadata.admin_pass"


def test_the_inputs_are_left_as_they_were() -> None:
    resource = native(adminPass="hunter2", metadata={"admin_pass": "hunter3"}, disks=[DATA])
    read(resource)
    assert (resource.inputs["adminPass"], resource.inputs["metadata"]) == ("hunter2", {"admin_pass": "hunter3"})
    assert resource.inputs["disks"] == [DATA]
