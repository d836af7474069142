"""A rule whose value is unknown at preview says so there, and decides at up before the server is asked for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.end_to_end.project import Project, fresh_cloud, program

pytestmark = pytest.mark.engine


@pytest.fixture
def late(tmp_path: Path, cloud: Path) -> Project:
    fresh_cloud(cloud)
    return program("late", tmp_path, cloud)


def test_undetermined_at_preview_and_refused_at_up(late: Project) -> None:
    preview = late.pulumi("preview")
    assert preview.code == 0, preview.text
    assert "undetermined until apply: availabilityZone is not known yet [ECS-113," in preview.text
    assert "[mandatory]" not in preview.text

    up = late.pulumi("up", "--yes")
    assert up.code != 0
    assert "[mandatory]" in up.text
    assert "[ECS-113," in up.text.split("Updating (", 1)[1]
    assert "POST /network/v2.0/networks" in late.changes(), "the update did begin"
    assert [one for one in late.changes() if one.endswith("/servers")] == []


def test_a_pipeline_can_refuse_what_is_undetermined(late: Project, tmp_path: Path) -> None:
    strict = tmp_path / "strict.json"
    strict.write_text(json.dumps({"undetermined": {"enforcementLevel": "mandatory"}}), encoding="utf-8")
    late.extra["PULUMI_OPTION_POLICY_PACK_CONFIG"] = str(strict)
    ran = late.pulumi("preview")
    assert ran.code != 0
    assert "[mandatory]" in ran.text
    assert "undetermined until apply: availabilityZone" in ran.text
    assert late.changes() == []
