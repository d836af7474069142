"""The description of the sandbox: all of it and nothing else, and no second word for what a route says itself."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from jsonschema import Draft202012Validator, FormatChecker

from sandbox.openapi import describe
from sandbox.routing import Call, Part, Route
from sandbox.services import SERVICES, Service
from sandbox.shape import COMPUTE, IDENTITY, NETWORK, VOLUME, Type
from sandbox.testing import Loopback
from sandbox.world import Version
from tests.sandbox.furnished import Furnished, bodies_of

CLOUDS: list[tuple[str, Version]] = [("ecs", (2, 60)), ("community", (2, 96)), ("community", (2, 1))]
METHODS = {"get", "head", "post", "put", "patch", "delete"}


def operations(described: Any) -> Iterator[tuple[str, str, Any]]:
    for path, found in described["paths"].items():
        for method, operation in found.items():
            yield method, path, operation


def served(profile: str) -> Iterator[tuple[Service, str, Route]]:
    """Give every route that a profile has, with the whole of its path."""
    for service in (one for one in SERVICES if profile == "ecs" or not one.only_ecs):
        yield from ((service, route.path, route) for route in service.documents.routes)
        yield from ((service, mount + route.path, route) for mount in service.mounts for route in service.routes.routes)


@pytest.mark.parametrize(("profile", "version"), CLOUDS)
def test_every_route_is_described_and_nothing_else(profile: str, version: Version) -> None:
    described = describe(profile, version)
    told = [(method.upper(), path) for method, path, _ in operations(described)]
    there = [(route.method, path) for _, path, route in served(profile)]
    assert len(there) == len(set(there)) > 300
    assert sorted(told) == sorted(there)


@pytest.mark.parametrize(("profile", "version"), CLOUDS)
def test_a_reader_of_openapi_takes_it(profile: str, version: Version) -> None:
    described = describe(profile, version)
    schema = schemathesis.openapi.from_dict(json.loads(json.dumps(described)))
    schema.validate()
    assert all(hasattr(one, "ok") and one.ok().label for one in schema.get_all_operations())
    ids = [operation["operationId"] for _, _, operation in operations(described)]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[a-z]\w+", one) for one in ids)


@pytest.mark.parametrize(("profile", "version"), CLOUDS)
def test_an_operation_names_what_stands_in_its_path_and_who_may_ask(profile: str, version: Version) -> None:
    public = {(route.method.lower(), path) for _, path, route in served(profile) if route.public}
    for method, path, operation in operations(describe(profile, version)):
        named = [one["name"] for one in operation["parameters"] if one["in"] == "path"]
        assert named == re.findall(r"\{(\w+)\}", path)
        guarded = operation.get("security") == [{"token": []}]
        assert guarded is ((method, path) not in public)
        assert ("401" in operation["responses"]) is guarded
        assert method in METHODS


def test_the_bodies_are_those_of_the_microversion_that_is_asked_for() -> None:
    def properties(version: Version) -> Any:
        operation = describe("community", version)["paths"]["/compute/v2.1/servers"]["post"]
        header = next(one for one in operation["parameters"] if one["in"] == "header")
        assert header["schema"]["const"] == f"compute {version[0]}.{version[1]}"
        content = operation["requestBody"]["content"]["application/json"]
        return content["schema"]["properties"]["server"]["properties"].keys()

    assert "tags" not in properties((2, 51))
    assert "tags" in properties((2, 52))
    assert "personality" in properties((2, 56))
    assert "personality" not in properties((2, 57))


@pytest.mark.parametrize("profile", ["cloud", "community"])
def test_what_a_handler_reads_is_what_its_route_declares(
    request: pytest.FixtureRequest, profile: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A body that works is sent to every route that takes one, and what the handler asks of it is noted."""
    world = Furnished(request.getfixturevalue(profile))
    read: set[tuple[str, int]] = set()
    original = Call.part

    def part(self: Call, key: str, types: Any = None) -> Any:
        read.add((key, id(types)))
        return original(self, key, types)

    monkeypatch.setattr(Call, "part", part)
    seen = 0
    for service, path, route in served("community"):
        headers = {"OpenStack-API-Version": "compute 2.60, volume 3.70"}
        for body in bodies_of(world.bodies, route.method, path):
            if isinstance(body, bytes | list):
                continue
            read.clear()
            world.back()
            world.cloud.ask(route.method, world.path(path), body, headers=headers)
            declared = {(one.key, id(one.types)) for one in route.body if isinstance(one, Part)}
            assert read <= declared, (service.name, route.method, path, body)
            seen += len(read)
    assert seen > 40


VALUES: list[Any] = [
    True, False, 0, 1, -1, 2**31 - 1, 2**31, -(2**31), 0.5, 1e300, "", "a", "1", "-7", "true", "false", "None", "\u0000",
    "10.0.0.1", "fd00::1", "10.0.0.0/8", "10.0.0.999", [], {}, ["a"], [1], [None], [{}], [{"start": "10.0.0.1"}], {"id": "a"},
    [{"start": "10.0.0.1", "end": "10.0.0.2"}], [{"subnet_id": "a", "ip_address": "b"}], [{"subnet_id": 1}], {"id": 1},
    {"network_id": "a", "enable_snat": True}, {"network_id": []}, {"methods": ["password"]}, {"methods": [1]},
]  # fmt: skip
FORMATS = FormatChecker(("ipv4", "ipv6"))


@pytest.mark.parametrize(
    "table", [NETWORK, VOLUME, COMPUTE, IDENTITY], ids=["network", "volume", "compute", "identity"]
)
def test_what_a_type_says_of_itself_it_lets_pass(table: dict[str, Type]) -> None:
    for name, one in table.items():
        described = Draft202012Validator(one.schema, format_checker=FORMATS)
        fitting = [value for value in VALUES if described.is_valid(value)]
        assert fitting, name
        assert [value for value in fitting if not one(value)] == [], name
        # A schema that lets everything pass would describe nothing.
        assert len(fitting) < len(VALUES) / 2, name


def test_the_running_sandbox_hands_it_out_to_everybody(cloud: Loopback, community: Loopback) -> None:
    for one, profile, version in ((cloud, "ecs", (2, 60)), (community, "community", (2, 96))):
        reply = one.ask("GET", "/sandbox/openapi.json", token=None)
        assert (reply.status, reply.body) == (200, json.loads(json.dumps(describe(profile, version))))
    older = cloud.ask("GET", "/sandbox/openapi.json?microversion=2.20", token=None).body
    assert older == json.loads(json.dumps(describe("ecs", (2, 20))))
    for wrong in ("x", "2.97", "1.0", ""):
        assert cloud.ask("GET", f"/sandbox/openapi.json?microversion={wrong}", token=None).status == 400
    assert cloud.ask("POST", "/sandbox/openapi.json", token=None).status == 403


def test_the_command_prints_it() -> None:
    program = "from commands.main import main; main()"
    run = [sys.executable, "-c", program, "sandbox", "openapi", "--profile", "community", "--microversion", "2.50"]
    done = subprocess.run(run, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == json.loads(json.dumps(describe("community", (2, 50))))
    for option, value in (("--profile", "none"), ("--microversion", "9.9")):
        bad = subprocess.run([*run[:5], option, value], capture_output=True, text=True, check=False)
        assert (bad.returncode, bad.stdout) == (2, "")
        assert "error: " in bad.stderr


def test_nobody_pays_for_it_who_does_not_ask() -> None:
    program = "import sys, sandbox.serve, commands.sandbox; print('sandbox.openapi' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
