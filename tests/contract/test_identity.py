"""Logging in: tokens, what they are good for, and what is refused."""

from __future__ import annotations

from typing import Any

from tests.contract.cloud import Cloud
from tests.contract.observe import Watch, shape


def ask(cloud: Cloud, method: str, path: str, body: Any = None, token: str | None = None) -> Any:
    """Ask Keystone without the connection's own token."""
    headers = {} if token is None else {"X-Auth-Token": token}
    session = cloud.connection.session
    url = cloud.connection.config.get_auth_args()["auth_url"].rstrip("/") + path
    return session.request(url, method, json=body, headers=headers, authenticated=False, raise_exc=False)


def password(cloud: Cloud, **change: Any) -> dict[str, Any]:
    """A login by password; the keywords change the user."""
    given = cloud.connection.config.get_auth_args()
    user = {"name": given["username"], "password": given["password"], "domain": {"id": "default"}} | change
    identity = {
        "methods": ["password"],
        "password": {"user": {key: value for key, value in user.items() if value is not None}},
    }
    scope = {"project": {"name": given["project_name"], "domain": {"id": "default"}}}
    return {"auth": {"identity": identity, "scope": scope}}


def test_login(cloud: Cloud, see: Watch) -> None:
    answer = ask(cloud, "POST", "/auth/tokens", password(cloud))
    body = answer.json()["token"]
    body.pop("catalog")
    see("keys", {"status": answer.status_code, "body": shape(body)})
    see("header", "X-Subject-Token" in answer.headers)
    token = answer.headers["X-Subject-Token"]
    headers = {"X-Subject-Token": token, "X-Auth-Token": token}
    url = cloud.connection.config.get_auth_args()["auth_url"].rstrip("/") + "/auth/tokens"
    session = cloud.connection.session
    validated = session.request(url, "GET", headers=headers, authenticated=False, raise_exc=False)
    see("validate", {"status": validated.status_code, "keys": sorted(validated.json()["token"])})
    revoked = session.request(url, "DELETE", headers=headers, authenticated=False, raise_exc=False)
    see("revoke", revoked.status_code)
    # Whether it is still good for something is not asked: Keystone's cache lets this OpenStack answer now so, now so.


def test_catalog(cloud: Cloud, see: Watch) -> None:
    catalog = ask(cloud, "POST", "/auth/tokens", password(cloud)).json()["token"]["catalog"]
    kinds = {one["type"]: one for one in catalog}
    needed = ["block-storage", "compute", "identity", "image", "network"]
    see("services", [kind for kind in needed if kind in kinds])
    see("keys", shape(kinds["compute"]))
    see("interfaces", sorted({one["interface"] for one in kinds["compute"]["endpoints"]}))


def test_wrong_logins(cloud: Cloud, see: Watch) -> None:
    for what, body in (
        ("wrong password", password(cloud, password="wrong")),
        ("unknown user", password(cloud, name="nobody")),
        ("no password", password(cloud, password=None)),
        ("number", password(cloud, password=7)),
        ("no domain", password(cloud, domain=None)),
    ):
        see.answer(what, ask(cloud, "POST", "/auth/tokens", body), keys=what in ("no domain", "no password", "number"))
    unknown = password(cloud)
    unknown["auth"]["scope"]["project"]["name"] = "no-such-project"
    see.answer("unknown project", ask(cloud, "POST", "/auth/tokens", unknown))
    method = password(cloud)
    method["auth"]["identity"]["methods"] = ["fingerprint"]
    see.answer("unknown method", ask(cloud, "POST", "/auth/tokens", method))
    see.answer("empty", ask(cloud, "POST", "/auth/tokens", {}), keys=True)
    unscoped = password(cloud)
    del unscoped["auth"]["scope"]
    answer = ask(cloud, "POST", "/auth/tokens", unscoped)
    see("unscoped", answer.status_code)


def test_no_token(cloud: Cloud, see: Watch) -> None:
    session = cloud.connection.session
    for service, path in (
        ("compute", "/servers"),
        ("network", "/networks"),
        ("block-storage", "/volumes"),
        ("image", "/v2/images"),
    ):
        url = cloud.connection.endpoint_for(service).rstrip("/")
        if service == "network" and not url.endswith("/v2.0"):
            url += "/v2.0"
        if service == "image":
            url = url.removesuffix("/v2")
        for what, headers in (("none", {}), ("wrong", {"X-Auth-Token": "gAAAAABno"})):
            answer = session.request(url + path, "GET", headers=headers, authenticated=False, raise_exc=False)
            see(f"{service} {what}", {"status": answer.status_code, "header": "WWW-Authenticate" in answer.headers})


def test_application_credentials(cloud: Cloud, see: Watch) -> None:
    users = f"/users/{cloud.user_id}/application_credentials"
    identity = cloud.connection.identity
    body = {"application_credential": {"name": cloud.prefix, "secret": "s3cret-of-the-test"}}
    made = identity.post(users, json=body)
    see("create", {"status": made.status_code, "body": shape(made.json())})
    own = made.json()["application_credential"]
    cloud.later(lambda: identity.delete(f"{users}/{own['id']}"))
    see.answer("twice", identity.post(users, json=body))
    see("secret is not shown", "secret" in identity.get(f"{users}/{own['id']}").json()["application_credential"])
    for what, secret in (("right", "s3cret-of-the-test"), ("wrong", "wrong")):
        login = {"methods": ["application_credential"], "application_credential": {"id": own["id"], "secret": secret}}
        answer = ask(cloud, "POST", "/auth/tokens", {"auth": {"identity": login}})
        see(f"{what} secret", answer.status_code)
        if answer.ok:
            see("its keys", sorted(answer.json()["token"]))
    old = {"application_credential": {"name": f"{cloud.prefix}-old", "expires_at": "2020-01-01T00:00:00Z"}}
    see.answer("expired", identity.post(users, json=old), keys=True)
    see.answer("unknown", identity.get(f"{users}/none"), keys=True)


def test_versions(cloud: Cloud, see: Watch) -> None:
    session = cloud.connection.session
    for service in ("compute", "block-storage", "image", "network"):
        url = cloud.connection.endpoint_for(service).rstrip("/")
        for tail in (f"/{cloud.project_id}", "/v2.1", "/v3", "/v2", "/v2.0"):
            url = url.removesuffix(tail)
        answer = session.request(url + "/", "GET", authenticated=False, raise_exc=False)
        see(service, {"status": answer.status_code, "keys": shape(answer.json())})
