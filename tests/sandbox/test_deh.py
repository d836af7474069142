"""Dedicated Hosts: which one takes an ECS, what is left on it, and what is asked for in vain."""

from collections.abc import Callable
from typing import Any

import pytest

from sandbox.testing import Loopback

BIG, SMALL, ELSEWHERE = (f"d000000{n}-de40-4000-8000-00000000000{n}" for n in (1, 2, 3))
SERVERS = "/compute/v2.1/servers"
Body = Callable[..., dict[str, Any]]


def dedicated(**hints: str) -> dict[str, str]:
    return {"tenancy": "dedicated", **hints}


def host(cloud: Loopback, host_id: str) -> dict[str, Any]:
    found: dict[str, Any] = cloud.ask("GET", f"/deh/v1.0/dedicated-hosts/{host_id}").body["dedicated_host"]
    return found


def outcome(cloud: Loopback, query: str) -> list[str]:
    cloud.wait_built()
    return [one["status"] for one in cloud.ask("GET", f"{SERVERS}/detail?{query}").body["servers"]]


def test_the_hosts_are_listed_with_what_is_free(cloud: Loopback) -> None:
    listed = cloud.ask("GET", f"/deh/v1.0/{cloud.world.project_id}/dedicated-hosts").body
    assert listed["total"] == 3
    assert {one["dedicated_host_id"]: one["available_vcpus"] for one in listed["dedicated_hosts"]} == {
        BIG: 72, SMALL: 4, ELSEWHERE: 72,
    }  # fmt: skip
    assert cloud.ask("GET", "/deh/v1.0/dedicated-hosts/none").status == 404


def test_an_ecs_takes_room_on_the_host_that_it_names_and_gives_it_back(cloud: Loopback, body: Body) -> None:
    made = cloud.ask("POST", SERVERS, body(dedicated(dedicated_host_id=SMALL))).body["server"]
    assert (host(cloud, SMALL)["available_vcpus"], host(cloud, SMALL)["instance_uuids"]) == (3, [made["id"]])
    on_it = cloud.ask("GET", f"/deh/v1.0/dedicated-hosts/{SMALL}/servers").body["servers"]
    assert [one["id"] for one in on_it] == [made["id"]]
    assert outcome(cloud, f"dedicated_host_id={SMALL}") == ["ACTIVE"]
    cloud.ask("DELETE", f"{SERVERS}/{made['id']}")
    assert (host(cloud, SMALL)["available_vcpus"], host(cloud, SMALL)["instance_total"]) == (4, 0)


def test_without_a_host_the_system_picks_one_of_the_zone(cloud: Loopback, body: Body) -> None:
    cloud.ask("POST", SERVERS, body(dedicated(), availability_zone="az2-dc1"))
    assert outcome(cloud, f"dedicated_host_id={ELSEWHERE}") == ["ACTIVE"]


@pytest.mark.parametrize(
    ("hints", "changes"),
    [
        (dedicated(dedicated_host_id=SMALL), {"min_count": 5}),
        (dedicated(dedicated_host_id=SMALL), {"availability_zone": "az2-dc1"}),
        (dedicated(), {"availability_zone": "az1.dc1"}),
    ],
    ids=["more than fit", "another zone's", "a zone without any"],
)
def test_where_there_is_no_room_all_end_in_error(
    cloud: Loopback, body: Body, hints: dict[str, str], changes: dict[str, Any]
) -> None:
    assert cloud.ask("POST", SERVERS, body(hints, **changes)).status == 202
    assert set(outcome(cloud, "tenancy=dedicated")) == {"ERROR"}
    assert host(cloud, SMALL)["available_vcpus"] == 4


def test_a_group_spreads_over_dedicated_hosts_too(cloud: Loopback, body: Body) -> None:
    group = {"server_group": {"name": "apart", "policies": ["anti-affinity"]}}
    group_id = cloud.ask("POST", "/compute/v2.1/os-server-groups", group).body["server_group"]["id"]
    for n, expected in enumerate(["ACTIVE", "ACTIVE", "ERROR"]):
        cloud.ask("POST", SERVERS, body(dedicated(group=group_id), name=f"web-{n}"))
        assert outcome(cloud, f"name=web-{n}") == [expected]
    assert [host(cloud, one)["instance_total"] for one in (BIG, SMALL)] == [1, 1]


def test_an_unknown_host_is_refused(cloud: Loopback, body: Body) -> None:
    refused = cloud.ask("POST", SERVERS, body(dedicated(dedicated_host_id="00000000-0000-4000-8000-00000000dead")))
    assert (refused.status, "could not be found" in str(refused.body)) == (400, True)


def test_plain_nova_knows_none(community: Loopback, body: Body) -> None:
    assert community.ask("GET", "/deh/v1.0/dedicated-hosts").status == 404
    assert community.ask("POST", SERVERS, body(dedicated())).status == 202
    catalog = community.ask("GET", "/identity/v3/auth/catalog").body["catalog"]
    assert "deh" not in {one["type"] for one in catalog}
