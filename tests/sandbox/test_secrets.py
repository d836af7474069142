"""A secret that goes in comes out nowhere: not in the log, not in the file, not in an answer to somebody else."""

import base64
import hashlib
import hmac
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sandbox.masks import Masks, load
from sandbox.store import Store
from sandbox.testing import PASSWORD, Loopback

SECRET = "planted-Secret-4711"
USER_DATA = base64.b64encode(f"#!/bin/sh\necho {SECRET}".encode()).decode()


def mask(value: str) -> dict[str, str]:
    return {"masked": "hmac-sha256:" + hmac.new(b"test", value.encode(), hashlib.sha256).hexdigest()}


def everything(store: Store) -> str:
    db: sqlite3.Connection = store._db
    return "\n".join(db.iterdump())


def test_a_create_call_leaves_no_secret_behind(cloud: Loopback, body: Callable[..., Any]) -> None:
    given = body(adminPass=SECRET, user_data=USER_DATA, metadata={"admin_pass": SECRET, "role": "web"})
    made = cloud.ask("POST", "/compute/v2.1/servers", given)
    assert made.body["server"]["adminPass"] == SECRET
    server = made.body["server"]["id"]
    cloud.wait_built()
    cloud.ask("POST", f"/compute/v2.1/servers/{server}/action", {"changePassword": {"adminPass": SECRET + "2"}})
    cloud.ask("POST", f"/compute/v2.1/servers/{server}/metadata", {"metadata": {"admin_pass": SECRET + "3"}})
    image = "6b344c54-d606-4e1a-a99e-a7d0250c3d14"
    cloud.ask("POST", f"/compute/v2.1/servers/{server}/action", {"rebuild": {"imageRef": image, "adminPass": SECRET}})
    shown = cloud.ask("GET", f"/compute/v2.1/servers/{server}", version="2.60")

    (line,) = [one for one in cloud.journal.lines if one["path"] == "/compute/v2.1/servers"]
    logged = line["body"]["server"]
    assert logged["adminPass"] == mask(SECRET)
    assert logged["user_data"] == mask(USER_DATA)
    assert logged["metadata"] == {"admin_pass": mask(SECRET), "role": "web"}
    for where in (str(cloud.journal.lines), everything(cloud.world.store), str(shown.body)):
        assert SECRET not in where
        assert USER_DATA not in where


def test_credentials_leave_no_secret_behind(cloud: Loopback) -> None:
    user = cloud.world.store.note("user_id")
    path = f"/identity/v3/users/{user}/application_credentials"
    made = cloud.ask("POST", path, {"application_credential": {"name": "ci", "secret": SECRET}})
    assert made.body["application_credential"]["secret"] == SECRET
    cloud.token = ""
    token = cloud.log_in()
    cloud.ask("POST", "/compute/v2.1/os-keypairs", {"keypair": {"name": "made"}})
    cloud.ask(
        "POST", "/identity/v3/auth/tokens", {"auth": {"identity": {"methods": ["token"], "token": {"id": token}}}}
    )
    for where in (str(cloud.journal.lines), everything(cloud.world.store)):
        for secret in (SECRET, PASSWORD, token, "PRIVATE KEY"):
            assert secret not in where


def test_a_refusal_does_not_quote_a_secret(cloud: Loopback, community: Loopback, body: Callable[..., Any]) -> None:
    for one in (cloud, community):
        for wrong in (
            {"adminPass": [SECRET]},
            {"user_data": SECRET + "!"},
            {"personality": [{"contents": SECRET + "!"}]},
        ):
            reply = one.ask("POST", "/compute/v2.1/servers", body(**wrong))
            assert SECRET not in str(reply.body)
            assert reply.status in (400, 202)


def test_a_bug_of_ours_does_not_print_the_request(
    cloud: Loopback, body: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr("sandbox.nova.create.resolve", broken)
    reply = cloud.ask("POST", "/compute/v2.1/servers", body(adminPass=SECRET))
    assert (reply.status, "computeFault" in reply.body) == (500, True)
    assert "RuntimeError at test_secrets.py" in caplog.text
    assert SECRET not in caplog.text + str(reply.body)


def test_the_mask_key_is_made_once_and_private(tmp_path: Path) -> None:
    path = tmp_path / "mask.key"
    first = load(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert load(path).text("x") == first.text("x") != Masks(b"other").text("x")
