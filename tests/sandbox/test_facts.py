"""What a check reads before it lets a change through: flavors on sale, quotas and their use, who has a disk, a port, a group."""

from collections.abc import Callable
from typing import Any

import pytest

from sandbox import seed
from sandbox.testing import Loopback

# openstacksdk warns of its own inside, whatever one asks of it.
pytestmark = [
    pytest.mark.filterwarnings("ignore::openstack.warnings.RemovedInSDK50Warning"),
    pytest.mark.filterwarnings("ignore::openstack.warnings.RemovedInSDK60Warning"),
    pytest.mark.filterwarnings("ignore::openstack.warnings.RemovedFieldWarning"),
]

IMAGE = "24040000-0000-4000-8000-000000000001"
NETWORK = "79a68cef-0936-4e21-b1f4-b800ecb70246"
FLAVORS = "/compute/v2.1/flavors"
SERVERS = "/compute/v2.1/servers"
SYSTEM_DISK = "bd7e4f86-b004-4745-bea2-a55b1085f107"
DATA_DISK = "da7a0000-0002-4000-8000-000000000002"
SNAPSHOT = "df51997d-ee35-4fb3-a372-e2ac933a6565"
GENEVE = "9e1ee7e0-0004-4000-8000-000000000004"
PORT = "e730a11c-1a19-49cc-8797-cee2ad67af6f"
DEH = "d0000001-de40-4000-8000-000000000001"
ABANDONED = "s1.medium"
SOLD_OUT = "c3.xlarge"


def seeded(flavor: str) -> dict[str, str]:
    return next(one["extra_specs"] for one in seed.load()["flavor"] if one["id"] == flavor)


def states(cloud: Loopback, body: dict[str, Any]) -> tuple[int, str, str]:
    """How a creation is answered, how the server ends, and its fault."""
    made = cloud.ask("POST", SERVERS, body)
    if made.status != 202:
        return made.status, "", made.body["badRequest"]["message"]
    cloud.wait_built()
    shown = cloud.ask("GET", f"{SERVERS}/{made.body['server']['id']}").body["server"]
    return made.status, shown["status"], shown.get("fault", {}).get("message", "")


def test_a_flavor_that_is_no_longer_on_sale_is_refused(cloud: Loopback, body: Callable[..., Any]) -> None:
    status, _, message = states(cloud, body(flavorRef=ABANDONED))
    assert status == 400
    assert message == "the flavor s1.medium is no longer on sale in az1-dc1 (its status there is abandon)."
    assert cloud.ask("GET", SERVERS).body["servers"] == []


@pytest.mark.parametrize(
    ("zone", "state", "fault"),
    [
        ("az1-dc1", "ERROR", "No valid host was found. There are not enough hosts available."),
        ("az2-dc1", "ACTIVE", ""),
        ("az1.dc1", "ACTIVE", ""),
    ],
)
def test_a_flavor_that_is_sold_out_finds_no_host_in_that_zone_only(
    cloud: Loopback, body: Callable[..., Any], zone: str, state: str, fault: str
) -> None:
    assert states(cloud, body(flavorRef=SOLD_OUT, availability_zone=zone)) == (202, state, fault)
    left = [one for one in cloud.world.store.all("volume") if one["id"] not in (SYSTEM_DISK, DATA_DISK)]
    assert len(left) == (state == "ACTIVE"), "an ECS that got no host leaves no disk behind"


def test_the_status_of_a_zone_wins_over_that_of_the_region(cloud: Loopback, body: Callable[..., Any]) -> None:
    flavor = cloud.world.store.get("flavor", ABANDONED)
    assert flavor is not None
    zones = flavor["extra_specs"] | {"cond:operation:az": "az1-dc1(normal), az2-dc1(obt)"}
    cloud.world.store.save("flavor", flavor | {"extra_specs": zones})
    answers = [
        states(cloud, body(flavorRef=ABANDONED, availability_zone=zone))[:2]
        for zone in ("az1-dc1", "az2-dc1", "az1.dc1")
    ]
    assert answers == [(202, "ACTIVE"), (202, "ACTIVE"), (400, "")]


def test_a_dedicated_host_is_bought_already(cloud: Loopback, body: Callable[..., Any]) -> None:
    hints = {"tenancy": "dedicated", "dedicated_host_id": DEH}
    assert states(cloud, body(hints, flavorRef=SOLD_OUT))[:2] == (202, "ACTIVE")


