"""Compute, as openstacksdk sees it over real HTTP."""

from collections.abc import Callable
from typing import Any

import pytest
from openstack import exceptions

from sandbox.testing import Loopback

# openstacksdk warns of its own inside, whatever one asks of it.
pytestmark = [
    pytest.mark.filterwarnings("ignore::openstack.warnings.RemovedInSDK50Warning"),
    pytest.mark.filterwarnings("ignore::openstack.warnings.RemovedInSDK60Warning"),
    pytest.mark.filterwarnings("ignore::openstack.warnings.RemovedFieldWarning"),
]

IMAGE = "24040000-0000-4000-8000-000000000001"
NETWORK = "79a68cef-0936-4e21-b1f4-b800ecb70246"
SECRET = "Correct-Horse-7"


def make(cloud: Loopback, sdk: Any, name: str = "web", **more: Any) -> Any:
    given = {"flavor_id": "s3.medium", "availability_zone": "az1-dc1", "networks": [{"uuid": NETWORK}], **more}
    if "block_device_mapping" not in given:
        given["image_id"] = given.get("image_id", IMAGE)
    server = sdk.compute.create_server(name=name, **given)
    assert sdk.compute.get_server(server).status == "BUILD"
    cloud.wait_built()
    return sdk.compute.get_server(server)


def test_the_life_of_a_server(cloud: Loopback, sdk: Any) -> None:
    server = make(cloud, sdk, key_name="test", metadata={"a": "1"}, admin_password=SECRET)
    assert (server.status, server.vm_state, server.power_state) == ("ACTIVE", "active", 1)
    assert server.flavor.original_name == "s3.medium"
    (port,) = sdk.network.ports(device_id=server.id)
    assert server.addresses["net-store"][0]["addr"] == port.fixed_ips[0]["ip_address"]
    assert (port.status, port.device_owner) == ("ACTIVE", "compute:az1-dc1")

    assert sdk.compute.update_server(server, name="web-2").name == "web-2"
    sdk.compute.set_server_metadata(server, b="2")
    sdk.compute.delete_server_metadata(sdk.compute.get_server(server), ["a"])
    assert sdk.compute.get_server(server).metadata == {"b": "2"}
    sdk.compute.change_server_password(server, "other")

    for act, status in (
        (sdk.compute.stop_server, "SHUTOFF"),
        (sdk.compute.start_server, "ACTIVE"),
        (lambda one: sdk.compute.reboot_server(one, "HARD"), "ACTIVE"),
        (sdk.compute.pause_server, "PAUSED"),
        (sdk.compute.unpause_server, "ACTIVE"),
        (sdk.compute.suspend_server, "SUSPENDED"),
        (sdk.compute.resume_server, "ACTIVE"),
        (sdk.compute.shelve_server, "SHELVED_OFFLOADED"),
        (sdk.compute.unshelve_server, "ACTIVE"),
    ):
        act(server)
        assert sdk.compute.get_server(server).task_state is not None
        cloud.wait_built()
        assert sdk.compute.get_server(server).status == status

    sdk.compute.delete_server(server)
    assert sdk.compute.find_server(server.id) is None
    assert list(sdk.network.ports(device_id=server.id)) == []
    assert [volume.name for volume in sdk.block_storage.volumes()] == ["data-disk", "system-disk"]


def test_resize_confirm_and_revert(cloud: Loopback, sdk: Any) -> None:
    server = make(cloud, sdk)
    for finish, flavor in (
        (sdk.compute.revert_server_resize, "s3.medium"),
        (sdk.compute.confirm_server_resize, "s3.xlarge.2"),
    ):
        sdk.compute.resize_server(server, "s3.xlarge.2")
        assert sdk.compute.get_server(server).status == "RESIZE"
        cloud.wait_built()
        assert sdk.compute.get_server(server).status == "VERIFY_RESIZE"
        finish(server)
        cloud.wait_built()
        now = sdk.compute.get_server(server)
        assert (now.status, now.flavor.original_name) == ("ACTIVE", flavor)


def test_rebuild_replaces_the_image(cloud: Loopback, sdk: Any) -> None:
    server = make(cloud, sdk)
    other = "6b344c54-d606-4e1a-a99e-a7d0250c3d14"
    sdk.compute.rebuild_server(server, image=other, admin_password=SECRET)
    assert sdk.compute.get_server(server).status == "REBUILD"
    cloud.wait_built()
    assert (sdk.compute.get_server(server).status, sdk.compute.get_server(server).image.id) == ("ACTIVE", other)


