"""The sandbox's own paths: who may use them, and settings that change while it runs."""

from collections.abc import Callable
from typing import Any

import pytest

from sandbox import control
from sandbox.clock import ManualClock
from sandbox.masks import Masks
from sandbox.store import Store
from sandbox.testing import Loopback
from sandbox.world import CHANGEABLE, Settings, World

SERVERS = "/compute/v2.1/servers"
SETTINGS = "/sandbox/settings"
Body = Callable[..., dict[str, Any]]


def set_(cloud: Loopback, **given: Any) -> dict[str, Any]:
    reply = cloud.control("PATCH", SETTINGS, given)
    assert reply.status == 200, reply.body
    settings: dict[str, Any] = reply.body["settings"]
    return settings


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/sandbox/reset"), ("GET", "/sandbox/faults"), ("DELETE", "/sandbox/faults/1"), ("PATCH", SETTINGS)],
)
@pytest.mark.parametrize("key", ["", "guess", "\xe4\xf6"])
def test_without_the_key_nobody_gets_in(cloud: Loopback, method: str, path: str, key: str) -> None:
    reply = cloud.ask(method, path, {"hosts": 1}, headers={"X-Sandbox-Key": key})
    assert (reply.status, cloud.world.settings.hosts) == (403, Settings().hosts)


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", 200),
        ("127.0.0.1:15000", 200),
        ("localhost", 200),
        ("LOCALHOST:15000", 200),
        ("[::1]:15000", 200),
        ("192.0.2.1:15000", 200),
        ("attacker.example", 403),
        ("attacker.example:15000", 403),
        ("127.0.0.1.attacker.example:15000", 403),
        ("127.0.0.1:x", 403),
        ("", 403),
    ],
)
def test_a_name_that_somebody_made_point_here_does_not_get_in(cloud: Loopback, host: str, status: int) -> None:
    key = {"X-Sandbox-Key": cloud.world.control_key, "Host": host}
    assert cloud.ask("GET", "/sandbox/faults", token=None, headers=key).status == status


def test_an_unknown_path_and_a_wrong_method_are_told(cloud: Loopback) -> None:
    assert cloud.control("GET", "/sandbox/else").status == 404
    assert cloud.control("GET", "/sandbox/settings/hosts").status == 404
    wrong = cloud.control("PUT", "/sandbox/faults")
    assert (wrong.status, wrong.headers["allow"]) == (405, "GET, POST, DELETE")


def test_the_settings_are_told_and_changed(cloud: Loopback) -> None:
    before = cloud.control("GET", SETTINGS).body["settings"]
    assert {**before, "quota": None} == {
        "profile": "ecs",
        "hosts": 8,
        "build_seconds": 10,
        "token_seconds": 86400,
        "max_microversion": "2.60",
        "quota": None,
    }
    changed = set_(cloud, hosts=2, build_seconds=1, max_microversion="2.72", token_seconds=60, quota={"cores": 4})
    assert (changed["hosts"], changed["build_seconds"], changed["max_microversion"]) == (2, 1, "2.72")
    assert (changed["token_seconds"], changed["quota"]["compute"]["cores"]) == (60, 4)
    assert changed["quota"]["volume"] == before["quota"]["volume"]
    assert cloud.control("POST", "/sandbox/reset").status == 204
    assert cloud.control("GET", SETTINGS).body["settings"] == before


def test_a_lower_microversion_holds_from_the_next_request_on(cloud: Loopback) -> None:
    assert cloud.ask("GET", SERVERS, version="2.60").status == 200
    set_(cloud, max_microversion="2.50")
    assert cloud.ask("GET", SERVERS, version="2.51").status == 406
    assert cloud.ask("GET", "/compute/v2.1/", token=None).body["version"]["version"] == "2.50"
    assert cloud.ask("GET", SERVERS, version="latest").headers["x-openstack-nova-api-version"] == "2.50"


def test_anti_affinity_has_as_many_hosts_as_are_set(cloud: Loopback, body: Body) -> None:
    set_(cloud, hosts=2, build_seconds=0)
    group = cloud.ask(
        "POST", "/compute/v2.1/os-server-groups", {"server_group": {"name": "g", "policies": ["anti-affinity"]}}
    ).body["server_group"]["id"]
    made = [cloud.ask("POST", SERVERS, body({"group": group})).body["server"]["id"] for _ in range(3)]
    shown = [cloud.ask("GET", f"{SERVERS}/{one}").body["server"] for one in made]
    assert [one["status"] for one in shown] == ["ACTIVE", "ACTIVE", "ERROR"]
    assert shown[0]["hostId"] != shown[1]["hostId"]
    set_(cloud, hosts=3)
    again = cloud.ask("POST", SERVERS, body({"group": group})).body["server"]["id"]
    assert cloud.ask("GET", f"{SERVERS}/{again}").body["server"]["status"] == "ACTIVE"


