"""How a cloud is reached: whose settings count, how it is named, and why there is no connection."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cloud.connect import READ, UnreachableError, connect, shown_name, stated_for_stack

PLANTED = "planted-secret"


@pytest.fixture(autouse=True)
def nothing_stated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OS_CLOUD", "OS_AUTH_URL", "OS_USERNAME", "OS_PASSWORD", "OS_PROJECT_NAME", "PULUMI_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(tmp_path / "clouds.yaml"))
    (tmp_path / "clouds.yaml").write_text('{"clouds": {}}', encoding="utf-8")


def given(settings: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in settings.items() if value is not None}


def test_the_settings_of_pulumi_openstack_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "PULUMI_CONFIG", json.dumps({"openstack:cloud": "dev", "openstack:region": "r", "aws:region": "x"})
    )
    assert given(stated_for_stack()) == {"cloud": "dev", "region": "r"}
    assert set(stated_for_stack()) == set(READ)


def test_settings_of_our_own_come_first_and_are_not_mixed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "PULUMI_CONFIG", json.dumps({"openstack:region": "r", "ecs:cloud": "other", "ecs:pollSeconds": "2"})
    )
    assert given(stated_for_stack()) == {"cloud": "other"}
    assert given(stated_for_stack({"cloud": "third", "retrySeconds": "9"})) == {"cloud": "third"}
    assert given(stated_for_stack({"retrySeconds": "9"})) == {"region": "r"}


@pytest.mark.parametrize("text", ["", "no json"])
def test_a_configuration_that_is_none(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_CONFIG", text)
    assert given(stated_for_stack()) == {}


def test_a_cloud_is_named_by_its_name_or_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown_name({}) == "the cloud"
    assert shown_name({"authUrl": "http://one"}) == "the cloud at http://one"
    assert shown_name({"authUrl": "http://one", "cloud": "dev"}) == "the cloud 'dev'"
    monkeypatch.setenv("OS_AUTH_URL", "http://two")
    assert shown_name({}) == "the cloud at http://two"


@pytest.mark.parametrize(
    ("settings", "kind"),
    [
        pytest.param({}, "undescribed", id="nothing stated"),
        pytest.param({"cloud": "nowhere"}, "undescribed", id="not in the file"),
        pytest.param(
            {
                "authUrl": "http://127.0.0.1:9/v3",
                "userName": "u",
                "password": PLANTED,
                "tenantName": "p",
                "domainId": "d",
            },
            "unreachable",
            id="nobody there",
        ),
    ],
)
def test_why_there_is_no_connection(settings: dict[str, object], kind: str) -> None:
    with pytest.raises(UnreachableError) as found:
        connect(settings, 1.0, app_name="a-test")
    assert found.value.kind == kind
    assert str(found.value) == found.value.reason
    assert PLANTED not in repr(found.value)


def test_importing_is_cheap() -> None:
    """A command that reaches no cloud must not pay for the client library."""
    code = "import sys, cloud.connect; print([name for name in ('openstack', 'keystoneauth1') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