@pytest.mark.parametrize(
    ("mapping", "size"),
    [
        ({"source_type": "image", "uuid": IMAGE, "volume_size": 50}, 50),
        ({"source_type": "snapshot", "uuid": "df51997d-ee35-4fb3-a372-e2ac933a6565"}, 40),
        ({"source_type": "volume", "uuid": "bd7e4f86-b004-4745-bea2-a55b1085f107"}, 40),
    ],
    ids=["image", "snapshot", "volume"],
)
def test_boot_from_a_disk(cloud: Loopback, sdk: Any, mapping: dict[str, Any], size: int) -> None:
    disk = {"destination_type": "volume", "boot_index": 0, "delete_on_termination": True, **mapping}
    blank = {"source_type": "blank", "destination_type": "volume", "boot_index": -1, "volume_size": 3}
    server = make(cloud, sdk, block_device_mapping=[disk, blank])
    assert (server.status, server.image) == ("ACTIVE", {})
    disks = [sdk.block_storage.get_volume(one.id) for one in server.attached_volumes]
    assert [(one.size, one.status, one.is_bootable) for one in disks] == [(size, "in-use", True), (3, "in-use", False)]
    assert [one.attachments[0]["device"] for one in disks] == ["/dev/vda", "/dev/vdb"]
    sdk.compute.delete_server(server)
    left = {one.id for one in sdk.block_storage.volumes()}
    # A disk that still has snapshots cannot go away with its server; the seed's bootable volume has one.
    assert (disks[0].id in left, disks[1].id in left) == (mapping["source_type"] == "volume", True)


def test_a_disk_is_attached_and_detached(cloud: Loopback, sdk: Any) -> None:
    server = make(cloud, sdk)
    volume = sdk.block_storage.create_volume(name="more", size=7, volume_type="SSD", availability_zone="az1-dc1")
    with pytest.raises(exceptions.BadRequestException, match="Currently in 'creating'"):
        sdk.compute.create_volume_attachment(server, volume_id=volume.id)
    cloud.wait_built()
    made = sdk.compute.create_volume_attachment(server, volume_id=volume.id)
    assert (made.device, sdk.block_storage.get_volume(volume).status) == ("/dev/vdb", "attaching")
    cloud.wait_built()
    assert sdk.block_storage.get_volume(volume).status == "in-use"
    assert {one.volume_id for one in sdk.compute.volume_attachments(server)} >= {volume.id}
    with pytest.raises(exceptions.BadRequestException, match="available or error"):
        sdk.block_storage.delete_volume(volume)
    sdk.compute.delete_volume_attachment(server, volume.id)
    assert sdk.block_storage.get_volume(volume).status == "available"


def test_nics_are_attached_and_detached(cloud: Loopback, sdk: Any) -> None:
    server = make(cloud, sdk)
    port = sdk.network.create_port(network_id="fd40e6f8-942d-4b4e-a7ae-465287b02a2c")
    sdk.compute.create_server_interface(server, port_id=port.id)
    made = sdk.compute.create_server_interface(server, net_id="51bead38-d1a3-4d08-be20-0970c24b7cab")
    assert set(sdk.compute.get_server(server).addresses) == {"net-store", "net-office", "net-batch"}
    assert len(list(sdk.compute.server_interfaces(server))) == 3
    for one in (port.id, made.port_id):
        sdk.compute.delete_server_interface(one, server=server)
    assert set(sdk.compute.get_server(server).addresses) == {"net-store"}
    # Nova made one of them and takes it away; the other one is the user's.
    assert (sdk.network.get_port(port.id).device_id, sdk.network.find_port(made.port_id)) == ("", None)


def test_security_groups_of_a_server(cloud: Loopback, sdk: Any) -> None:
    server = make(cloud, sdk, security_groups=[{"name": "name_xx5_sg"}])
    assert server.security_groups == [{"name": "name_xx5_sg"}]
    sdk.compute.add_security_group_to_server(server, sdk.network.find_security_group("default"))
    assert {one["name"] for one in sdk.compute.get_server(server).security_groups} == {"name_xx5_sg", "default"}
    sdk.compute.remove_security_group_from_server(server, sdk.network.find_security_group("name_xx5_sg"))
    assert sdk.compute.get_server(server).security_groups == [{"name": "default"}]


def test_an_existing_port_keeps_its_own_security_groups(cloud: Loopback, sdk: Any) -> None:
    port = sdk.network.create_port(network_id=NETWORK)
    server = make(cloud, sdk, networks=[{"port": port.id}], security_groups=[{"name": "name_xx5_sg"}])
    assert server.security_groups == [{"name": "default"}]
    with pytest.raises(exceptions.ConflictException, match="still in use"):
        make(cloud, sdk, "second", networks=[{"port": port.id}])
    sdk.compute.delete_server(server)
    assert sdk.network.get_port(port).device_id == ""


