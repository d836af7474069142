"""Reads of a running cloud: once each, given up in time, and silent with a reason that holds no secret."""

from __future__ import annotations

import contextlib
import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from policy.facts import kinds
from policy.facts.asking import PendingError, Question, SilentError
from policy.facts.cloud import STARTING, Cloud, Clouds
from policy.facts.credentials import connect
from policy.facts.members import Provider
from policy.unknown import UNKNOWN
from sandbox.folder import REGION
from sandbox.testing import PASSWORD, Loopback, running

pytestmark = [
    # openstacksdk warns of its own inside, whatever one asks of it.
    pytest.mark.filterwarnings("ignore::openstack.warnings.RemovedInSDK50Warning"),
    pytest.mark.filterwarnings("ignore::openstack.warnings.RemovedInSDK60Warning"),
]

SECONDS = 0.5
SLACK = 3.0
"""What a busy machine may add to a limit."""
PLANTED = "planted-password"
FLAVOR = kinds.FLAVOR.by_id("s3.medium")
OTHER = kinds.FLAVOR.by_id("c3.xlarge")
NETWORK = kinds.NETWORK.by_id("fd40e6f8-942d-4b4e-a7ae-465287b02a2c")
KEY_PAIR = kinds.KEY_PAIR.by_id("test")
NAMED = {"cloud": "sandbox"}


@pytest.fixture(scope="module")
def running_cloud() -> Iterator[Loopback]:
    with running() as made:
        yield made


