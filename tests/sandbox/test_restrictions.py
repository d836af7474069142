"""Every documented restriction: refused with its id by the profile `ecs`, and what plain Nova says to the same."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from sandbox.nova.restrictions import BY_REQUEST
from sandbox.testing import Loopback

IMAGE = "24040000-0000-4000-8000-000000000001"
VOLUME = "bd7e4f86-b004-4745-bea2-a55b1085f107"
DATA_VOLUME = "da7a0000-0002-4000-8000-000000000002"
SNAPSHOT = "df51997d-ee35-4fb3-a372-e2ac933a6565"
DATA_SNAPSHOT = "da7a0000-5a00-4000-8000-000000000003"
NETWORK = "79a68cef-0936-4e21-b1f4-b800ecb70246"
GENEVE = "9e1ee7e0-0004-4000-8000-000000000004"
PORT = "e730a11c-1a19-49cc-8797-cee2ad67af6f"
GROUP = "00000000-0000-4000-8000-000000000000"
DEH = "d0000001-de40-4000-8000-000000000001"

BOOT = {"source_type": "image", "destination_type": "volume", "uuid": IMAGE, "boot_index": 0, "volume_size": 40}
BLANK = {"source_type": "blank", "destination_type": "volume", "volume_size": 1, "boot_index": -1}

SNAPSHOT_BOOT = {"source_type": "snapshot", "destination_type": "volume", "uuid": SNAPSHOT, "boot_index": 0}


def boot(**changes: Any) -> dict[str, Any]:
    return {key: value for key, value in {**BOOT, **changes}.items() if value is not None}


def blank(**changes: Any) -> dict[str, Any]:
    return {key: value for key, value in {**BLANK, **changes}.items() if value is not None}


Case = tuple[str, dict[str, Any], dict[str, Any] | None, str, int]

# restriction, what changes in a create call that works, its hints, the microversion, what plain Nova answers
CASES: list[Case] = [
    ("ECS-101", {"name": ""}, None, "2.1", 400),
    ("ECS-101", {"name": "n" * 256}, None, "2.1", 400),
    ("ECS-102", {"flavorRef": None}, None, "2.1", 400),
    ("ECS-102", {"flavorRef": "/"}, None, "2.1", 400),
    ("ECS-102", {"flavorRef": 2.5}, None, "2.1", 400),
    ("ECS-103", {"availability_zone": None}, None, "2.1", 202),
    ("ECS-103", {"availability_zone": 7}, None, "2.1", 400),
    ("ECS-104", {"imageRef": None}, None, "2.1", 400),
    ("ECS-104", {"block_device_mapping_v2": [boot()]}, None, "2.1", 202),
    ("ECS-104", {"imageRef": None, "block_device_mapping_v2": [blank(boot_index=0)]}, None, "2.1", 202),
    ("ECS-105", {"config_drive": True}, None, "2.1", 202),
    ("ECS-105", {"config_drive": "True"}, None, "2.1", 202),
    ("ECS-106", {"OS-DCF:diskConfig": "AUTO"}, None, "2.1", 202),
    ("ECS-107", {"auto_terminate_time": "2030-09-25T12:05:00Z"}, None, "2.1", 400),
    ("ECS-108", {"description": "x"}, None, "2.18", 400),
    ("ECS-108", {"description": "d" * 256}, None, "2.19", 400),
    ("ECS-111", {"user_data": "#!/bin/sh"}, None, "2.1", 202),
    ("ECS-111", {"user_data": "e A=="}, None, "2.1", 202),
    ("ECS-112", {"personality": [{"path": "/etc/x", "contents": "*"}]}, None, "2.1", 202),
    ("ECS-113", {"availability_zone": "az1-dc1:host-1"}, None, "2.1", 403),
    ("ECS-113", {"hypervisor_hostname": "host-1"}, None, "2.1", 400),
    ("ECS-113", {"OS-EXT-SRV-ATTR:host": "host-1"}, None, "2.1", 400),
    ("ECS-113", {}, {"force_hosts": "host-1"}, "2.1", 202),
    ("ECS-113", {}, {"query": ["=", "$host", "host-1"]}, "2.1", 202),
    ("ECS-114", {"publicip": {"id": "x"}}, None, "2.1", 400),
    ("ECS-116", {"extendparam": {"marketType": "spot"}}, None, "2.1", 400),
    ("ECS-117", {"extendparam": {"chargingMode": "prePaid"}}, None, "2.1", 400),
    ("ECS-118", {"metadata": {"k": 1}}, None, "2.1", 400),
    ("ECS-118", {"metadata": {"k": "v" * 256}}, None, "2.1", 400),
    ("ECS-201", {"block_device_mapping_v2": [blank(source_type="disk")]}, None, "2.1", 400),
    ("ECS-201", {"block_device_mapping_v2": "blank"}, None, "2.1", 400),
    ("ECS-201", {"block_device_mapping_v2": [blank(), "x"]}, None, "2.1", 400),
    ("ECS-202", {"imageRef": None, "block_device_mapping_v2": [boot(destination_type="local")]}, None, "2.1", 400),
    ("ECS-203", {"imageRef": None, "block_device_mapping_v2": [boot(), blank(guest_format="ext4")]}, None, "2.1", 202),
    ("ECS-205", {"imageRef": None, "block_device_mapping_v2": [boot(), blank(boot_index="1")]}, None, "2.1", 202),
    ("ECS-206", {"imageRef": None, "block_device_mapping_v2": [boot(), boot()]}, None, "2.1", 400),
    ("ECS-206", {"block_device_mapping_v2": [{"source_type": "volume", "uuid": DATA_VOLUME}]}, None, "2.1", 400),
    ("ECS-208", {"block_device_mapping_v2": [blank(volume_size=None)]}, None, "2.1", 400),
    ("ECS-208", {"imageRef": None, "block_device_mapping_v2": [boot(volume_size=None)]}, None, "2.1", 400),
    ("ECS-208", {"block_device_mapping_v2": [blank(volume_size=0)]}, None, "2.1", 400),
    ("ECS-210", {"imageRef": None, "block_device_mapping_v2": [boot(uuid=None)]}, None, "2.1", 400),
    ("ECS-210", {"imageRef": None, "block_device_mapping_v2": [boot(), blank(uuid=IMAGE)]}, None, "2.1", 400),
    ("ECS-301", {"networks": None}, None, "2.1", 409),
    ("ECS-301", {"networks": []}, None, "2.1", 409),
    ("ECS-301", {"networks": "none"}, None, "2.37", 202),
    ("ECS-302", {"networks": [{}]}, None, "2.1", 400),
    ("ECS-302", {"networks": [{"uuid": 7}]}, None, "2.1", 400),
    ("ECS-302", {"networks": ["x"]}, None, "2.1", 400),
    ("ECS-303", {"networks": [{"port": PORT, "fixed_ip": "192.168.10.9"}]}, None, "2.1", 400),
    ("ECS-401", {"min_count": "two"}, None, "2.1", 400),
    ("ECS-401", {"min_count": " 1 "}, None, "2.1", 400),
    ("ECS-401", {"min_count": 3, "max_count": 2}, None, "2.1", 400),
    ("ECS-401", {"min_count": 0}, None, "2.1", 400),
    ("ECS-402", {"imageRef": None, "block_device_mapping_v2": [SNAPSHOT_BOOT], "max_count": 2}, None, "2.1", 202),
    ("ECS-403", {"imageRef": None, "block_device_mapping_v2": [boot()], "min_count": "2"}, None, "2.1", 202),
    ("ECS-403", {"block_device_mapping_v2": [blank()], "max_count": 2}, None, "2.1", 400),
    ("ECS-404", {"return_reservation_id": "perhaps"}, None, "2.1", 400),
    ("ECS-405", {"networks": [{"port": PORT}], "max_count": 2}, None, "2.1", 400),
    ("ECS-405", {"networks": [{"uuid": NETWORK, "fixed_ip": "192.168.20.9"}], "max_count": 2}, None, "2.1", 400),
    ("ECS-501", {}, {"group": "my-group"}, "2.1", 400),
    ("ECS-501", {}, {"group": GROUP.replace("-", "")}, "2.1", 400),
    ("ECS-503", {}, {"different_host": [GROUP]}, "2.1", 202),
    ("ECS-503", {}, {"same_host": [GROUP]}, "2.1", 202),
    ("ECS-503", {}, {"cidr": "/24", "build_near_host_ip": "10.0.0.1"}, "2.1", 202),
    ("ECS-504", {}, {"tenancy": "alone"}, "2.1", 202),
    ("ECS-505", {}, {"tenancy": "shared", "dedicated_host_id": GROUP}, "2.1", 202),
    ("ECS-505", {}, {"dedicated_host_id": GROUP}, "2.1", 202),
    # decided by what the sandbox knows
    ("ECS-115", {"imageRef": "f0110000-0000-4000-8000-000000000002"}, None, "2.1", 202),
    (
        "ECS-207",
        {
            "imageRef": None,
            "block_device_mapping_v2": [{"source_type": "snapshot", "uuid": DATA_SNAPSHOT, "boot_index": 0}],
        },
        None,
        "2.1",
        202,
    ),
    (
        "ECS-212",
        {
            "imageRef": None,
            "availability_zone": "az2-dc1",
            "block_device_mapping_v2": [{"source_type": "volume", "uuid": VOLUME, "boot_index": 0}],
        },
        None,
        "2.1",
        202,
    ),
    (
        "ECS-216",
        {"flavorRef": "physical.s3.large", "imageRef": None, "block_device_mapping_v2": [boot()]},
        None,
        "2.1",
        202,
    ),
    ("ECS-305", {"networks": [{"uuid": GENEVE}]}, None, "2.1", 202),
    ("ECS-506", {"flavorRef": "physical.s3.large"}, {"tenancy": "shared"}, "2.1", 202),
]
NAMES = [f"{number} {sorted(changes)} {sorted(hints or {})}" for number, changes, hints, _, _ in CASES]


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_the_ecs_profile_refuses_it_with_its_id_and_makes_nothing(
    cloud: Loopback, body: Callable[..., Any], case: Case
) -> None:
    number, changes, hints, version, _ = case
    reply = cloud.ask("POST", "/compute/v2.1/servers", body(hints, **changes), version=version)
    assert reply.status == 400, reply.body
    assert reply.body["badRequest"]["code"] == 400
    assert f"[{number}]" in reply.body["badRequest"]["message"]
    assert cloud.ask("GET", "/compute/v2.1/servers").body["servers"] == []
    assert len(cloud.world.store.all("volume")) == 2
    assert len(cloud.world.store.all("port")) == 1


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_plain_nova_does_not_know_the_restriction(community: Loopback, body: Callable[..., Any], case: Case) -> None:
    _, changes, hints, version, plain = case
    reply = community.ask("POST", "/compute/v2.1/servers", body(hints, **changes), version=version)
    assert reply.status == plain, reply.body
    assert "[ECS-" not in str(reply.body)


@pytest.mark.parametrize(
    ("changes", "only"),
    [
        pytest.param(
            {"imageRef": None, "block_device_mapping_v2": [{"source_type": "volume", "uuid": VOLUME}]},
            "ECS-206",
            id="nothing boots beside a volume",
        ),
        pytest.param({"networks": [{"fixed_ip": "192.168.20.9"}]}, "ECS-303", id="an address alone"),
        pytest.param(
            {"imageRef": None, "block_device_mapping_v2": [SNAPSHOT_BOOT], "max_count": 2},
            "ECS-402",
            id="a batch of disks",
        ),
        pytest.param({"block_device_mapping_v2": [blank()], "max_count": 2}, "ECS-403", id="a batch with disks"),
        pytest.param({"availability_zone": ["az1-dc1:host-1"]}, "ECS-103", id="a list that quotes a host"),
    ],
)
def test_one_mistake_is_told_by_one_restriction(
    cloud: Loopback, body: Callable[..., Any], changes: dict[str, Any], only: str
) -> None:
    reply = cloud.ask("POST", "/compute/v2.1/servers", body(**changes))
    assert set(re.findall(r"ECS-\d{3}", str(reply.body))) == {only}


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"min_count": None}, id="a count"),
        pytest.param({"description": None}, id="a description"),
        pytest.param({"config_drive": ""}, id="an empty config drive"),
        pytest.param({"networks": [{"uuid": NETWORK, "port": []}]}, id="an empty list for a port"),
        pytest.param({"imageRef": "/"}, id="an image's URL that ends in nothing"),
    ],
)
def test_what_says_nothing_breaks_no_restriction_but_may_break_a_type(cloud: Loopback, body: dict[str, Any]) -> None:
    plain = {"name": "web", "flavorRef": "s3.medium", "imageRef": IMAGE, "availability_zone": "az1-dc1"}
    reply = cloud.ask("POST", "/compute/v2.1/servers", {"server": {**plain, "networks": [{"uuid": NETWORK}], **body}})
    assert (reply.status, re.findall(r"ECS-\d{3}", str(reply.body))) == (400, [])


def test_a_dedicated_host_is_named_by_a_text(cloud: Loopback, body: Callable[..., Any]) -> None:
    reply = cloud.ask("POST", "/compute/v2.1/servers", body({"tenancy": "dedicated", "dedicated_host_id": 7}))
    assert (reply.status, "dedicated_host_id" in str(reply.body)) == (400, True)


def test_every_restriction_of_the_table_has_a_case() -> None:
    assert {number for number, _ in BY_REQUEST} <= {case[0] for case in CASES}


@pytest.mark.parametrize(
    ("changes", "hints"),
    [
        pytest.param({"config_drive": False, "user_data": ""}, None, id="what the plugin always sends"),
        pytest.param({"config_drive": "False"}, None, id="a quoted false"),
        pytest.param(
            {"imageRef": "", "block_device_mapping_v2": [boot()]}, None, id="an empty imageRef beside a boot disk"
        ),
        pytest.param({"block_device_mapping_v2": [blank(boot_index=None)]}, None, id="a data disk with no boot_index"),
        pytest.param(
            {"imageRef": None, "block_device_mapping_v2": [boot(volume_type="SSD")]},
            None,
            id="a volume type below 2.67",
        ),
        pytest.param(
            {"networks": [{"uuid": NETWORK, "fixed_ip": "192.168.20.7"}]}, None, id="a fixed ip with its network"
        ),
        pytest.param(
            {"networks": [{"port": PORT, "uuid": NETWORK, "fixed_ip": ""}]}, None, id="port and uuid and an empty ip"
        ),
        pytest.param(
            {"min_count": 1, "max_count": "1", "imageRef": None, "block_device_mapping_v2": [boot()]},
            None,
            id="a batch of one",
        ),
        pytest.param(
            {"imageRef": f"https://images/v2/{IMAGE}", "flavorRef": "https://x/flavors/s3.medium"}, None, id="URLs"
        ),
        pytest.param({}, {"tenancy": "dedicated", "dedicated_host_id": DEH}, id="a dedicated host"),
        pytest.param({}, {"tenancy": "shared"}, id="shared tenancy"),
        pytest.param({}, {"tenancy": None, "cidr": "", "same_host": []}, id="hints that say nothing"),
        pytest.param({"flavorRef": 2}, None, id="a flavor by a number"),
        pytest.param({"personality": [{"path": "/etc/x", "contents": "eA=="}]}, None, id="file injection"),
        pytest.param({"metadata": {"k" * 255: "v" * 255}}, None, id="the longest metadata"),
        pytest.param({"name": "n" * 255}, None, id="the longest name"),
    ],
)
def test_the_ecs_profile_accepts(cloud: Loopback, body: Callable[..., Any], changes: Any, hints: Any) -> None:
    reply = cloud.ask("POST", "/compute/v2.1/servers", body(hints, **changes))
    assert reply.status == 202, reply.body


def test_everything_that_is_wrong_is_told_at_once(cloud: Loopback, body: Callable[..., Any]) -> None:
    reply = cloud.ask("POST", "/compute/v2.1/servers", body(availability_zone=None, config_drive=True, networks=[]))
    message = reply.body["badRequest"]["message"]
    assert [number for number, _ in BY_REQUEST if f"[{number}]" in message] == ["ECS-103", "ECS-105", "ECS-301"]


def test_a_resize_to_another_resource_type_is_refused(
    cloud: Loopback, community: Loopback, body: Callable[..., Any]
) -> None:
    answers = []
    for one in (cloud, community):
        server = one.ask("POST", "/compute/v2.1/servers", body()).body["server"]["id"]
        one.wait_built()
        path = f"/compute/v2.1/servers/{server}/action"
        answers.append(one.ask("POST", path, {"resize": {"flavorRef": "c3.2xlarge"}}))
    assert [answer.status for answer in answers] == [400, 202]
    assert "[ECS-601]" in answers[0].body["badRequest"]["message"]


def test_a_disk_of_another_zone_is_not_attached_later_either(cloud: Loopback, body: Callable[..., Any]) -> None:
    server = cloud.ask("POST", "/compute/v2.1/servers", body(availability_zone="az2-dc1")).body["server"]["id"]
    cloud.wait_built()
    path = f"/compute/v2.1/servers/{server}/os-volume_attachments"
    refused = cloud.ask("POST", path, {"volumeAttachment": {"volumeId": DATA_VOLUME}})
    assert (refused.status, "[ECS-212]" in str(refused.body)) == (400, True)


def test_the_image_filter_finds_no_ecs_created_from_an_image(
    cloud: Loopback, community: Loopback, body: Callable[..., Any]
) -> None:
    found = []
    for one in (cloud, community):
        one.ask("POST", "/compute/v2.1/servers", body())
        found.append(len(one.ask("GET", f"/compute/v2.1/servers?image={IMAGE}").body["servers"]))
    assert found == [0, 1]


def test_tenancy_and_dedicated_host_filter_a_query(cloud: Loopback, body: Callable[..., Any]) -> None:
    cloud.ask("POST", "/compute/v2.1/servers", body(name="shared"))
    cloud.ask("POST", "/compute/v2.1/servers", body({"tenancy": "dedicated", "dedicated_host_id": DEH}, name="deh"))

    def names(query: str) -> list[str]:
        return [one["name"] for one in cloud.ask("GET", f"/compute/v2.1/servers?{query}").body["servers"]]

    assert names("tenancy=dedicated") == ["deh"]
    assert names("tenancy=shared") == ["shared"]
    assert names(f"dedicated_host_id={DEH}") == ["deh"]


def test_a_system_disk_from_an_image_counts_in_the_disk_quota(
    cloud: Loopback, community: Loopback, body: Callable[..., Any]
) -> None:
    used = []
    for one in (cloud, community):
        before = one.ask("GET", "/volume/v3/limits").body["limits"]["absolute"]
        one.ask("POST", "/compute/v2.1/servers", body())
        after = one.ask("GET", "/volume/v3/limits").body["limits"]["absolute"]
        used.append([after[key] - before[key] for key in ("totalVolumesUsed", "totalGigabytesUsed")])
    assert used == [[1, 40], [0, 0]]
