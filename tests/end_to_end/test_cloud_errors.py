"""What is wrong between the settings and the cloud: one clear error each, at preview."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.end_to_end.project import Project

pytestmark = pytest.mark.engine

STACK = """
config:
  openstack:cloud: sandbox
  ecs-stacks:servers:
    web:
      flavor_ref: {flavor}
      availability_zone: az1-dc1
      boot: {{image_ref: {image}}}
      networks: [{{uuid: {network}}}]
      key_name: {key}
"""
GOOD = {
    "flavor": "s3.medium",
    "image": "6b344c54-d606-4e1a-a99e-a7d0250c3d14",
    "network": "79a68cef-0936-4e21-b1f4-b800ecb70246",
    "key": "test",
}
NOWHERE = "00000000-0000-4000-8000-000000000000"
FILE = "ecs-stacks:servers.web"


def errors(project: Project) -> list[str]:
    """The error lines of a preview that fails, without the engine's own last word."""
    ran = project.pulumi("preview")
    assert ran.code != 0, ran.text
    assert "Traceback" not in ran.text, ran.text
    lines = [line.strip() for line in ran.text.splitlines()]
    at = lines.index("Diagnostics:")
    return [
        line
        for line in lines[at + 1 :]
        if line and not line.endswith("):") and not line.startswith(("Resources", "+", "1 errored"))
    ]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            {"flavor": "x9.huge"},
            f"{FILE}.flavor_ref: the cloud 'sandbox' has no flavor 'x9.huge'. Use one that is there: ",
        ),
        (
            {"image": NOWHERE},
            f"{FILE}.boot.image_ref: the cloud 'sandbox' has no image '{NOWHERE}'. Use one that is there: ",
        ),
        (
            {"network": NOWHERE},
            f"{FILE}.networks[0].uuid: the cloud 'sandbox' has no network '{NOWHERE}'. Use one that is there: ",
        ),
        (
            {"key": "test\n      security_groups: [wbe]"},
            f"{FILE}.security_groups[0]: the cloud 'sandbox' has no security group 'wbe'.",
        ),
        ({"key": "lost"}, f"{FILE}.key_name: the cloud 'sandbox' has no key pair 'lost'. Correct the key pair."),
    ],
    ids=["flavor", "image", "network", "security group", "key pair"],
)
def test_what_the_cloud_does_not_have_is_told_once(change: dict[str, str], says: str, ours: Project) -> None:
    ours.state(STACK.format(**GOOD | change))
    told = errors(ours)
    assert len(told) == 1, told
    assert says in told[0]
    assert ours.changes() == []


def test_all_that_is_missing_is_told_at_once(ours: Project) -> None:
    ours.state(STACK.format(flavor="x9.huge", image=NOWHERE, network=NOWHERE, key="lost"))
    assert len(errors(ours)) == 4


def closed_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def with_password(text: str) -> str:
    return "\n".join(
        f"{line.split('password:')[0]}password: wrong" if "password:" in line else line for line in text.splitlines()
    )


def with_closed_port(text: str) -> str:
    return "\n".join(
        f"{line.split('auth_url:')[0]}auth_url: http://127.0.0.1:{closed_port()}/identity/v3"
        if "auth_url:" in line
        else line
        for line in text.splitlines()
    )


def without_the_cloud(text: str) -> str:
    return text.replace("sandbox:", "elsewhere:")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (with_password, "cloud 'sandbox': refuses the credentials. Correct `auth` in "),
        (with_closed_port, "cloud 'sandbox': cannot be reached. Check `auth_url` in "),
        (without_the_cloud, "cloud 'sandbox': is not described in "),
    ],
    ids=["a wrong password", "unreachable", "not in clouds.yaml"],
)
def test_a_cloud_that_cannot_be_used_is_told_once(
    change: Callable[[str], str], says: str, ours: Project, tmp_path: Path
) -> None:
    ours.state(STACK.format(**GOOD))
    theirs = tmp_path / "clouds.yaml"
    theirs.write_text(change((ours.cloud / "clouds.yaml").read_text(encoding="utf-8")), encoding="utf-8")
    ours.extra["OS_CLIENT_CONFIG_FILE"] = str(theirs)
    told = errors(ours)
    assert len(told) == 1, told
    assert says in told[0]
    assert str(theirs) in told[0]
