"""A stack's secrets stand nowhere in clear: not in output, events, logs, state, nor with the sandbox."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.project import Project

pytestmark = pytest.mark.engine

PASSWORD = "Planted-Pass-7731"
SCRIPT = "#!/bin/sh\necho Planted-Script-9942 > /etc/motd\n"
WINDOWS = "Planted-Windows-5583"
CHOSEN = "Planted-Chosen-1177"
"""Secret for no other reason than that somebody encrypted it; the cloud's own log does not know that."""
STACK = """
config:
  openstack:cloud: sandbox
  ecs-stacks:servers:
    web:
      flavor_ref: s3.medium
      availability_zone: az1-dc1
      boot: {image_ref: 6b344c54-d606-4e1a-a99e-a7d0250c3d14}
      networks: [{uuid: 79a68cef-0936-4e21-b1f4-b800ecb70246}]
"""
PLANTED = [text.encode() for text in (PASSWORD, "Planted-Script-9942", WINDOWS)] + [base64.b64encode(SCRIPT.encode())]


def leaks(data: bytes) -> list[bytes]:
    return [secret for secret in PLANTED if secret in data]


def files(folder: Path) -> Iterator[Path]:
    return (
        file for file in folder.rglob("*") if file.is_file() and not file.is_symlink() and "plugins" not in file.parts
    )


BATCH = """
  ecs-stacks:batches:
    pool:
      flavor_ref: s3.medium
      availability_zone: az1-dc1
      image_ref: 6b344c54-d606-4e1a-a99e-a7d0250c3d14
      networks: [{uuid: 79a68cef-0936-4e21-b1f4-b800ecb70246}]
      min_count: 2
"""


@pytest.mark.parametrize(("section", "name", "more"), [("servers", "web", ""), ("batches", "pool", BATCH)])
def test_planted_secrets_are_found_nowhere(section: str, name: str, more: str, ours: Project, tmp_path: Path) -> None:
    ours.state(STACK + more.lstrip("\n"))
    for argument, secret in (("admin_pass", PASSWORD), ("user_data", SCRIPT), ("metadata.admin_pass", WINDOWS),
                             ('metadata["db.conn"]', CHOSEN)):  # fmt: skip
        path = f"ecs-stacks:{section}.{name}.{argument}"
        assert ours.pulumi("config", "set", "--secret", "--raw", "--path", path, stdin=secret).code == 0
    printed = [
        ours.pulumi("preview", "--diff"),
        ours.pulumi("preview", "--json"),
        ours.pulumi("up", "--yes", "--json", "--skip-preview"),
        ours.pulumi("up", "--yes", "--diff", "--logtostderr", "--logflow", "-v=3"),
        ours.pulumi("stack", "--show-urns"),
        ours.pulumi("stack", "output"),
        ours.pulumi("stack", "export"),
        ours.pulumi("preview", "--save-plan", str(tmp_path / "plan.json")),
    ]
    assert [ran.code for ran in printed] == [0] * len(printed), "\n".join(ran.text for ran in printed if ran.code)
    assert [leaks(ran.text.encode()) for ran in printed] == [[]] * len(printed)
    assert not [ran.text for ran in printed if CHOSEN in ran.text]

    places = [tmp_path, ours.cloud]
    seen = [file for place in places for file in files(place)]
    assert {file.name for file in seen} >= {"requests.jsonl", "plan.json", "Pulumi.sandbox.yaml"}
    assert any("stacks" in file.parts and file.suffix == ".json" for file in seen), "the state was looked at"
    assert {str(file): leaks(file.read_bytes()) for file in seen if leaks(file.read_bytes())} == {}


def test_the_secrets_did_reach_the_cloud(ours: Project) -> None:
    """Else the search above would prove nothing."""
    ours.state(STACK)
    assert ours.pulumi("config", "set", "--secret", "--path", "ecs-stacks:servers.web.admin_pass", PASSWORD).code == 0
    assert ours.pulumi("up", "--yes").code == 0
    body = next(one["body"] for one in ours.requests() if one["method"] == "POST" and one["path"].endswith("/servers"))
    assert set(body["server"]["adminPass"]) == {"masked"}


@pytest.mark.parametrize("argument", ["admin_pass", "user_data"])
def test_a_secret_is_not_in_the_error_about_it(argument: str, ours: Project) -> None:
    ours.state(STACK + f"      {argument}: [{PASSWORD}]\n")
    ran = ours.pulumi("preview")
    assert ran.code != 0
    assert f"servers.web.{argument}" in ran.text
    assert leaks(ran.text.encode()) == []