def test_anti_affinity_is_honoured_and_a_full_group_ends_in_error_with_a_fault(cloud: Loopback, sdk: Any) -> None:
    group = sdk.compute.create_server_group(name="apart", policies=["anti-affinity"])
    hints = {"group": group.id}
    count = cloud.world.settings.hosts
    hosts = [make(cloud, sdk, f"s{number}", scheduler_hints=hints).host_id for number in range(count)]
    assert len(set(hosts)) == cloud.world.settings.hosts
    late = make(cloud, sdk, "late", scheduler_hints={"group": group.id})
    assert (late.status, late.addresses) == ("ERROR", {})
    assert "No valid host was found" in late.fault["message"]
    assert len(sdk.compute.get_server_group(group).member_ids) == len(hosts) + 1
    sdk.compute.delete_server(late)
    assert len(list(sdk.network.ports(network_id=NETWORK))) == len(hosts)


def test_an_address_outside_of_the_subnet_ends_in_error_and_leaves_nothing(cloud: Loopback, sdk: Any) -> None:
    server = make(cloud, sdk, networks=[{"uuid": NETWORK, "fixed_ip": "10.1.1.1"}])
    assert (server.status, "is not a valid ip address for network" in server.fault["message"]) == ("ERROR", True)
    assert list(sdk.network.ports(network_id=NETWORK)) == []
    assert len(list(sdk.block_storage.volumes())) == 2


def test_server_groups_speak_both_dialects(cloud: Loopback) -> None:
    path = "/compute/v2.1/os-server-groups"
    old = cloud.ask("POST", path, {"server_group": {"name": "old", "policies": ["anti-affinity"]}})
    assert old.body["server_group"]["policies"] == ["anti-affinity"]
    assert cloud.ask("POST", path, {"server_group": {"name": "new", "policy": "anti-affinity"}}).status == 400
    assert cloud.ask("GET", path, version="2.64").status == 406


def test_server_groups_from_2_64_have_one_policy(community: Loopback) -> None:
    path = "/compute/v2.1/os-server-groups"
    body = {"server_group": {"name": "new", "policy": "anti-affinity", "rules": {"max_server_per_host": 2}}}
    made = community.ask("POST", path, body, version="2.64")
    assert made.body["server_group"]["policy"] == "anti-affinity"
    assert made.body["server_group"]["rules"] == {"max_server_per_host": 2}


def test_quota_cuts_a_batch_and_refuses_below_the_minimum(cloud: Loopback, sdk: Any) -> None:
    sdk.compute.put(f"/os-quota-sets/{sdk.current_project_id}", json={"quota_set": {"instances": 2}})
    server = {"name": "b", "flavorRef": "s3.medium", "imageRef": IMAGE, "availability_zone": "az1-dc1"}
    server |= {"networks": [{"uuid": NETWORK}], "max_count": 5}
    refused = cloud.ask("POST", "/compute/v2.1/servers", {"server": server | {"min_count": 3}})
    assert (refused.status, "Quota exceeded for instances" in refused.body["forbidden"]["message"]) == (403, True)
    assert cloud.ask("POST", "/compute/v2.1/servers", {"server": server}).status == 202
    assert len(list(sdk.compute.servers())) == 2
    assert sdk.get_compute_limits().total_instances_used == 2


def test_cores_are_counted_and_given_back(cloud: Loopback, sdk: Any) -> None:
    server = make(cloud, sdk)
    sdk.compute.put(f"/os-quota-sets/{sdk.current_project_id}", json={"quota_set": {"cores": 2}})
    with pytest.raises(exceptions.ForbiddenException, match="cores"):
        sdk.compute.resize_server(server, "s3.xlarge.2")
    make(cloud, sdk, "second")
    with pytest.raises(exceptions.ForbiddenException, match="cores"):
        make(cloud, sdk, "third")
    sdk.compute.delete_server(server)
    make(cloud, sdk, "third")


def test_key_pairs(sdk: Any) -> None:
    made = sdk.compute.create_keypair(name="mine")
    assert made.private_key.startswith("-----BEGIN OPENSSH PRIVATE KEY-----")
    assert made.public_key.startswith("ssh-ed25519 ")
    kept = sdk.compute.get_keypair("mine")
    assert (kept.fingerprint, kept.private_key) == (made.fingerprint, None)
    with pytest.raises(exceptions.ConflictException):
        sdk.compute.create_keypair(name="mine", public_key=made.public_key)
    with pytest.raises(exceptions.BadRequestException):
        sdk.compute.create_keypair(name="bad", public_key="ssh-rsa")
    sdk.compute.delete_keypair("mine")
    assert [one.name for one in sdk.compute.keypairs()] == ["test"]


