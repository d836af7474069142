"""A server that the cloud could not place: the run fails, and so does the next one while there is no room."""

from __future__ import annotations

from collections.abc import Iterable

import openstack
import pytest

from tests.end_to_end.project import Project

pytestmark = pytest.mark.engine

SERVER = """
    web-{n}:
      flavor_ref: s3.medium
      availability_zone: az1-dc1
      boot: {{image_ref: 6b344c54-d606-4e1a-a99e-a7d0250c3d14}}
      networks: [{{uuid: 79a68cef-0936-4e21-b1f4-b800ecb70246}}]
      key_name: test
      scheduler_hints: {{server_group: spread}}"""


HOSTS = 8
"""How many hosts the sandbox has: as many ECSs as a group with anti-affinity can hold."""


def stack(numbers: Iterable[int]) -> str:
    servers = "".join(SERVER.format(n=n) for n in numbers)
    return f"config:\n  openstack:cloud: sandbox\n  ecs-stacks:server_groups: {{spread: {{}}}}\n  ecs-stacks:servers:{servers}\n"


@pytest.mark.nightly
def test_the_next_run_is_not_green_over_a_server_in_error(ours: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(ours.cloud / "clouds.yaml"))
    cloud = openstack.connect(cloud="sandbox")
    ours.state(stack(range(HOSTS + 1)))
    first = ours.pulumi("up", "--yes")
    assert first.code != 0
    assert "ended in ERROR: No valid host was found" in first.text
    assert [one.status for one in cloud.compute.servers()] == ["ACTIVE"] * HOSTS, "the one without room is taken back"

    second = ours.pulumi("up", "--yes")
    assert second.code != 0, second.text

    there = {one.name for one in cloud.compute.servers()}
    failed = next(n for n in range(HOSTS + 1) if f"web-{n}" not in there)
    ours.state(stack(n for n in range(HOSTS + 1) if n != failed))
    third = ours.pulumi("up", "--yes")
    assert third.code == 0, third.text
    assert [one.status for one in cloud.compute.servers()] == ["ACTIVE"] * HOSTS
    assert ours.pulumi("preview", "--expect-no-changes").code == 0
