"""The document's examples: imported, created, and what was sent compared with the document field by field."""

from __future__ import annotations

import hashlib
import hmac
import json
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

from components.document.tables import CreateRequest
from components.document.text import parse
from tests.end_to_end.project import ROOT, Project

pytestmark = pytest.mark.engine

EXAMPLES = ROOT / "docs" / "examples"
DIFFERENCES = tomllib.loads((EXAMPLES / "differences.toml").read_text(encoding="utf-8"))


def fields(value: Any, path: str = "") -> dict[str, Any]:
    """Every value in a request by its path."""
    if isinstance(value, dict):
        return {
            inner: v
            for key, item in value.items()
            for inner, v in fields(item, f"{path}.{key}" if path else key).items()
        }
    if isinstance(value, list):
        return {inner: v for n, item in enumerate(value) for inner, v in fields(item, f"{path}[{n}]").items()}
    return {path: value}


def as_read(request: dict[str, Any]) -> dict[str, Any]:
    """What a request states: quoted numbers and booleans are what they quote, and nothing is filled in."""
    read = CreateRequest.model_validate(request).model_dump(by_alias=True, exclude_unset=True)
    return fields({key: secret(value) for key, value in read.items()})


def secret(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: secret(item) for key, item in value.items()}
    if isinstance(value, list):
        return [secret(item) for item in value]
    return value.get_secret_value() if hasattr(value, "get_secret_value") else value


def sent(project: Project) -> dict[str, Any]:
    """The one create request that reached the cloud."""
    found = [one["body"] for one in project.requests() if one["method"] == "POST" and one["path"].endswith("/servers")]
    assert len(found) == 1
    return found[0]  # type: ignore[no-any-return]


def masked(project: Project, text: str) -> dict[str, str]:
    """How the sandbox's log shows a secret: equal texts are equal there, and nothing can be read."""
    key = bytes.fromhex((project.cloud / "mask.key").read_text(encoding="utf-8").strip())
    return {"masked": "hmac-sha256:" + hmac.new(key, text.encode(), hashlib.sha256).hexdigest()}


def shown(value: Any) -> str:
    """A value as docs/examples/differences.toml spells it."""
    return "empty text" if value in {None, ""} else str(value).lower() if isinstance(value, bool) else str(value)


def imported_and_created(project: Project, file: Path) -> None:
    project.state("config:\n  openstack:cloud: sandbox\n")
    imported = subprocess.run(
        [ROOT / ".venv" / "bin" / "ecs", "import", file, "--stack", project.stack],
        cwd=project.folder, env=project.environment(), text=True, capture_output=True, check=False,
    )  # fmt: skip
    assert imported.returncode == 0, imported.stderr
    up = project.pulumi("up", "--yes")
    assert up.code == 0, up.text


@pytest.mark.parametrize("name", ["image-on-disk", "snapshot", "volume", "image", "batch"])
def test_an_example_is_created_as_the_document_states_it(name: str, ours: Project) -> None:
    imported_and_created(ours, EXAMPLES / f"{name}.json")

    document = parse((EXAMPLES / f"{name}.json").read_text(encoding="utf-8"), name)
    request = sent(ours)
    for key in ("adminPass", "user_data"):
        text = document["server"].get(key, "")
        if key in request["server"]:
            assert request["server"][key] == masked(ours, text)
            request["server"][key] = document["server"].get(key, "")
    wanted, got = as_read(document), as_read(request)
    different = {path for path in wanted | got if wanted.get(path, "absent") != got.get(path, "absent")}
    assert different == {row["field"] for row in DIFFERENCES[name]}
    for row in DIFFERENCES[name]:
        assert row["reason"]
        for side, values in (("document", wanted), ("sent", got)):
            if row[side].startswith("the "):
                assert row["field"] in values, row
            else:
                assert row[side] == shown(values.get(row["field"], "absent")), row

    gone = ours.pulumi("destroy", "--yes")
    assert gone.code == 0, gone.text


def test_the_secrets_of_a_batch_are_encrypted_and_reach_the_cloud(ours: Project, tmp_path: Path) -> None:
    request = parse((EXAMPLES / "batch.json").read_text(encoding="utf-8"), "batch")
    secrets = {"adminPass": "Of-Every-Member-1", "user_data": "T2YgZXZlcnkgbWVtYmVy"}
    request["server"] |= secrets
    (tmp_path / "batch.json").write_text(json.dumps(request), encoding="utf-8")
    imported_and_created(ours, tmp_path / "batch.json")

    settings = (ours.folder / "stacks" / f"Pulumi.{ours.stack}.yaml").read_text(encoding="utf-8")
    state = ours.pulumi("stack", "export").text
    assert settings.count("secure: ") == len(secrets)
    for key, text in secrets.items():
        assert text not in settings + state
        assert sent(ours)["server"][key] == masked(ours, text)

    gone = ours.pulumi("destroy", "--yes")
    assert gone.code == 0, gone.text
