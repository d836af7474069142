"""Version documents, microversions, and what a wrong address is told."""

from typing import Any

import pytest

from sandbox.testing import Loopback, running
from sandbox.world import Settings

PROJECT = "9c53a566cb3443ab910cf0daebca90c4"


@pytest.mark.parametrize(
    ("path", "status", "ids"),
    [
        ("/identity", 300, ["v3.14"]),
        ("/compute", 200, ["v2.0", "v2.1"]),
        ("/compute/", 200, ["v2.0", "v2.1"]),
        ("/network/", 200, ["v2.0"]),
        ("/image", 300, ["v2.9"]),
        ("/volume/", 300, ["v3.0"]),
    ],
)
def test_a_service_lists_its_versions_to_everybody(cloud: Loopback, path: str, status: int, ids: list[str]) -> None:
    reply = cloud.ask("GET", path, token=None)
    versions = reply.body["versions"]
    listed = versions["values"] if isinstance(versions, dict) else versions
    assert (reply.status, [one["id"] for one in listed]) == (status, ids)
    assert all(one["links"][-1]["href"].startswith(cloud.url) for one in listed)


def test_nova_tells_how_far_its_microversions_go(cloud: Loopback, community: Loopback) -> None:
    for one, highest in ((cloud, "2.60"), (community, "2.96")):
        version = one.ask("GET", "/compute/v2.1/", token=None).body["version"]
        assert (version["min_version"], version["version"]) == ("2.1", highest)


@pytest.mark.parametrize(
    ("asked", "status", "answered"),
    [
        (None, 200, "2.1"),
        ("2.1", 200, "2.1"),
        ("2.60", 200, "2.60"),
        ("latest", 200, "2.60"),
        ("2.61", 406, "2.1"),
        ("two", 400, "2.1"),
    ],
)
def test_a_microversion_is_negotiated_per_request(
    cloud: Loopback, asked: str | None, status: int, answered: str
) -> None:
    reply = cloud.ask("GET", "/compute/v2.1/servers", version=asked)
    assert (reply.status, reply.headers["x-openstack-nova-api-version"]) == (status, answered)
    if status == 406:
        assert reply.body["computeFault"]["code"] == 406
    old = cloud.ask("GET", "/compute/v2.1/servers", headers={"X-OpenStack-Nova-API-Version": asked} if asked else None)
    assert old.status == status


def test_the_highest_microversion_can_be_set() -> None:
    with running(Settings(max_microversion=(2, 72))) as cloud:
        assert cloud.ask("GET", "/compute/v2.1/servers", version="2.72").status == 200
        assert cloud.ask("GET", "/compute/v2.1/servers", version="2.73").status == 406


@pytest.mark.parametrize(("version", "has"), [("2.18", False), ("2.19", True)])
def test_a_description_is_shown_from_2_19(cloud: Loopback, body: Any, version: str, *, has: bool) -> None:
    made = cloud.ask("POST", "/compute/v2.1/servers", body(description="what for"), version="2.19")
    path = f"/compute/v2.1/servers/{made.body['server']['id']}"
    shown = cloud.ask("GET", path, version=version).body["server"]
    assert shown.get("description") == ("what for" if has else None)
    assert ("description" in shown) is has
    renamed = cloud.ask("PUT", path, {"server": {"description": "else"}}, version=version)
    assert renamed.status == (200 if has else 400)


def test_a_server_made_before_2_19_has_its_name_for_a_description(cloud: Loopback, body: Any) -> None:
    for version, description in (("2.18", "web"), ("2.19", None)):
        made = cloud.ask("POST", "/compute/v2.1/servers", body(), version=version).body["server"]["id"]
        shown = cloud.ask("GET", f"/compute/v2.1/servers/{made}", version="2.19").body["server"]
        assert shown["description"] == description


def test_v2_knows_no_microversion_and_forgives_unknown_keys(community: Loopback, body: Any) -> None:
    assert community.ask("POST", "/compute/v2.1/servers", body(mistake=1)).status == 400
    reply = community.ask("POST", "/compute/v2/servers", body(mistake=1), version="2.60")
    assert (reply.status, "x-openstack-nova-api-version" in reply.headers) == (202, False)


def test_a_missing_route_is_named_and_a_wrong_method_tells_the_right_ones(cloud: Loopback) -> None:
    reply = cloud.ask("GET", "/compute/v2.1/os-unheard-of")
    assert reply.status == 404
    assert reply.body["itemNotFound"]["message"] == "The sandbox has no route GET /compute/v2.1/os-unheard-of"
    assert cloud.ask("GET", "/elsewhere").body["itemNotFound"]["message"].endswith("GET /elsewhere")
    reply = cloud.ask("PUT", "/compute/v2.1/servers")
    assert (reply.status, reply.headers["allow"]) == (405, "POST, GET")


def test_the_project_in_the_path_must_be_the_caller_s(cloud: Loopback) -> None:
    assert cloud.ask("GET", f"/compute/v2.1/{PROJECT}/servers").status == 200
    reply = cloud.ask("GET", "/compute/v2.1/0123456789abcdef0123456789abcdef/servers")
    assert (reply.status, "doesn't match Context's project_id" in str(reply.body)) == (400, True)


@pytest.mark.parametrize("raw", ["{", "[]", '"text"', "{}", '{"server": []}', '{"server": null}'])
def test_a_body_that_is_none_is_refused(cloud: Loopback, community: Loopback, raw: str) -> None:
    for one in (cloud, community):
        assert one.ask("POST", "/compute/v2.1/servers", raw).status == 400


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"min_count": "2", "max_count": "3"}, 202),
        ({"min_count": 2.0}, 202),
        ({"min_count": 2.5}, 400),
        ({"min_count": None, "max_count": ""}, 400),
        ({"return_reservation_id": 1}, 400),
        ({"return_reservation_id": "abc"}, 400),
        ({"return_reservation_id": "true"}, 202),
        ({"availability_zone": ""}, 400),
        ({"key_name": 5}, 400),
        ({"metadata": {"a": None}}, 400),
    ],
)
def test_plain_nova_reads_quoted_values_as_seen(community: Loopback, body: Any, changes: Any, status: int) -> None:
    reply = community.ask("POST", "/compute/v2.1/servers", body(**changes))
    assert reply.status == status, reply.body


def test_plain_nova_takes_a_quoted_false_for_truth_and_the_document_does_not(
    cloud: Loopback, community: Loopback, body: Any
) -> None:
    given = body(return_reservation_id="false")
    assert list(community.ask("POST", "/compute/v2.1/servers", given).body) == ["reservation_id"]
    assert list(cloud.ask("POST", "/compute/v2.1/servers", given).body) == ["server"]
