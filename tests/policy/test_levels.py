"""Configurations of the pack: those that are shipped are right, and what is wrong with another is told before the engine is asked."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from pulumi_policy import PolicyConfigSchema

import toolchain
from policy import options
from policy.configuration import check, policies
from policy.pack import policies as built

ROOT = Path(__file__).parents[2]
SHIPPED = sorted((ROOT / "policy" / "levels").glob("*.json"))
FILES = [pytest.param(file, id=file.stem) for file in SHIPPED]


def test_each_environment_has_a_file() -> None:
    assert [file.stem for file in SHIPPED] == ["dev", "prod", "sandbox", "staging"]


@pytest.mark.parametrize("file", FILES)
def test_what_is_shipped_is_right_and_says_how_it_stands_with_what_is_not_certain(file: Path) -> None:
    assert check(file) == []
    assert set(json.loads(file.read_text(encoding="utf-8"))) >= set(options.SPECIAL)


def test_a_configuration_can_name_every_policy_of_the_pack() -> None:
    assert {policy.name for policy in built()} <= set(policies())


def mistakes(tmp_path: Path, given: Any) -> list[str]:
    file = tmp_path / "levels.json"
    file.write_bytes(given if isinstance(given, bytes) else json.dumps(given).encode())
    return check(file, "levels.json")


RIGHT: list[Any] = [
    {},
    {"all": "mandatory", "undetermined": "disabled"},
    {"ECS-107": {"supported": True}},
    {"ECS-502": {"enforcementLevel": "advisory", "policies": ["anti-affinity", "soft-anti-affinity"]}},
    {"cloud": {"read": False, "seconds": 0.5}},
    {"cloud": {"seconds": 60}, "ECS-305": "mandatory"},
    b"",
    b" \n",
]


@pytest.mark.parametrize("given", RIGHT, ids=str)
def test_right(tmp_path: Path, given: Any) -> None:
    assert mistakes(tmp_path, given) == []


LEVEL = "Use one of advisory, mandatory, disabled."
IS_LIST = "It is the policies that a server group may have: a list of anti-affinity, soft-anti-affinity, affinity, soft-affinity."
IS_SECONDS = "It is how long one read may take: a number of seconds above 0, at most 60."
WRONG = [
    ({"undetermind": "mandatory"}, " undetermind: is no policy of the pack. Did you mean undetermined?"),
    ({"ECS-999": "mandatory"}, " ECS-999: is no policy of the pack. "),
    ({"ECS-602": "mandatory"}, " ECS-602: is no policy of the pack. "),
    (
        {"environments": ["x"]},
        " environments: is no policy of the pack. Name a restriction (`ecs restrictions`), undetermined, cloud, exempted, ",
    ),
    ({"ECS-211": "loud"}, f' ECS-211: has no such level: "loud". {LEVEL}'),
    ({"ECS-211": "remediate"}, f' ECS-211: has no such level: "remediate". {LEVEL}'),
    ({"ECS-211": {"enforcementLevel": ["x"]}}, f' ECS-211: has no such level: ["x"]. {LEVEL}'),
    ({"ECS-211": None}, f" ECS-211: is neither a level nor an object. {LEVEL}"),
    ({"ECS-211": {"level": "advisory"}}, " ECS-211.level: is no option of ECS-211. It has: enforcementLevel."),
    (
        {"ECS-502": {"polices": ["affinity"]}},
        " ECS-502.polices: is no option of ECS-502. Did you mean policies?",
    ),
    (
        {"ECS-502": {"policies": ["affine"]}},
        " ECS-502.policies[0]: 'affine' is not one of ['anti-affinity', 'soft-anti-affinity', 'affinity', 'soft-affinity']. "
        + IS_LIST,
    ),
    ({"ECS-502": {"policies": []}}, f" ECS-502.policies: [] should be non-empty. {IS_LIST}"),
    ({"ECS-107": {"supported": "yes"}}, " ECS-107.supported: 'yes' is not of type 'boolean'. It is true where"),
    ({"cloud": {"seconds": 0}}, f" cloud.seconds: 0 is less than or equal to the minimum of 0. {IS_SECONDS}"),
    ({"cloud": {"seconds": 61}}, f" cloud.seconds: 61 is greater than the maximum of 60. {IS_SECONDS}"),
    ({"cloud": {"seconds": True}}, f" cloud.seconds: True is not of type 'number'. {IS_SECONDS}"),
    ({"a\x1bb": "advisory"}, ' "a\\u001bb": is no policy of the pack.'),
    (["ECS-211"], " is not an object. Write the policies' names with a level each."),
    (b'{\n "ECS-211": advisory\n}', "2: is not JSON: Expecting value. Correct the text there."),
    (b'{"all": "advisory", "all": "disabled"}', " all: is there twice. Keep one of them."),
    (b'{"cloud": {"seconds": NaN}}', " NaN: is not JSON. Write a number."),
    (b"[" * 100_000, " is not JSON that can be read. Write one object, with a level for each policy."),
    (b'{"cloud": {"seconds": 1' + b"0" * 5_000 + b"}}", " is not JSON that can be read."),
    (b"\xff", " is not UTF-8. Save it as UTF-8."),
]


@pytest.mark.parametrize(("given", "says"), WRONG, ids=range(len(WRONG)))
def test_wrong(tmp_path: Path, given: Any, says: str) -> None:
    (told,) = mistakes(tmp_path, given)
    assert told.startswith(f"levels.json:{says}")


def test_everything_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    given = {"undetermind": "mandatory", "cloud": {"enforcementLevel": "loud", "second": 1, "read": 0}}
    assert [told.split(": ")[1] for told in mistakes(tmp_path, given)] == [
        "undetermind",
        "cloud",
        "cloud.second",
        "cloud.read",
    ]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert check(tmp_path / "no.json", "no.json") == [
        "no.json: cannot be read: No such file or directory. Name a file that is there."
    ]


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.sampled_from(["advisory", "mandatory"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["all", "cloud", "ECS-502", "ECS-211", "policies", "seconds", "enforcementLevel"])
            | st.text(max_size=5),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(given_=ANY_JSON)
def test_any_json_is_right_or_told(given_: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    told = mistakes(tmp_path_factory.getbasetemp(), given_)
    assert all(one.startswith("levels.json:") for one in told)


@pytest.mark.parametrize("policy", options.configurable())
def test_the_options_are_schemas_that_the_sdk_takes_and_their_defaults_fit(policy: str) -> None:
    assert policy in policies()
    for name, schema in options.properties(policy).items():
        Draft7Validator.check_schema(schema)
        Draft7Validator(schema).validate(options.defaults(policy)[name])
    assert PolicyConfigSchema(properties=options.properties(policy)).properties == options.properties(policy)
    options.properties(policy).clear()
    assert options.properties(policy), "what is handed out is a copy"


def test_a_policy_without_options_has_none() -> None:
    assert (options.properties("ECS-211"), options.defaults("ECS-211")) == ({}, {})
    assert options.defaults("cloud") == {"read": True, "seconds": 5}


class Service(BaseHTTPRequestHandler):
    """As much of Pulumi's service as `pulumi policy validate-config` asks for: who one is, and the schemas of a published pack."""

    def do_GET(self) -> None:
        schemas = {
            policy: {"type": "object", "properties": options.properties(policy)} for policy in options.configurable()
        }
        answers = {
            "/api/user": {"githubLogin": "acme", "name": "acme", "organizations": [{"githubLogin": "acme"}]},
            "/api/orgs/acme/policypacks/ecs-stacks/versions/0.1.0/schema": {"configSchema": schemas},
        }
        sent = json.dumps(answers.get(self.path, {})).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    do_POST = do_GET  # noqa: N815 - the library's name

    def log_message(self, *_: object) -> None:  # type: ignore[override]
        pass


