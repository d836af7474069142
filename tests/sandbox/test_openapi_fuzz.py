"""Every operation of the sandbox's own description, fuzzed with schemathesis over HTTP.

What is asked comes from the schemas, fitting and not, or is a body that works with one place spoiled; most paths name
something that is there. By itself the same is asked every time, and little of each operation. `ECS_FUZZ_EXAMPLES=200`
asks for so many of each, and other ones every time: that is for a night.
"""

import copy
import json
import os
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import status_code_conformance

from sandbox.openapi import describe
from sandbox.services import SERVICES
from sandbox.testing import running
from sandbox.world import LOWEST, Settings, Version
from tests.sandbox.furnished import CREATE, Furnished, bodies_of

EXAMPLES = os.environ.get("ECS_FUZZ_EXAMPLES")
SETTINGS = settings(
    max_examples=int(EXAMPLES or 2),
    derandomize=EXAMPLES is None,
    database=None,
    deadline=None,
    phases=(Phase.generate, Phase.shrink) if EXAMPLES else (Phase.generate,),
    suppress_health_check=list(HealthCheck),
)
NO_HTTP = b"Invalid HTTP request received."
"""What the HTTP server answers by itself, as with a header that holds control characters."""
ANSWER_SECONDS = 10.0
"""A request that is not answered by then hangs: the slowest takes a few milliseconds."""
CHECKS: list[Any] = [not_a_server_error, status_code_conformance]
PATCH = "application/openstack-images-v2.1-json-patch"


@schemathesis.serializer(PATCH)
def patch(_context: Any, value: Any) -> bytes:
    return json.dumps(value).encode()


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)
NOT_YET = {
    ("compute", "/tags"): (2, 26),
    ("compute", "PUT /servers/{server_id}/os-volume_attachments/{volume_id}"): (2, 85),
    ("compute", "/topology"): (2, 78),
}
"""Operations that Nova has, or lets a plain user ask for, only from a microversion on."""


class Fuzz:
    """A furnished cloud of one profile, and what came of asking it."""

    def __init__(self, world: Furnished, profile: str, version: Version) -> None:
        self.world = world
        self.version = version
        self.described = describe(profile, version)
        self.schema = schemathesis.openapi.from_dict(self.described)
        self.session = requests.Session()
        # Nothing of the environment may send these requests anywhere but to loopback.
        self.session.trust_env = False
        self.asked = 0
        self.worked: set[str] = set()

    def ask(self, case: Any) -> int:
        """Send one case; returns the status of its answer, after everything about it was checked."""
        cloud = self.world.cloud
        headers = {
            "X-Auth-Token": cloud.token,
            **({"X-Subject-Token": cloud.token} if "auth/tokens" in case.path else {}),
        }
        reply = case.call(base_url=cloud.url, session=self.session, headers=headers, timeout=ANSWER_SECONDS)
        self.asked += 1
        told = (case.method, case.formatted_path, case.query, case.body, reply.status_code, reply.content[:500])
        case.validate_response(reply, checks=CHECKS)
        if reply.content and reply.content != NO_HTTP:
            media = reply.headers["content-type"][0]
            assert media in self.media(case.operation, reply.status_code), told
            if media == "application/json":
                json.loads(reply.content, parse_constant=lambda name: pytest.fail(f"{name} is no JSON: {told}"))
        if reply.status_code >= 400:
            assert cloud.world.store._db.serialize() == self.world.memory, f"refused, yet something changed: {told}"
        else:
            self.worked.add(case.operation.label)
            self.world.back()
        return int(reply.status_code)

    def media(self, operation: Any, status: int) -> Any:
        answers = operation.definition.raw["responses"]
        return answers.get(str(status), answers.get(f"{status // 100}XX", {})).get("content", {})

    def good(self, operation: Any) -> Iterator[Any]:
        """Give the cases of an operation that should work: real ids, good bodies, no more than is required."""
        takes = list(operation.body)
        bodies = bodies_of(self.world.bodies, operation.method.upper(), operation.path) if takes else [None]
        for body in bodies:
            more = {"body": copy.deepcopy(body), "media_type": takes[0].media_type} if takes else {}
            yield operation.Case(path_parameters=self.ids(operation), headers=self.headers(operation), **more)

    def ids(self, operation: Any) -> dict[str, str]:
        return {one.name: self.world.real(operation.path, one.name) for one in operation.path_parameters}

    def headers(self, operation: Any) -> dict[str, str]:
        schemas = {one.name: one.definition["schema"] for one in operation.headers}
        return {name: schema["const"] for name, schema in schemas.items() if "const" in schema}

    def run(self, operation: Any) -> None:
        """Ask one operation for what should work, then for what the schemas and the spoiled bodies give."""
        for case in self.good(operation):
            self.ask(case)
        bodies = bodies_of(self.world.bodies, operation.method.upper(), operation.path) if list(operation.body) else []
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            cases = operation.as_strategy(generation_mode=mode)

            @SETTINGS
            @given(case=cases, real=st.sampled_from([True, True, True, False]), data=st.data())
            def ask(case: Any, data: Any, *, real: bool) -> None:
                if real:
                    case.path_parameters = self.ids(operation)
                if bodies and data.draw(st.booleans()):
                    case.body = data.draw(spoiled(data.draw(st.sampled_from(bodies))))
                    case.headers = self.headers(operation)
                self.ask(case)

            try:
                ask()
            except Unsatisfiable:
                # There is nothing in this operation that could be wrong.
                assert mode is GenerationMode.NEGATIVE
                assert not list(operation.iter_parameters())


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, item in inner for place in places(item, (*path, key)))]


