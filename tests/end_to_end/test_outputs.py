"""Arguments that are Outputs: created as stated, and checked as soon as they are known."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.end_to_end.project import Project, fresh_cloud, program

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory, cloud: Path) -> Project:
    fresh_cloud(cloud)
    return program("outputs", tmp_path_factory.mktemp("outputs"), cloud)


def state(project: Project, **wrong: object) -> None:
    (project.folder / "wrong.json").write_text(json.dumps(wrong), encoding="utf-8")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"availability_zone": "az1-dc1:host"}, "server 'web'.availability_zone: names a host.", ),
        ({"image": "nothing"}, "server 'web'.boot.uuid: is not a UUID. Give the image's UUID. [ECS-210,"),
        ({"data": 0}, "server 'web'.disks[0].volume_size: should be greater than 0."),
        ({"fixed_ip": "10.40.0"}, "server 'web'.networks[0].fixed_ip: "),
        ({"role": "r" * 256}, "server 'web'.metadata.role: has 256 characters."),
        ({"cidr": "10.40.0.1/24"}, "network 'lan'.cidr: "),
    ],
)  # fmt: skip
def test_a_wrong_output_that_is_known_fails_the_preview(wrong: dict[str, object], says: str, outputs: Project) -> None:
    state(outputs, **wrong)
    ran = outputs.pulumi("preview")
    assert ran.code != 0, ran.text
    assert says in ran.text
    assert "Traceback" not in ran.text
    assert outputs.changes() == []


def test_outputs_are_created_as_stated_whatever_the_environment_says(outputs: Project) -> None:
    state(outputs)
    # The plugin falls back to these where the program states no image or flavor: a server must not become what a shell happened to export.
    outputs.extra |= {
        "OS_IMAGE_ID": "6b344c54-d606-4e1a-a99e-a7d0250c3d14",
        "OS_FLAVOR_ID": "m1.tiny",
        "OS_IMAGE_NAME": "x",
    }
    up = outputs.pulumi("up", "--yes")
    assert up.code == 0, up.text
    assert json.loads(outputs.pulumi("stack", "output", "--json").text) == {"addresses": ["10.40.0.9"]}
    body = next(
        one["body"]["server"]
        for one in outputs.requests()
        if one["method"] == "POST" and one["path"].endswith("/servers")
    )
    assert body["flavorRef"] == "s3.medium"
    assert body.get("imageRef", "") == ""
    assert body["name"].startswith("on-")
    clean = outputs.pulumi("preview", "--refresh", "--expect-no-changes")
    assert clean.code == 0, clean.text
    assert outputs.pulumi("destroy", "--yes").code == 0
