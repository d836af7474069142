"""Which requests a fault meets, how often, in which order, and what cannot be asked for."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.mishaps.kinds import KINDS
from sandbox.mishaps.shelf import MOST
from sandbox.testing import Loopback

SERVERS = "/compute/v2.1/servers"
FLAVORS = "/compute/v2.1/flavors"
FAULTS = "/sandbox/faults"
PROJECT = "9c53a566cb3443ab910cf0daebca90c4"
Body = Callable[..., dict[str, Any]]


def faults(cloud: Loopback) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = cloud.control("GET", FAULTS).body["faults"]
    return listed


def statuses(cloud: Loopback, path: str, times: int) -> list[int]:
    return [cloud.ask("GET", path).status for _ in range(times)]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, [503, 200, 200, 200, 200]),
        ({"times": 2}, [503, 503, 200, 200, 200]),
        ({"after": 2}, [200, 200, 503, 200, 200]),
        ({"after": 1, "times": 2}, [200, 503, 503, 200, 200]),
        ({"times": None}, [503] * 5),
        ({"after": 3, "times": None}, [200, 200, 200, 503, 503]),
    ],
)
def test_it_happens_as_often_as_said(cloud: Loopback, said: dict[str, Any], expected: list[int]) -> None:
    cloud.fault("503", on=f"GET {FLAVORS}", **said)
    assert statuses(cloud, FLAVORS, 5) == expected
    (one,) = faults(cloud)
    spent = said.get("times", 1) is not None
    assert (one["met"], one["spent"], len(cloud.world.mishaps.live)) == (expected.count(503), spent, 1 - spent)


@pytest.mark.parametrize(
    ("on", "method", "path", "meets"),
    [
        ("GET /compute/*/flavors", "GET", FLAVORS, True),
        ("get /compute/*/flavors", "GET", FLAVORS, True),
        ("GET /compute/*/flavors", "GET", f"/compute/v2.1/{PROJECT}/flavors", True),
        ("GET /compute/*/flavors", "GET", f"{FLAVORS}?limit=1", True),
        ("GET /compute/*/flavors", "GET", f"{FLAVORS}/", True),
        ("GET /compute/*/flavors", "GET", f"{FLAVORS}/detail", False),
        ("GET /compute/*/flavors*", "GET", f"{FLAVORS}/detail", True),
        ("POST /compute/*/flavors", "GET", FLAVORS, False),
        ("/compute/*/flavors", "GET", FLAVORS, True),
        ("GET", "GET", FLAVORS, True),
        ("DELETE", "GET", FLAVORS, False),
        ("* /*", "GET", FLAVORS, True),
        ("/volume*", "GET", FLAVORS, False),
        ("POST /identity/v3/auth/tokens", "POST", "/identity/v3/auth/tokens", True),
        ("GET /compute*", "GET", "/compute/v2.1/", True),
    ],
)
def test_it_meets_the_requests_that_its_pattern_names(
    cloud: Loopback, on: str, method: str, path: str, *, meets: bool
) -> None:
    cloud.log_in()
    cloud.fault("503", on=on)
    assert (cloud.ask(method, path, {} if method == "POST" else None).status == 503) is meets


def test_the_documented_alias_creates_servers_as_well(cloud: Loopback, body: Body) -> None:
    cloud.fault("429")
    assert cloud.ask("POST", "/compute/v2.1/os-volumes_boot", body()).status == 429


def test_it_meets_the_requests_about_one_server(cloud: Loopback, body: Body) -> None:
    cloud.fault("503", server="web-*", times=None, on="/compute/*/servers*")
    assert cloud.ask("POST", SERVERS, body(name="web-1")).status == 503
    other = cloud.ask("POST", SERVERS, body(name="db-1")).body["server"]["id"]
    assert cloud.ask("GET", f"{SERVERS}/{other}").status == 200
    assert cloud.ask("GET", SERVERS).status == 200
    assert cloud.ask("PUT", f"{SERVERS}/{other}", {"server": {"name": "web-2"}}).status == 200
    assert cloud.ask("GET", f"{SERVERS}/{other}").status == 503
    assert cloud.ask("DELETE", f"{SERVERS}/{other}").status == 503
    cloud.control("DELETE", FAULTS)
    cloud.fault("503", server=other, on="GET /compute/*/servers/*")
    assert cloud.ask("GET", f"{SERVERS}/{other}").status == 503


@pytest.mark.parametrize("sent", ["[]", "null", '"text"', '{"server": 5}', '{"server": {"name": 5}}', "{"])
def test_a_body_that_names_no_server_is_refused_as_ever(cloud: Loopback, sent: str) -> None:
    cloud.fault("503", server="*")
    assert cloud.ask("POST", SERVERS, sent).status == 400


def test_one_refusal_at_a_time_the_oldest_first(cloud: Loopback) -> None:
    for kind in ("503", "500", "503"):
        cloud.fault(kind, on=f"GET {FLAVORS}")
    assert statuses(cloud, FLAVORS, 4) == [503, 500, 503, 200]


def test_those_that_refuse_nothing_come_together_and_wait_for_a_request_that_is_not_refused(
    cloud: Loopback, body: Body
) -> None:
    cloud.fault("slow-build", seconds=60)
    cloud.fault("error-after-build", server="web")
    cloud.fault("503")
    assert cloud.ask("POST", SERVERS, body()).status == 503
    assert [one["met"] for one in faults(cloud)] == [0, 0, 1]
    assert cloud.ask("POST", SERVERS, body(flavorRef="unheard-of")).status == 400
    assert [one["met"] for one in faults(cloud)] == [0, 0, 1]
    server = cloud.ask("POST", SERVERS, body()).body["server"]["id"]
    assert [one["met"] for one in faults(cloud)] == [1, 1, 1]
    assert cloud.journal.lines[-2]["fault"] == "slow-build, error-after-build"
    for seconds, status in ((59, "BUILD"), (1.001, "ERROR")):
        cloud.clock.advance(seconds)
        assert cloud.ask("GET", f"{SERVERS}/{server}").body["server"]["status"] == status


def test_they_are_listed_cleared_one_by_one_and_all(cloud: Loopback) -> None:
    ids = [cloud.fault("503"), cloud.fault("lag"), cloud.fault("quota")]
    assert cloud.control("DELETE", f"{FAULTS}/{ids[1]}").status == 204
    assert [one["id"] for one in faults(cloud)] == [ids[0], ids[2]]
    reply = cloud.control("DELETE", f"{FAULTS}/{ids[1]}")
    told = f"there is no fault '{ids[1]}'; choose one of: {ids[0]}, {ids[2]}"
    assert (reply.status, reply.body["itemNotFound"]["message"]) == (404, told)
    assert cloud.control("DELETE", FAULTS).status == 204
    assert (faults(cloud), cloud.world.mishaps.live) == ([], ())


def test_a_fault_says_all_about_itself(cloud: Loopback) -> None:
    reply = cloud.control("POST", FAULTS, {"kind": "429", "server": "web", "retry_after": 2})
    assert (reply.status, reply.body["fault"]) == (
        201,
        {
            "id": "1", "kind": "429", "on": "POST /compute/*/servers", "server": "web", "times": 1, "after": 0,
            "seconds": None, "retry_after": 2.0, "message": None, "met": 0, "seen": 0, "spent": False,
        },
    )  # fmt: skip


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (None, "a fault is a JSON object"),
        ([], "a fault is a JSON object"),
        ({}, "kind None is unknown; choose one of: no-valid-host, error-after-build, slow-build, quota, 429,"),
        ({"kind": "fire"}, "kind 'fire' is unknown; choose one of: no-valid-host,"),
        ({"kind": 503}, "kind 503 is unknown"),
        ({"kind": "503", "time": 2}, "'time' is unknown; choose among: after, kind, message, on,"),
        ({"kind": "503", "seconds": 2}, "503 takes no seconds; it belongs to: error-after-build, slow-build,"),
        ({"kind": "500", "retry_after": 2}, "500 takes no retry_after; it belongs to: 429, 503"),
        ({"kind": "503", "times": 0}, "times is a whole number from 1 to 1000000, not 0"),
        ({"kind": "503", "times": True}, "times is a whole number"),
        ({"kind": "503", "times": 1.5}, "times is a whole number"),
        ({"kind": "503", "after": -1}, "after is a whole number from 0"),
        ({"kind": "lag", "seconds": 0}, "seconds is a number of seconds above 0, up to 3600, not 0"),
        ({"kind": "lag", "seconds": 1e9}, "seconds is a number of seconds above 0, up to 3600"),
        ({"kind": "lag", "seconds": "5"}, "seconds is a number of seconds"),
        ({"kind": "503", "server": ""}, "server is a text of 1 to 255 characters"),
        ({"kind": "error-after-build", "message": "x" * 256}, "message is a text of 1 to 255 characters"),
        ({"kind": "503", "on": ""}, "on is a method and a path such as 'POST /compute/*/servers', not ''"),
        ({"kind": "503", "on": "GET /volume POST"}, "on is a method and a path"),
        ({"kind": "503", "on": "FETCH /volume/*"}, "the method is none of: GET, HEAD, POST, PUT, PATCH, DELETE, *"),
        ({"kind": "503", "on": "GET /servers"}, "the path begins with none of: /identity, /compute, /network, /image,"),
        ({"kind": "503", "on": "GET /computers"}, "the path begins with none of"),
        ({"kind": "no-valid-host", "on": "GET /compute/*"}, "no-valid-host meets POST /compute/*/servers only"),
        ({"kind": "quota", "on": "GET /volume/*"}, "quota meets POST only, not GET"),
        ({"kind": "lag", "on": "/volume/*"}, "lag meets GET only, not *"),
    ],
)
def test_what_cannot_be_is_one_clear_error(cloud: Loopback, given: Any, told: str) -> None:
    reply = cloud.control("POST", FAULTS, given)
    assert (reply.status, told in reply.body["badRequest"]["message"]) == (400, True), reply.body
    assert faults(cloud) == []


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.sampled_from(["kind", "on", "server", "times", "after", "seconds", "retry_after", "message", "else"]),
        st.sampled_from([*KINDS, "GET /compute/*", "GET [", "* /*[!"])
        | st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | st.text(max_size=5)
        | st.just([]),
        max_size=5,
    )
)
def test_any_json_is_answered_and_what_was_accepted_breaks_nothing(cloud: Loopback, given: Any) -> None:
    cloud.control("DELETE", FAULTS)
    reply = cloud.control("POST", FAULTS, given)
    assert reply.status in (201, 400), reply.body
    assert len(faults(cloud)) == (reply.status == 201)


def test_there_is_an_end_to_how_many_are_kept(cloud: Loopback) -> None:
    for _ in range(MOST):
        cloud.world.mishaps.add({"kind": "503"})
    reply = cloud.control("POST", FAULTS, {"kind": "503"})
    assert (reply.status, len(faults(cloud))) == (409, MOST)


def test_starting_over_ends_every_fault(cloud: Loopback) -> None:
    cloud.fault("503", on="* /*", times=None)
    assert cloud.ask("GET", FLAVORS).status == 503
    assert cloud.control("POST", "/sandbox/reset").status == 204
    assert (cloud.ask("GET", FLAVORS).status, faults(cloud)) == (200, [])


def test_the_sandbox_s_own_paths_meet_nothing(cloud: Loopback) -> None:
    cloud.fault("drop-before", on="* /*", times=None)
    assert cloud.ask("GET", "/", token=None).status == 200
    assert cloud.control("GET", "/sandbox/settings").status == 200
    assert cloud.control("DELETE", FAULTS).status == 204
    assert cloud.ask("GET", FLAVORS).status == 200