@pytest.mark.parametrize("flavor", [ABANDONED, SOLD_OUT])
def test_plain_nova_sells_what_it_has(community: Loopback, body: Callable[..., Any], flavor: str) -> None:
    assert states(community, body(flavorRef=flavor))[:2] == (202, "ACTIVE")


@pytest.mark.parametrize(("old", "new", "status"), [("s3.medium", ABANDONED, 400), ("c3.2xlarge", SOLD_OUT, 202)])
def test_a_resize_to_what_is_not_on_sale_leaves_the_server_as_it_was(
    cloud: Loopback, body: Callable[..., Any], old: str, new: str, status: int
) -> None:
    server = cloud.ask("POST", SERVERS, body(flavorRef=old)).body["server"]["id"]
    cloud.wait_built()
    asked = cloud.ask("POST", f"{SERVERS}/{server}/action", {"resize": {"flavorRef": new}})
    cloud.wait_built()
    shown = cloud.ask("GET", f"{SERVERS}/{server}").body["server"]
    assert (asked.status, shown["status"], shown["flavor"]["id"]) == (status, "ACTIVE", old)


@pytest.mark.parametrize("flavor", [ABANDONED, SOLD_OUT, "physical.s3.large"])
def test_the_extra_specs_of_a_flavor(cloud: Loopback, sdk: Any, flavor: str) -> None:
    assert cloud.ask("GET", f"{FLAVORS}/{flavor}/os-extra_specs").body == {"extra_specs": seeded(flavor)}
    assert sdk.compute.fetch_flavor_extra_specs(flavor).extra_specs == seeded(flavor)
    found = {one.id: one.extra_specs for one in sdk.compute.flavors(get_extra_specs=True)}
    assert found[flavor] == seeded(flavor)


def test_newer_clouds_show_extra_specs_with_the_flavor(cloud: Loopback) -> None:
    assert "extra_specs" not in cloud.ask("GET", f"{FLAVORS}/{SOLD_OUT}", version="2.60").body["flavor"]
    assert cloud.ask("GET", f"{FLAVORS}/{SOLD_OUT}", version="2.61").status == 406
    cloud.control("PATCH", "/sandbox/settings", {"max_microversion": "2.61"})
    one = cloud.ask("GET", f"{FLAVORS}/{SOLD_OUT}", version="2.61").body["flavor"]
    listed = cloud.ask("GET", f"{FLAVORS}/detail", version="2.61").body["flavors"]
    assert one["extra_specs"] == seeded(SOLD_OUT)
    assert {flavor["id"]: flavor["extra_specs"] for flavor in listed}[ABANDONED] == seeded(ABANDONED)


def test_what_is_used_of_the_quota_of_servers(cloud: Loopback, sdk: Any, body: Callable[..., Any]) -> None:
    limits = seed.load()["quota"]["compute"]
    for _ in range(2):
        cloud.ask("POST", SERVERS, body(flavorRef="s3.xlarge.2"))
    used = {"instances": 2, "cores": 8, "ram": 16384}

    detail = cloud.ask("GET", f"/compute/v2.1/os-quota-sets/{cloud.world.project_id}/detail").body["quota_set"]
    assert {key: detail[key] for key in used} == {
        key: {"limit": limits[key], "in_use": value, "reserved": 0} for key, value in used.items()
    }
    read = sdk.compute.get_quota_set(cloud.world.project_id, usage=True)
    assert (read.instances, read.cores, read.ram) == (limits["instances"], limits["cores"], limits["ram"])
    assert {key: read.usage[key] for key in used} == used

    absolute = sdk.compute.get_limits().absolute
    assert (absolute.instances, absolute.total_cores, absolute.total_ram) == (200, 400, 1638400)
    assert (absolute.instances_used, absolute.total_cores_used, absolute.total_ram_used) == (2, 8, 16384)
    assert (absolute.server_groups, absolute.server_groups_used) == (50, 0)


def test_a_changed_quota_is_told(cloud: Loopback, sdk: Any, body: Callable[..., Any]) -> None:
    cloud.control("PATCH", "/sandbox/settings", {"quota": {"instances": 1, "gigabytes": 145}})
    cloud.ask("POST", SERVERS, body())
    absolute = sdk.compute.get_limits().absolute
    assert (absolute.instances, absolute.instances_used) == (1, 1)
    assert sdk.block_storage.get_limits().absolute.max_total_volume_gigabytes == 145