@pytest.fixture
def sandbox(running_cloud: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Loopback:
    """A sandbox at its beginning, which `clouds.yaml` describes as `sandbox`."""
    running_cloud.start_over()
    describe(tmp_path, monkeypatch, sandbox=running_cloud.auth)
    return running_cloud


def describe(folder: Path, monkeypatch: pytest.MonkeyPatch, **clouds: dict[str, str]) -> None:
    """Write a `clouds.yaml` (JSON is YAML) and let nothing else tell of a cloud."""
    file = folder / "clouds.yaml"
    listed = {name: {"auth": auth, "region_name": REGION} for name, auth in clouds.items()}
    file.write_text(json.dumps({"clouds": listed}), encoding="utf-8")
    for name in ("OS_CLOUD", "OS_AUTH_URL", "OS_USERNAME", "OS_PASSWORD", "OS_PROJECT_NAME", "PULUMI_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(file))


def provider(**settings: object) -> Provider:
    return Provider("urn:pulumi:dev::p::pulumi:providers:openstack::default", settings)


def asked(clouds: Clouds, settings: dict[str, object], *questions: Question) -> list[Any]:
    """The answer to each question, or why there is none, as a rule gets them that is asked again."""
    for question in questions:
        with contextlib.suppress(PendingError, SilentError):
            clouds.ask(provider(**settings), question)
    clouds.wait()
    return [answer(clouds, settings, question) for question in questions]


def answer(clouds: Clouds, settings: dict[str, object], question: Question) -> Any:
    try:
        return clouds.ask(provider(**settings), question)
    except SilentError as silent:
        return silent.reason


def reads(sandbox: Loopback, part: str) -> list[int | None]:
    """What the sandbox answered to each read of a path."""
    return [line["status"] for line in sandbox.journal.lines if line["method"] == "GET" and part in line["path"]]


def silent(settings: dict[str, object], *, seconds: float = 5.0) -> str:
    """Why a cloud says nothing; its reason, and how the error is printed, hold no secret."""
    clouds = Clouds(seconds=seconds)
    with contextlib.suppress(PendingError, SilentError):
        clouds.ask(provider(**settings), FLAVOR)
    clouds.wait()
    with pytest.raises(SilentError) as found:
        clouds.ask(provider(**settings), FLAVOR)
    assert PLANTED not in f"{found.value.reason}{found.value!r}"
    assert PASSWORD not in f"{found.value.reason}{found.value!r}"
    return found.value.reason


@pytest.fixture
def deaf() -> Iterator[str]:
    """The address of something that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/identity/v3"


@pytest.fixture
def nobody() -> str:
    """An address where nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return f"http://127.0.0.1:{listening.getsockname()[1]}/identity/v3"


def test_an_object_is_read_once_a_run(sandbox: Loopback) -> None:
    clouds = Clouds()
    with pytest.raises(PendingError):
        clouds.ask(provider(**NAMED), FLAVOR)
    for _ in range(20):
        (found,) = asked(clouds, dict(NAMED), FLAVOR)
        assert found["name"] == "s3.medium"
    assert reads(sandbox, "/flavors/") == [200]


def test_one_log_in_serves_all(sandbox: Loopback) -> None:
    clouds = Clouds()
    clouds.begin(provider(**NAMED))
    found = asked(clouds, dict(NAMED), FLAVOR, OTHER, NETWORK, KEY_PAIR)
    assert [one["name"] for one in found[:2]] == ["s3.medium", "c3.xlarge"]
    logged_in = [line for line in sandbox.journal.lines if line["path"].endswith("/auth/tokens")]
    assert len(logged_in) == 1


def test_what_is_not_there_is_none(sandbox: Loopback) -> None:
    assert asked(Clouds(), dict(NAMED), kinds.FLAVOR.by_id("s9.nothing"), FLAVOR)[0] is None
    assert reads(sandbox, "/flavors/s9.nothing") == [404]


def test_a_list_is_read_page_by_page(sandbox: Loopback) -> None:
    (every,) = asked(Clouds(), dict(NAMED), Question("compute", "/flavors", "flavors", paged=True))
    (paged,) = asked(Clouds(), dict(NAMED), Question("compute", "/flavors?limit=2", "flavors", paged=True))
    assert len(every) > 2
    assert [one["id"] for one in paged] == [one["id"] for one in every]
    assert len(reads(sandbox, "/flavors?")) > 1


def test_a_refusal_is_tried_again(sandbox: Loopback) -> None:
    sandbox.fault("503", on="GET /compute/*/flavors/*")
    (found,) = asked(Clouds(), dict(NAMED), FLAVOR)
    assert found["name"] == "s3.medium"
    assert reads(sandbox, "/flavors/s3.medium") == [503, 200]


def test_an_endless_refusal_silences_this_object_alone(sandbox: Loopback) -> None:
    sandbox.fault("503", on="GET /compute/*/flavors/*", times=None)
    refused, found = asked(Clouds(), dict(NAMED), FLAVOR, NETWORK)
    assert refused == "the cloud 'sandbox' answered 503 for compute flavors"
    assert found["id"] == NETWORK.path.rpartition("/")[2]
    assert reads(sandbox, "/flavors/s3.medium") == [503, 503]


def test_a_dropped_connection_is_tried_again(sandbox: Loopback) -> None:
    sandbox.fault("drop-before", on="GET /compute/*/flavors/*")
    (found,) = asked(Clouds(), dict(NAMED), FLAVOR)
    assert found["name"] == "s3.medium"


def test_a_hanging_read_is_given_up_and_so_is_the_cloud(sandbox: Loopback) -> None:
    clouds = Clouds(seconds=SECONDS)
    assert asked(clouds, dict(NAMED), NETWORK)[0]["id"]
    sandbox.fault("slow-answer", on="GET /compute/*/flavors/*", seconds=4, times=None)
    began = time.monotonic()
    (reason,) = asked(clouds, dict(NAMED), FLAVOR)
    assert reason == "the cloud 'sandbox' did not answer within 0.5 s"
    assert time.monotonic() - began < SECONDS + SLACK
    began = time.monotonic()
    assert [answer(clouds, dict(NAMED), one) for one in (FLAVOR, OTHER, KEY_PAIR)] == [reason] * 3
    assert time.monotonic() - began < SECONDS, "nothing is waited for any more"
    assert asked(clouds, dict(NAMED), NETWORK)[0]["id"], "what was read before is still known"


def test_an_address_that_never_answers_is_given_up(deaf: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    auth = {"auth_url": deaf, "username": "u", "password": PLANTED, "project_name": "p", "user_domain_id": "default"}
    describe(tmp_path, monkeypatch, hung=auth)
    began = time.monotonic()
    assert silent({"cloud": "hung"}, seconds=SECONDS) == "the cloud 'hung' did not answer within 0.5 s"
    assert time.monotonic() - began < STARTING + SECONDS + SLACK


def test_the_newest_microversion_is_told(sandbox: Loopback) -> None:
    (newest,) = asked(Clouds(), dict(NAMED), kinds.NEWEST_COMPUTE)
    assert tuple(newest) >= (2, 19)


def test_a_wrong_password_is_told_as_such(sandbox: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    describe(tmp_path, monkeypatch, wrong=sandbox.auth | {"password": PLANTED})
    assert silent({"cloud": "wrong"}) == "the cloud 'wrong' refuses the credentials"


def test_an_unreachable_address_is_told_as_such(nobody: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    describe(tmp_path, monkeypatch)
    settings = {"authUrl": nobody, "userName": "u", "password": PLANTED, "tenantName": "p", "userDomainId": "default"}
    assert silent(dict(settings)) == f"the cloud at {nobody} cannot be reached"


def test_a_cloud_that_is_not_described(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    describe(tmp_path, monkeypatch, other={"auth_url": "http://127.0.0.1:9", "password": PLANTED})
    assert silent({"cloud": "nowhere"}).startswith("the cloud 'nowhere' is not described in ")


@pytest.mark.parametrize("missing", ["username", "password", "auth_url"])
def test_a_cloud_that_is_described_in_part(
    missing: str, sandbox: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = {key: value for key, value in sandbox.auth.items() if key != missing}
    describe(tmp_path, monkeypatch, part=part)
    assert silent({"cloud": "part"}).startswith("the cloud 'part' ")


def test_no_cloud_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    describe(tmp_path, monkeypatch)
    assert silent({"password": PLANTED}).startswith("there is no cloud to ask: the provider has no `cloud`")


def test_a_region_that_the_cloud_does_not_have(
    sandbox: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    describe(tmp_path, monkeypatch)
    settings = {
        "authUrl": sandbox.auth["auth_url"],
        "userName": sandbox.auth["username"],
        "password": PASSWORD,
        "tenantName": sandbox.auth["project_name"],
        "domainName": "Default",
        "region": "nowhere",
    }
    assert (
        silent(dict(settings))
        == f"the cloud at {sandbox.auth['auth_url']} has no compute service in the region 'nowhere'"
    )


def test_a_setting_that_is_not_known_yet(sandbox: Loopback) -> None:
    reason = silent({"cloud": "sandbox", "password": PLANTED, "tenantName": UNKNOWN})
    assert reason == "the cloud 'sandbox' cannot be asked before apply: tenantName of its provider is not known yet"
    assert sandbox.journal.lines == []


def test_a_file_that_is_no_yaml_quotes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    describe(tmp_path, monkeypatch)
    (tmp_path / "clouds.yaml").write_text(f"clouds: [{{password: {PLANTED}", encoding="utf-8")
    assert silent({"cloud": "sandbox"}).startswith("the cloud 'sandbox' is not described in ")


def test_the_providers_own_settings_reach_the_cloud(
    sandbox: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    describe(tmp_path, monkeypatch)
    settings = {
        "authUrl": sandbox.auth["auth_url"],
        "userName": sandbox.auth["username"],
        "password": PASSWORD,
        "tenantName": sandbox.auth["project_name"],
        "userDomainName": "Default",
        "projectDomainId": "default",
        "region": REGION,
    }
    assert asked(Clouds(), dict(settings), FLAVOR)[0]["name"] == "s3.medium"


def test_the_providers_domain_holds_for_user_and_project(
    sandbox: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    describe(tmp_path, monkeypatch)
    settings = {
        "authUrl": sandbox.auth["auth_url"],
        "userName": sandbox.auth["username"],
        "password": PASSWORD,
        "tenantName": sandbox.auth["project_name"],
        "domainName": "Default",
    }
    assert asked(Clouds(), dict(settings), FLAVOR)[0]["name"] == "s3.medium"


def test_an_application_credential_reaches_the_cloud(
    sandbox: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    describe(tmp_path, monkeypatch)
    token = sandbox.log_in()
    user = sandbox.ask("GET", "/identity/v3/auth/tokens", headers={"X-Subject-Token": token}).body["token"]["user"]
    wanted = {"application_credential": {"name": "of-a-test"}}
    made = sandbox.ask("POST", f"/identity/v3/users/{user['id']}/application_credentials", wanted)
    assert made.status == 201, made.body
    credential = made.body["application_credential"]
    settings = {
        "authUrl": sandbox.auth["auth_url"],
        "applicationCredentialId": credential["id"],
        "applicationCredentialSecret": credential["secret"],
    }
    assert asked(Clouds(), dict(settings), FLAVOR)[0]["name"] == "s3.medium"
    wrong = silent(settings | {"applicationCredentialSecret": PLANTED})
    assert wrong == f"the cloud at {sandbox.auth['auth_url']} refuses the credentials"


def test_the_environment_reaches_the_cloud(sandbox: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    describe(tmp_path, monkeypatch)
    for key, value in sandbox.auth.items():
        monkeypatch.setenv(f"OS_{key.upper()}", value)
    assert asked(Clouds(), {}, FLAVOR)[0]["name"] == "s3.medium"


def test_a_provider_of_ours_without_settings_asks_the_cloud_of_the_stack(
    sandbox: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps({"openstack:cloud": "sandbox"}))
    own = Provider("urn:pulumi:dev::p::pulumi:providers:ecs::default", dict.fromkeys(("cloud", "authUrl")))
    clouds = Clouds()
    with pytest.raises(PendingError):
        clouds.ask(own, FLAVOR)
    clouds.wait()
    assert clouds.ask(own, FLAVOR)["name"] == "s3.medium"


def test_a_component_asks_the_cloud_of_the_stack(sandbox: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps({"openstack:cloud": "sandbox"}))
    clouds = Clouds()
    with pytest.raises(PendingError):
        clouds.ask(None, FLAVOR)
    clouds.wait()
    assert clouds.ask(None, FLAVOR)["name"] == "s3.medium"
    assert clouds.ask(provider(cloud="sandbox"), FLAVOR)["name"] == "s3.medium"
    assert reads(sandbox, "/flavors/") == [200], "the provider of the stack is the same cloud"


def test_two_providers_of_one_cloud_read_it_once(sandbox: Loopback) -> None:
    clouds = Clouds()
    asked(clouds, dict(NAMED), FLAVOR)
    same = Provider("urn:pulumi:dev::p::pulumi:providers:openstack::mine", {"cloud": "sandbox"})
    assert clouds.ask(same, FLAVOR)["name"] == "s3.medium"
    assert reads(sandbox, "/flavors/") == [200]


def test_a_cloud_that_is_not_to_be_read_is_not_asked(sandbox: Loopback) -> None:
    clouds = Clouds(read=False)
    clouds.begin(provider(**NAMED))
    with pytest.raises(SilentError, match="switched off"):
        clouds.ask(provider(**NAMED), FLAVOR)
    assert sandbox.journal.lines == []


def test_a_defect_of_the_client_library_quotes_nothing() -> None:
    def broken(_settings: object, _seconds: float) -> Any:
        raise RuntimeError(PLANTED)

    cloud = Cloud(NAMED, SECONDS, broken)
    with contextlib.suppress(PendingError, SilentError):
        cloud.ask(FLAVOR)
    cloud.wait()
    with pytest.raises(SilentError) as found:
        cloud.ask(FLAVOR)
    assert found.value.reason == "the cloud 'sandbox' could not be read (RuntimeError)"


def test_an_error_of_the_log_in_keeps_no_cause_that_quotes_it(
    sandbox: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    describe(tmp_path, monkeypatch, wrong=sandbox.auth | {"password": PLANTED})
    with pytest.raises(SilentError) as found:
        connect({"cloud": "wrong"}, 5.0)
    assert found.value.__suppress_context__
