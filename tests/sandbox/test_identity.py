"""Logging in: tokens, their end, application credentials, the catalog."""

from typing import Any

import openstack
import pytest
from openstack import exceptions

from sandbox.catalog import CATALOG
from sandbox.testing import PASSWORD, Loopback

pytestmark = [
    pytest.mark.filterwarnings("ignore::openstack.warnings.RemovedInSDK50Warning"),
    pytest.mark.filterwarnings("ignore::openstack.warnings.RemovedInSDK60Warning"),
]


def log_in(cloud: Loopback, password: str = PASSWORD, user: str = "demo", scope: Any = None) -> Any:
    identity = {
        "methods": ["password"],
        "password": {"user": {"name": user, "domain": {"id": "default"}, "password": password}},
    }
    auth = {"identity": identity} | ({"scope": scope} if scope else {})
    return cloud.ask("POST", "/identity/v3/auth/tokens", {"auth": auth}, token=None)


@pytest.mark.parametrize(
    "given",
    [
        {"password": "wrong"},
        {"user": "root"},
        {"scope": {"project": {"name": "other", "domain": {"id": "default"}}}},
        {"password": ""},
    ],
)
def test_whoever_is_not_the_user_gets_no_token(cloud: Loopback, given: dict[str, Any]) -> None:
    reply = log_in(cloud, **given)
    assert (reply.status, reply.body["error"]["code"]) == (401, 401)
    assert "x-subject-token" not in reply.headers


def test_a_wrong_password_is_one_clear_error_of_the_client(cloud: Loopback) -> None:
    sdk = openstack.connect(auth={**cloud.auth, "password": "wrong"}, load_yaml_config=False, load_envvars=False)
    with sdk, pytest.raises(exceptions.SDKException, match="requires authentication"):
        sdk.authorize()


@pytest.mark.parametrize("token", ["no-such-token", None])
@pytest.mark.parametrize(
    "path", ["/compute/v2.1/servers", "/network/v2.0/ports", "/image/v2/images", "/volume/v3/volumes"]
)
def test_without_a_good_token_nothing_is_told(cloud: Loopback, path: str, token: str | None) -> None:
    reply = cloud.ask("GET", path, token=token)
    assert (reply.status, "www-authenticate" in reply.headers) == (401, True)


def test_a_token_ends_and_the_client_takes_a_new_one(cloud: Loopback) -> None:
    token = log_in(cloud).headers["x-subject-token"]
    assert cloud.ask("GET", "/compute/v2.1/servers", token=token).status == 200
    with openstack.connect(auth=cloud.auth, load_yaml_config=False, load_envvars=False) as sdk:
        list(sdk.compute.servers())
        cloud.clock.advance(cloud.world.settings.token_seconds)
        assert cloud.ask("GET", "/compute/v2.1/servers", token=token).status == 401
        cloud.token = ""
        assert list(sdk.compute.servers()) == []
    assert len(cloud.world.store.all("token")) < 5


def test_a_revoked_token_is_over(cloud: Loopback) -> None:
    token = log_in(cloud).headers["x-subject-token"]
    subject = {"X-Subject-Token": token}
    assert cloud.ask("GET", "/identity/v3/auth/tokens", headers=subject).body["token"]["user"]["name"] == "demo"
    assert cloud.ask("DELETE", "/identity/v3/auth/tokens", headers=subject).status == 204
    assert cloud.ask("GET", "/identity/v3/auth/tokens", headers=subject).status == 404


def test_the_catalog_is_built_from_the_address_that_was_asked(cloud: Loopback) -> None:
    catalog = log_in(cloud).body["token"]["catalog"]
    assert {one["type"] for one in catalog} == {entry.type for entry in CATALOG}
    urls = [endpoint["url"] for one in catalog for endpoint in one["endpoints"]]
    assert all(url.startswith(cloud.url) for url in urls)


def test_an_application_credential_stands_for_the_user_until_it_is_deleted(cloud: Loopback) -> None:
    user = cloud.world.store.note("user_id")
    path = f"/identity/v3/users/{user}/application_credentials"
    made = cloud.ask("POST", path, {"application_credential": {"name": "ci"}}).body["application_credential"]
    given = {"auth_url": cloud.auth["auth_url"], "application_credential_id": made["id"]}
    for secret, good in ((made["secret"], True), ("wrong", False)):
        auth = {**given, "application_credential_secret": secret}
        sdk = openstack.connect(
            auth_type="v3applicationcredential", auth=auth, load_yaml_config=False, load_envvars=False
        )
        with sdk:
            if good:
                assert sdk.network.find_network("net-office", ignore_missing=False)
            else:
                with pytest.raises(exceptions.SDKException, match="HTTP 401"):
                    sdk.authorize()
    assert cloud.ask("DELETE", f"{path}/{made['id']}").status == 204
    assert cloud.ask("GET", f"{path}/{made['id']}").status == 404