def test_what_is_used_of_the_quota_of_disks(cloud: Loopback, sdk: Any, body: Callable[..., Any]) -> None:
    limits = seed.load()["quota"]["volume"]
    cloud.ask("POST", SERVERS, body())
    cloud.wait_built()
    sizes = 40 + 10  # the seed's disks; their snapshots are as large
    used = {"volumes": 3, "snapshots": 2, "gigabytes": 2 * sizes + 40}

    path = f"/volume/v3/{cloud.world.project_id}/os-quota-sets/{cloud.world.project_id}?usage=True"
    detail = cloud.ask("GET", path).body["quota_set"]
    assert {key: detail[key] for key in used} == {
        key: {"limit": limits[key], "in_use": value, "reserved": 0} for key, value in used.items()
    }
    assert detail["volumes_SATA"] == {"limit": -1, "in_use": 1, "reserved": 0}
    assert detail["gigabytes_SATA"]["in_use"] == 40
    read = sdk.block_storage.get_quota_set(cloud.world.project_id, usage=True)
    assert (read.volumes, read.gigabytes, read.snapshots) == tuple(
        limits[key] for key in ("volumes", "gigabytes", "snapshots")
    )
    assert {key: read.usage[key] for key in used} == used

    absolute = sdk.block_storage.get_limits().absolute
    assert (absolute.max_total_volumes, absolute.total_volumes_used) == (400, 3)
    assert (absolute.max_total_volume_gigabytes, absolute.total_gigabytes_used) == (20000, used["gigabytes"])


def test_the_snapshots_of_one_disk(cloud: Loopback, sdk: Any) -> None:
    path = f"/volume/v3/{cloud.world.project_id}/snapshots/detail?volume_id={SYSTEM_DISK}"
    assert [one["id"] for one in cloud.ask("GET", path).body["snapshots"]] == [SNAPSHOT]
    found = list(sdk.block_storage.snapshots(volume_id=SYSTEM_DISK))
    assert [(one.id, one.volume_id, one.size, one.status) for one in found] == [
        (SNAPSHOT, SYSTEM_DISK, 40, "available")
    ]
    assert list(sdk.block_storage.snapshots(volume_id=IMAGE)) == []


def test_what_a_disk_is_and_who_has_it(cloud: Loopback, sdk: Any, body: Callable[..., Any]) -> None:
    boot, data = (sdk.block_storage.get_volume(one) for one in (SYSTEM_DISK, DATA_DISK))
    assert [(one.is_bootable, one.availability_zone, one.attachments, one.status) for one in (boot, data)] == [
        (True, "az1-dc1", [], "available"),
        (False, "az1-dc1", [], "available"),
    ]
    source = {"source_type": "volume", "destination_type": "volume", "uuid": SYSTEM_DISK, "boot_index": 0}
    made = cloud.ask("POST", SERVERS, body(imageRef=None, block_device_mapping_v2=[source]))
    cloud.wait_built()
    shown = sdk.block_storage.get_volume(SYSTEM_DISK)
    assert (shown.status, [one["server_id"] for one in shown.attachments]) == (
        "in-use",
        [made.body["server"]["id"]],
    )


def test_who_has_a_port_and_of_what_type_its_network_is(cloud: Loopback, sdk: Any, body: Callable[..., Any]) -> None:
    free = sdk.network.get_port(PORT)
    assert (free.device_id, free.device_owner) == ("", "")
    server = cloud.ask("POST", SERVERS, body(networks=[{"port": PORT}])).body["server"]["id"]
    taken = sdk.network.get_port(PORT)
    assert (taken.device_id, taken.device_owner) == (server, "compute:az1-dc1")

    types = [sdk.network.get_network(one).provider_network_type for one in (GENEVE, NETWORK)]
    assert types == ["geneve", "vxlan"]
    listed = {one.id: one.provider_network_type for one in sdk.network.networks()}
    assert listed[GENEVE] == "geneve"


def test_the_policy_of_a_server_group_by_microversion(cloud: Loopback, sdk: Any) -> None:
    asked = {"server_group": {"name": "apart", "policies": ["anti-affinity"]}}
    group = cloud.ask("POST", "/compute/v2.1/os-server-groups", asked).body["server_group"]["id"]
    path = f"/compute/v2.1/os-server-groups/{group}"
    assert cloud.ask("GET", path).body["server_group"]["policies"] == ["anti-affinity"]
    assert sdk.compute.get_server_group(group).policies == ["anti-affinity"]

    cloud.control("PATCH", "/sandbox/settings", {"max_microversion": "2.64"})
    new = cloud.ask("GET", path, version="2.64").body["server_group"]
    assert (new["policy"], new["rules"], "policies" in new) == ("anti-affinity", {}, False)
