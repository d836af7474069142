"""The document's single examples: imported, created, and what was sent compared with the document field by field."""

from __future__ import annotations

import hashlib
import hmac
import subprocess
import tomllib
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


@pytest.mark.parametrize("name", ["image-on-disk", "snapshot", "volume", "image"])
def test_an_example_is_created_as_the_document_states_it(name: str, ours: Project) -> None:
    ours.state("config:\n  openstack:cloud: sandbox\n")
    imported = subprocess.run(
        [ROOT / ".venv" / "bin" / "ecs", "import", EXAMPLES / f"{name}.json", "--stack", ours.stack],
        cwd=ours.folder, env=ours.environment(), text=True, capture_output=True, check=False,
    )  # fmt: skip
    assert imported.returncode == 0, imported.stderr
    up = ours.pulumi("up", "--yes")
    assert up.code == 0, up.text

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
            if not row[side].startswith("the "):
                assert row[side] == shown(values.get(row["field"], "absent")), row

    gone = ours.pulumi("destroy", "--yes")
    assert gone.code == 0, gone.text
