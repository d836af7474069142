"""What a pipeline hands over in variables: the clouds.yaml in ECS_CLOUDS, and where the state is."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SECRET = "planted-pass-1"
CLOUDS = f"clouds:\n  dev:\n    auth: {{auth_url: https://identity.example.org/v3, password: {SECRET}}}\n"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    folder = tmp_path / "clone"
    (folder / "stacks").mkdir(parents=True)
    shutil.copy2(ROOT / "Pulumi.yaml", folder)
    for stack, cloud in (("dev", "dev"), ("sandbox", "sandbox")):
        text = f"config:\n  openstack:cloud: {cloud}\n"
        (folder / "stacks" / f"Pulumi.{stack}.yaml").write_text(text, encoding="utf-8")
    return folder


def ecs(clone: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "OS_", "ECS_", "CI"))}
    if "ECS_CACHE_DIR" in os.environ:
        kept["ECS_CACHE_DIR"] = os.environ["ECS_CACHE_DIR"]
    done = subprocess.run(
        [ROOT / ".venv" / "bin" / "ecs", *arguments], cwd=clone, env={**kept, **variables}, check=False,
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert SECRET not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done


def credentials(clone: Path, stack: str = "dev", **variables: str) -> str | None:
    """What the environment of a stack says about where the credentials are."""
    done = ecs(clone, "env", stack, "--json", **variables)
    assert done.returncode == 0, done.stderr
    found: str | None = json.loads(done.stdout).get("OS_CLIENT_CONFIG_FILE")
    return found


def test_the_text_becomes_a_file_for_nobody_else(clone: Path) -> None:
    file = clone / ".ecs" / "clouds.yaml"
    assert credentials(clone, ECS_CLOUDS=CLOUDS) == str(file)
    assert file.read_text(encoding="utf-8") == CLOUDS
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    made = file.stat()
    assert credentials(clone, ECS_CLOUDS=CLOUDS) == str(file)
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == (made.st_ino, made.st_mtime_ns), "the same is not written"
    changed = CLOUDS.replace("v3", "v4")
    credentials(clone, ECS_CLOUDS=changed)
    assert file.read_text(encoding="utf-8") == changed
    file.chmod(0o644)
    credentials(clone, ECS_CLOUDS=changed)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [one.name for one in (clone / ".ecs").iterdir() if one.name.startswith("clouds")] == ["clouds.yaml"]


def test_what_is_set_already_comes_first(clone: Path) -> None:
    assert credentials(clone, ECS_CLOUDS=CLOUDS, OS_CLIENT_CONFIG_FILE="/etc/clouds.yaml") is None
    assert not (clone / ".ecs" / "clouds.yaml").exists()


def test_a_stack_on_the_sandbox_has_the_sandboxs(clone: Path) -> None:
    sandbox = clone / ".ecs" / "sandbox" / "clouds.yaml"
    assert credentials(clone, "sandbox", ECS_CLOUDS=CLOUDS) == str(sandbox)
    assert not (clone / ".ecs" / "clouds.yaml").exists()
    # Left over from a shell that worked on the sandbox, it is nobody's wish.
    found = credentials(clone, ECS_CLOUDS=CLOUDS, OS_CLIENT_CONFIG_FILE=str(sandbox))
    assert found == str(clone / ".ecs" / "clouds.yaml")


@pytest.mark.parametrize("text", ["", " \n"])
def test_an_empty_variable_is_none(clone: Path, text: str) -> None:
    assert credentials(clone, ECS_CLOUDS=text) is None


@pytest.mark.parametrize("text", [SECRET, f"clouds: [{SECRET}", f"cloud: {SECRET}", f"clouds: {SECRET}", f"- {SECRET}"])
def test_what_is_no_clouds_file_is_told_without_its_text(clone: Path, text: str) -> None:
    done = ecs(clone, "env", "dev", ECS_CLOUDS=text)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: ECS_CLOUDS: is not the text of a clouds.yaml, which begins with `clouds:`.\n"
    assert not (clone / ".ecs" / "clouds.yaml").exists()


@pytest.mark.parametrize("command", [("gate",), ("plan",), ("up",), ("drift",), ("audit",)])
def test_a_pipeline_that_names_no_state_is_refused(clone: Path, command: tuple[str, ...]) -> None:
    """As the pipeline of a fork, whose secrets are all empty."""
    empty = {"ECS_CLOUDS": "", "PULUMI_BACKEND_URL": "", "PULUMI_CONFIG_PASSPHRASE": "", "CI": "true"}
    done = ecs(clone, *command, "--stack", "dev", **empty)
    assert done.returncode == 2
    assert "PULUMI_BACKEND_URL is not set" in done.stderr
    assert not (clone / ".ecs" / "state" / ".pulumi").exists()


def test_the_lines_for_the_operators_agent_say_the_same(clone: Path) -> None:
    """`--dotenv` against `--json`; what is in single quotes is taken as it is by every reader of such files."""
    backend = {"PULUMI_BACKEND_URL": "s3://states/ecs?region=$HOME", "PULUMI_CONFIG_PASSPHRASE_FILE": "/etc/x"}
    lines = ecs(clone, "env", "dev", "--dotenv", **backend).stdout.splitlines()
    values = dict(line.split("=", 1) for line in lines)
    shown = json.loads(ecs(clone, "env", "dev", "--json", **backend).stdout)
    assert {name: value[1:-1] for name, value in values.items()} == shown
    assert {value[0] + value[-1] for value in values.values()} == {"''"}
    assert shown["PULUMI_BACKEND_URL"] == backend["PULUMI_BACKEND_URL"]
    assert shown["PULUMI_OPTION_POLICY_PACK"] == str(clone / "policy")
