"""Any JSON anywhere: an answer, never a bug, and nothing made where it was refused."""

import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.nova.actions import ACTIONS
from sandbox.testing import Loopback

NETWORK = "51bead38-d1a3-4d08-be20-0970c24b7cab"
IMAGE = "24040000-0000-4000-8000-000000000001"
FULL: dict[str, Any] = {
    "server": {
        "name": "n",
        "flavorRef": "s3.medium",
        "imageRef": "",
        "availability_zone": "az1-dc1",
        "networks": [{"uuid": NETWORK, "fixed_ip": None, "port": None}],
        "security_groups": [{"name": "default"}],
        "block_device_mapping_v2": [
            {
                "source_type": "image",
                "destination_type": "volume",
                "uuid": IMAGE,
                "volume_size": "40",
                "boot_index": "0",
            },
            {
                "source_type": "blank",
                "destination_type": "volume",
                "uuid": None,
                "volume_size": 1,
                "volume_type": None,
                "boot_index": -1,
                "delete_on_termination": "true",
                "guest_format": None,
                "tag": None,
            },
        ],
        "metadata": {"a": "b"},
        "key_name": "test",
        "adminPass": "x",
        "user_data": "eA==",
        "config_drive": False,
        "min_count": 1,
        "max_count": 1,
        "return_reservation_id": False,
        "tags": ["a"],
        "description": "d",
        "accessIPv4": "",
    },
    "os:scheduler_hints": {"group": None, "tenancy": "shared", "dedicated_host_id": None},
}