def test_flavors_zones_and_limits(sdk: Any) -> None:
    flavor = sdk.compute.find_flavor("s3.xlarge.2", get_extra_specs=True)
    assert (flavor.vcpus, flavor.ram, flavor.extra_specs["resource_type"]) == (4, 8192, "IOoptimizedS3")
    assert {one.name for one in sdk.compute.availability_zones()} == {"az1-dc1", "az2-dc1", "az1.dc1"}
    assert sdk.compute.get_limits().absolute.instances == 200


def test_tags_and_a_listing_in_pages(cloud: Loopback, sdk: Any) -> None:
    servers = [make(cloud, sdk, f"s{number}") for number in range(5)]
    sdk.compute.add_tag_to_server(servers[0], "blue")
    assert sdk.compute.get_server(servers[0]).tags == ["blue"]
    assert [one.name for one in sdk.compute.servers(tags="blue")] == ["s0"]
    assert [one.name for one in sdk.compute.servers(limit=2)] == ["s4", "s3", "s2", "s1", "s0"]
    assert [one.name for one in sdk.compute.servers(name="s[13]")] == ["s3", "s1"]
    assert list(sdk.compute.servers(status="SHUTOFF")) == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"flavor_id": "no-such"}, "Flavor no-such could not be found"),
        ({"image_id": "f0000000-0000-4000-8000-000000000000"}, "Can not find requested image"),
        ({"key_name": "no-such"}, "Invalid key_name provided"),
        ({"availability_zone": "mars"}, "The requested availability zone is not available"),
        ({"security_groups": [{"name": "no-such"}]}, "Unable to find security_group with name or id 'no-such'"),
        ({"networks": [{"uuid": IMAGE}]}, "could not be found"),
        ({"networks": [{"port": IMAGE}]}, "could not be found"),
        ({"networks": [{"uuid": "no-uuid"}]}, "network uuid is not in proper format"),
        ({"scheduler_hints": {"group": IMAGE}}, "Instance group"),
        ({"user_data": "no base64!"}, "ECS-111"),
    ],
)
def test_what_is_not_there_is_named(cloud: Loopback, sdk: Any, change: dict[str, Any], message: str) -> None:
    with pytest.raises(exceptions.BadRequestException, match=message):
        make(cloud, sdk, **change)
    assert list(sdk.compute.servers()) == []


def test_a_server_that_is_built_cannot_be_changed_yet(cloud: Loopback, sdk: Any) -> None:
    server = sdk.compute.create_server(
        name="w", flavor_id="s3.medium", image_id=IMAGE, availability_zone="az1-dc1", networks=[{"uuid": NETWORK}]
    )
    with pytest.raises(exceptions.ConflictException, match="vm_state building"):
        sdk.compute.set_server_metadata(server, a="b")
    with pytest.raises(exceptions.ConflictException, match="vm_state building"):
        sdk.compute.stop_server(server)
    sdk.compute.delete_server(server)


def test_beside_a_boot_disk_on_the_host_a_data_disk_has_the_second_name(
    community: Loopback, body: Callable[..., Any]
) -> None:
    boot = {"source_type": "image", "destination_type": "local", "uuid": IMAGE, "boot_index": 0}
    blank = {"source_type": "blank", "destination_type": "volume", "boot_index": -1, "volume_size": 3}
    made = community.ask("POST", "/compute/v2.1/servers", body(block_device_mapping_v2=[boot, blank]))
    assert made.status == 202, made.body
    path = f"/compute/v2.1/servers/{made.body['server']['id']}/os-volume_attachments"
    assert [one["device"] for one in community.ask("GET", path).body["volumeAttachments"]] == ["/dev/vdb"]


def test_a_resize_without_room_elsewhere_leaves_the_server_as_it_was(cloud: Loopback, body: Callable[..., Any]) -> None:
    group = {"server_group": {"name": "apart", "policies": ["anti-affinity"]}}
    group_id = cloud.ask("POST", "/compute/v2.1/os-server-groups", group).body["server_group"]["id"]
    servers = []
    for place in range(cloud.world.settings.hosts):
        made = cloud.ask("POST", "/compute/v2.1/servers", body({"group": group_id}, name=f"web-{place}"))
        servers.append(made.body["server"]["id"])
    cloud.wait_built()

    def resized(server_id: str) -> tuple[str, str]:
        path = f"/compute/v2.1/servers/{server_id}"
        assert cloud.ask("POST", f"{path}/action", {"resize": {"flavorRef": "2"}}).status == 202
        cloud.wait_built()
        shown = cloud.ask("GET", path).body["server"]
        return shown["status"], shown["flavor"]["id"]

    assert resized(servers[0]) == ("ACTIVE", "s3.medium")
    cloud.ask("DELETE", f"/compute/v2.1/servers/{servers[1]}")
    assert resized(servers[0]) == ("VERIFY_RESIZE", "2")