@pytest.fixture(scope="module")
def service() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def validate(file: Path, service: str, home: Path) -> subprocess.CompletedProcess[str]:
    tools = toolchain.locate()
    assert tools is not None, "run `make setup` first"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PULUMI_")}
    more = {"PULUMI_HOME": str(home), "PULUMI_BACKEND_URL": service, "PULUMI_ACCESS_TOKEN": "of-a-test"}
    return subprocess.run(
        [tools.bin / "pulumi", "policy", "validate-config", "acme/ecs-stacks", "0.1.0", "--config", file],
        env={**kept, **more, "PULUMI_SKIP_UPDATE_CHECK": "true", "NO_COLOR": "1"},
        cwd=home,
        text=True,
        capture_output=True,
        check=False,
        timeout=60,
    )


@pytest.mark.engine
@pytest.mark.parametrize("file", FILES)
def test_the_real_cli_takes_what_is_shipped(file: Path, service: str, tmp_path: Path) -> None:
    ran = validate(file, service, tmp_path)
    assert (ran.returncode, ran.stdout) == (0, "Policy Pack configuration is valid.\n"), ran.stderr


@pytest.mark.engine
@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"cloud": {"seconds": 61}}, "Must be less than or equal to 60"),
        ({"cloud": {"seconds": 0}}, "Must be greater than 0"),
        ({"ECS-502": {"policies": ["affine"]}}, 'policies.0 must be one of the following: "anti-affinity"'),
        ({"ECS-107": {"supported": "yes"}}, "Invalid type. Expected: boolean, given: string"),
        ({"ECS-211": "loud"}, 'parsing enforcement level for "ECS-211": "loud" is not a valid enforcement level'),
    ],
)
def test_what_the_real_cli_refuses_is_refused_here(given: Any, says: str, service: str, tmp_path: Path) -> None:
    told = mistakes(tmp_path, given)
    ran = validate(tmp_path / "levels.json", service, tmp_path)
    assert told
    assert ran.returncode == 1
    assert says in ran.stderr


@pytest.mark.engine
def test_the_real_cli_does_not_see_a_misspelt_word(service: str, tmp_path: Path) -> None:
    assert len(mistakes(tmp_path, {"undetermind": "mandatory", "ECS-502": {"polices": ["affinity"]}})) == 2
    assert validate(tmp_path / "levels.json", service, tmp_path).returncode == 0