def plain(value: Any) -> Any:
    """Return a body without the nulls, which only the document's API takes for something that is not set."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items() if inner is not None}
    return [plain(inner) for inner in value] if isinstance(value, list) else value


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, item in inner for place in places(item, (*path, key)))]


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


def replaced(place: tuple[Any, ...], value: Any, full: Any = FULL) -> Any:
    body = copy.deepcopy(full)
    if not place:
        return value
    holder: Any = body
    for key in place[:-1]:
        holder = holder[key]
    holder[place[-1]] = value
    return body


def test_the_call_that_is_spoiled_works_by_itself(cloud: Loopback, community: Loopback) -> None:
    for one, full in ((cloud, FULL), (community, plain(FULL))):
        assert one.ask("POST", "/compute/v2.1/servers", full, version="2.60").status == 202


@pytest.mark.parametrize("profile", ["cloud", "community"])
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), value=anything)
def test_a_create_call_is_answered(
    request: pytest.FixtureRequest, profile: str, data: st.DataObject, value: Any
) -> None:
    full = FULL if profile == "cloud" else plain(FULL)
    place = data.draw(st.sampled_from(places(full)))
    cloud: Loopback = request.getfixturevalue(profile)
    before = [len(cloud.world.store.all(kind)) for kind in ("server", "port", "volume")]
    reply = cloud.ask("POST", "/compute/v2.1/servers", replaced(place, value, full), version="2.60")
    assert reply.status in (202, 400, 403, 409, 413), reply.body
    after = [len(cloud.world.store.all(kind)) for kind in ("server", "port", "volume")]
    assert (after == before) is (reply.status != 202)
    if reply.status == 202:
        cloud.start_over()


BODIES = st.recursive(
    anything,
    lambda inner: st.dictionaries(
        st.sampled_from(
            ["network", "subnet", "port", "security_group", "security_group_rule", "router", "floatingip", "volume",
             "snapshot", "server_group", "keypair", "name", "size", "cidr", "network_id", "fixed_ips", "subnet_id",
             "ip_address", "volume_id", "policies", "public_key", "direction", "protocol", "port_range_min", "imageRef",
             "auth", "identity", "methods", "scope", "application_credential", "allocation_pools", "gateway_ip",
             "ip_version", "security_groups", "security_group_id", "external_gateway_info", "floating_network_id"]
        ),
        inner | st.sampled_from([NETWORK, IMAGE, "10.1.0.0/24", "password", "ingress", "tcp"]),
        max_size=5,
    ),
    max_leaves=8,
)  # fmt: skip


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.sampled_from(
        [
            "/network/v2.0/networks", "/network/v2.0/subnets", "/network/v2.0/ports", "/network/v2.0/security-groups",
            "/network/v2.0/security-group-rules", "/network/v2.0/routers", "/network/v2.0/floatingips",
            "/volume/v3/volumes", "/volume/v3/snapshots", "/compute/v2.1/os-keypairs", "/compute/v2.1/os-server-groups",
            "/identity/v3/auth/tokens",
        ]
    ),
    body=BODIES,
)  # fmt: skip
def test_every_other_create_call_is_answered(cloud: Loopback, path: str, body: Any) -> None:
    wrapped = body
    names = {"networks": "network", "subnets": "subnet", "ports": "port", "security-groups": "security_group",
             "security-group-rules": "security_group_rule", "routers": "router", "floatingips": "floatingip",
             "volumes": "volume", "snapshots": "snapshot", "os-keypairs": "keypair", "os-server-groups": "server_group",
             "tokens": "auth"}  # fmt: skip
    if isinstance(body, dict):
        wrapped = {names[path.rsplit("/", 1)[1]]: body}
    reply = cloud.ask("POST", path, wrapped)
    assert reply.status < 500, (reply.body, wrapped)


VOLUME = "bd7e4f86-b004-4745-bea2-a55b1085f107"
CHANGES: list[tuple[str, str, str]] = [
    *(("POST", "/compute/v2.1/servers/{server}/action", name) for name in sorted(ACTIONS)),
    *(("POST", f"/volume/v3/volumes/{VOLUME}/action", name) for name in ("os-extend", "os-retype", "os-set_bootable")),
    ("PUT", "/compute/v2.1/servers/{server}", "server"),
    ("POST", "/compute/v2.1/servers/{server}/metadata", "metadata"),
    ("PUT", "/compute/v2.1/servers/{server}/tags", "tags"),
    ("POST", "/compute/v2.1/servers/{server}/os-interface", "interfaceAttachment"),
    ("POST", "/compute/v2.1/servers/{server}/os-volume_attachments", "volumeAttachment"),
    ("PUT", "/compute/v2.1/os-quota-sets/x", "quota_set"),
    ("PUT", "/volume/v3/os-quota-sets/x", "quota_set"),
    ("PUT", f"/volume/v3/volumes/{VOLUME}", "volume"),
    ("PUT", f"/network/v2.0/networks/{NETWORK}", "network"),
    ("PUT", f"/network/v2.0/networks/{NETWORK}/tags", "tags"),
    ("PUT", "/network/v2.0/ports/e730a11c-1a19-49cc-8797-cee2ad67af6f", "port"),
    ("PUT", "/network/v2.0/subnets/5a0b1c2d-0001-4000-8000-000000000001", "subnet"),
]
FIELDS = st.sampled_from(
    ["flavorRef", "imageRef", "name", "type", "adminPass", "new_size", "new_type", "bootable", "description", "volumeId",
     "net_id", "port_id", "fixed_ips", "instances", "gigabytes", "metadata", "device_id", "security_groups", "gateway_ip",
     "allocation_pools", "delete_on_termination"]
)  # fmt: skip


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    change=st.sampled_from(CHANGES),
    inner=anything | st.dictionaries(FIELDS, anything | st.sampled_from([NETWORK, IMAGE])),
)
def test_every_change_is_answered(cloud: Loopback, change: tuple[str, str, str], inner: Any) -> None:
    method, path, key = change
    cloud.start_over()
    server = cloud.ask("POST", "/compute/v2.1/servers", FULL, version="2.60").body["server"]["id"]
    cloud.wait_built()
    reply = cloud.ask(method, path.format(server=server), {key: inner}, version="2.60")
    assert reply.status < 500, reply.body
    for shown in (
        "/compute/v2.1/servers/detail",
        "/network/v2.0/ports",
        "/network/v2.0/networks",
        "/volume/v3/volumes/detail",
    ):
        assert cloud.ask("GET", shown).status == 200, (shown, inner)