def test_a_cloud_without_hosts_has_room_for_nobody(cloud: Loopback, body: Body) -> None:
    set_(cloud, hosts=0, build_seconds=0)
    made = cloud.ask("POST", SERVERS, body())
    server = cloud.ask("GET", f"{SERVERS}/{made.body['server']['id']}").body["server"]
    assert (made.status, server["status"]) == (202, "ERROR")


def test_a_quota_that_is_set_is_counted(cloud: Loopback, body: Body) -> None:
    set_(cloud, quota={"instances": 2, "gigabytes": 0})
    assert cloud.ask("POST", SERVERS, body(min_count=3)).status == 403
    volume = {"volume": {"size": 1, "availability_zone": "az1-dc1"}}
    assert cloud.ask("POST", "/volume/v3/volumes", volume).status == 413
    set_(cloud, quota={"instances": -1, "gigabytes": -1, "port": 0})
    assert cloud.ask("POST", "/volume/v3/volumes", volume).status == 202
    port = {"port": {"network_id": "79a68cef-0936-4e21-b1f4-b800ecb70246"}}
    assert cloud.ask("POST", "/network/v2.0/ports", port).status == 409


def test_a_name_of_a_quota_means_one_service(cloud: Loopback) -> None:
    quotas = cloud.control("GET", SETTINGS).body["settings"]["quota"]
    names = [name for limits in quotas.values() for name in limits]
    assert len(names) == len(set(names))
    assert set(quotas) == {"compute", "volume", "network"}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ([], "settings are a JSON object"),
        (
            {"host": 1},
            "setting 'host' is unknown; choose one of: build_seconds, hosts, max_microversion, token_seconds",
        ),
        ({"profile": "community"}, "the profile is chosen at the start"),
        ({"hosts": -1}, "hosts is a whole number from 0 to 10000, not -1"),
        ({"hosts": "2"}, "hosts is a whole number"),
        ({"hosts": True}, "hosts is a whole number"),
        ({"build_seconds": -1}, "build_seconds is a number of seconds from 0 to 3600, not -1"),
        ({"build_seconds": 10**400}, "build_seconds is a number of seconds"),
        ({"token_seconds": 0}, "token_seconds is a number of seconds from 1"),
        ({"max_microversion": 2.6}, "max_microversion is a text such as '2.60', not 2.6"),
        ({"max_microversion": "new"}, "max_microversion is a text such as '2.60', not 'new'"),
        ({"max_microversion": "2.97"}, "max_microversion: the sandbox speaks 2.1 to 2.96, not 2.97"),
        ({"max_microversion": "1.1"}, "max_microversion: the sandbox speaks 2.1 to 2.96, not 1.1"),
        ({"quota": 3}, "quota is a JSON object"),
        ({"quota": {"servers": 3}}, "quota 'servers' is unknown; choose among: backup_gigabytes, backups, cores,"),
        ({"quota": {"cores": -2}}, "quota cores is a whole number, or -1 for no limit, not -2"),
        ({"quota": {"cores": 1.5}}, "quota cores is a whole number"),
    ],
)
def test_what_cannot_be_set_is_one_clear_error_and_changes_nothing(cloud: Loopback, given: Any, told: str) -> None:
    before = cloud.control("GET", SETTINGS).body
    whole = {"quota": {"ram": 1}, "hosts": 1} | given if isinstance(given, dict) else given
    reply = cloud.control("PATCH", SETTINGS, whole)
    assert (reply.status, told in reply.body["badRequest"]["message"]) == (400, True), reply.body
    assert cloud.control("GET", SETTINGS).body == before


def test_what_was_set_outlives_the_process_and_gives_way_to_a_start_option() -> None:
    clock = ManualClock()
    store = Store(":memory:", clock)
    first = World(store, clock, Masks(b"k"), Settings())
    first.change({"hosts": 2, "max_microversion": "2.50"})
    first.change({"build_seconds": 7})

    second = World(store, clock, Masks(b"k"), Settings(hosts=5))
    second.recall(but=["hosts"])
    assert (second.settings.hosts, second.settings.max_microversion, second.settings.build_seconds) == (5, (2, 50), 7)

    third = World(store, clock, Masks(b"k"), Settings())
    third.recall()
    assert (third.settings.hosts, third.settings.build_seconds) == (8, 7)
    control.start_over(third)
    assert third.settings == Settings()
    fourth = World(store, clock, Masks(b"k"), Settings())
    fourth.recall()
    assert fourth.settings == Settings()
    store.close()


def test_every_setting_that_can_be_changed_is_one() -> None:
    assert set(CHANGEABLE) <= set(Settings.__dataclass_fields__)