@st.composite
def spoiled(draw: st.DrawFn, body: Any) -> Any:
    """A body in which one place holds anything."""
    place, value = draw(st.sampled_from(places(body))), draw(ANYTHING)
    if not place:
        return value
    made = holder = copy.deepcopy(body)
    for key in place[:-1]:
        holder = holder[key]
    holder[place[-1]] = value
    return made


CLOUDS: list[tuple[str, Version]] = [("ecs", (2, 60)), ("community", (2, 96)), ("community", LOWEST)]


@pytest.fixture(scope="module")
def fuzzes() -> Iterator[dict[tuple[str, Version], Fuzz]]:
    with ExitStack() as stack:
        made = {}
        for profile, version in CLOUDS:
            cloud = stack.enter_context(running(Settings(build_seconds=10).with_profile(profile)))
            made[profile, version] = Fuzz(Furnished(cloud), profile, version)
        yield made


@pytest.mark.parametrize(
    ("profile", "version", "service"),
    [
        *(
            (profile, version, service.name)
            for profile, version in CLOUDS[:2]
            for service in SERVICES
            if profile == "ecs" or not service.only_ecs
        ),
        (*CLOUDS[2], "compute"),
    ],
)
def test_every_operation_answers_as_it_is_described(
    fuzzes: dict[tuple[str, Version], Fuzz], profile: str, version: Version, service: str
) -> None:
    fuzz = fuzzes[profile, version]
    should = set()
    for operation in (one.ok() for one in fuzz.schema.get_all_operations()):
        if operation.tags != [service] or (version == LOWEST and operation.path.startswith("/compute/v2/")):
            # That path knows no microversion: it was asked already.
            continue
        fuzz.run(operation)
        if any(status < "4" for status in operation.responses.status_codes) and known(operation, version):
            should.add(operation.label)
    # A fuzz that is turned away at the door proves nothing about what is behind it.
    assert should - fuzz.worked == set()
    cloud = fuzz.world.cloud
    assert cloud.ask("POST", "/compute/v2.1/servers", CREATE, version="2.60").status == 202
    for path in ("/compute/v2.1/servers/detail", "/network/v2.0/ports", "/volume/v3/volumes/detail"):
        assert cloud.ask("GET", path).status == 200
    fuzz.world.back()
    print(f"{profile} {version} {service}: {len(should)} operations worked, {fuzz.asked} requests so far")


def known(operation: Any, version: Version) -> bool:
    if operation.path.startswith("/compute/v2/"):
        version = (2, 1)
    label = operation.label.replace("/compute/v2.1", "").replace("/compute/v2", "")
    return all(
        version >= since
        for (service, part), since in NOT_YET.items()
        if [service] == operation.tags and (part == label or part in operation.path)
    )
