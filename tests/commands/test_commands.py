"""What a person types: help, environment, import; their mistakes in one line."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
ECS = ROOT / ".venv" / "bin" / "ecs"
EXAMPLES = ROOT / "docs" / "examples"


def ecs(*arguments: str, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "OS_", "ECS_STACK"))}
    return subprocess.run(
        [ECS, *arguments],
        cwd=cwd,
        env={**clean, "NO_COLOR": "1", "COLUMNS": "200", **environment},
        text=True,
        capture_output=True,
        check=False,
    )


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder that looks like a clone, with one stack."""
    (tmp_path / "stacks").mkdir()
    (tmp_path / "Pulumi.yaml").write_text("name: ecs-stacks\n", encoding="utf-8")
    text = "# keep me\nconfig:\n  openstack:cloud: sandbox # and me\n"
    (tmp_path / "stacks" / "Pulumi.sandbox.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def test_help_names_every_command_and_loads_none() -> None:
    ran = ecs("--help")
    assert ran.returncode == 0
    for name in (
        "up",
        "preview",
        "down",
        "refresh",
        "env",
        "import",
        "restrictions",
        "policy",
        "schema",
        "sandbox",
        "toolchain",
        "doctor",
    ):
        assert f" {name} " in ran.stdout
    code = "import sys, commands.main; sys.exit(any(m in sys.modules for m in ('pulumi', 'pydantic', 'starlette', 'openstack')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    "name",
    [
        "up",
        "preview",
        "down",
        "refresh",
        "env",
        "import",
        "restrictions",
        "policy",
        "schema",
        "sandbox",
        "toolchain",
        "doctor",
    ],
)
def test_each_command_has_help(name: str) -> None:
    ran = ecs(name, "--help")
    assert ran.returncode == 0, ran.stderr
    assert f"ecs {name}" in ran.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["bogus"], "No such command 'bogus'"),
        (["up", "--stack", "nope"], "there is no stack 'nope'. Name one of: dev, prod, sandbox, staging"),
        (["env", "nope"], "there is no stack 'nope'. Name one of: dev, prod, sandbox, staging"),
        (["import", "missing.json"], "error: missing.json cannot be read: No such file or directory."),
        (["import", str(ROOT / "README.md")], "README.md: line 1, column 1: is not JSON. Correct the text there."),
    ],
)
def test_a_mistake_is_one_error_and_exit_code_2(arguments: list[str], says: str) -> None:
    ran = ecs(*arguments)
    assert ran.returncode == 2
    assert says in ran.stderr
    assert "Traceback" not in ran.stderr


def exports(text: str) -> dict[str, str]:
    lines = [shlex.split(line) for line in text.splitlines()]
    return dict(words[1].split("=", 1) for words in lines if words[0] == "export")


def test_the_environment_is_whole_and_the_same_from_any_folder(tmp_path: Path) -> None:
    here, there = exports(ecs("env").stdout), exports(ecs("env", cwd=tmp_path).stdout)
    assert here == there
    assert here["PULUMI_OPTION_POLICY_PACK"] == str(ROOT / "policy")
    assert here["OS_CLIENT_CONFIG_FILE"] == str(ROOT / ".ecs" / "sandbox" / "clouds.yaml")
    assert Path(here["PULUMI_CONFIG_PASSPHRASE_FILE"]).is_file()
    assert (Path(here["PULUMI_HOME"]) / "plugins").is_dir()
    first, second = here["PATH"].split(os.pathsep)[:2]
    assert first == str(ROOT / ".venv" / "bin")
    assert (Path(second) / "pulumi").is_file()


def test_what_the_user_has_set_stays() -> None:
    theirs = exports(ecs("env", PULUMI_BACKEND_URL="file:///elsewhere", PULUMI_CONFIG_PASSPHRASE="x").stdout)
    assert theirs["PULUMI_BACKEND_URL"] == "file:///elsewhere"
    assert "PULUMI_CONFIG_PASSPHRASE_FILE" not in theirs


def test_the_environment_twice_is_the_same() -> None:
    once = exports(ecs("env").stdout)
    assert exports(ecs("env", **once).stdout) == once


def test_another_stack_leaves_the_sandbox_behind() -> None:
    sandbox = exports(ecs("env").stdout)
    dev = ecs("env", "dev", **sandbox).stdout
    assert "unset OS_CLIENT_CONFIG_FILE" in dev.splitlines()
    assert exports(dev)["PULUMI_CONFIG_PASSPHRASE_FILE"].endswith(".ecs/dev.passphrase")


def test_the_environment_as_json() -> None:
    assert json.loads(ecs("env", "--json").stdout) == exports(ecs("env").stdout)


def test_importing_keeps_what_stands_in_the_file(clone: Path) -> None:
    ran = ecs("import", str(EXAMPLES / "snapshot.json"), "--name", "old", cwd=clone)
    assert ran.returncode == 0, ran.stderr
    text = (clone / "stacks" / "Pulumi.sandbox.yaml").read_text(encoding="utf-8")
    assert text.startswith("# keep me\nconfig:\n  openstack:cloud: sandbox # and me\n")
    assert yaml.safe_load(text)["config"]["ecs-stacks:servers"]["old"]["flavor_ref"] == "s3.xlarge.2"
    assert "note: server.max_count: one ECS is the default, so it is left out [ECS-401]" in ran.stderr


def test_importing_twice_is_refused_unless_it_is_meant(clone: Path) -> None:
    assert ecs("import", str(EXAMPLES / "snapshot.json"), cwd=clone).returncode == 0
    before = (clone / "stacks" / "Pulumi.sandbox.yaml").read_bytes()
    again = ecs("import", str(EXAMPLES / "snapshot.json"), cwd=clone)
    assert again.returncode == 2
    assert "has a server 'wjvm48' already" in again.stderr
    assert (clone / "stacks" / "Pulumi.sandbox.yaml").read_bytes() == before
    assert ecs("import", str(EXAMPLES / "snapshot.json"), "--replace", cwd=clone).returncode == 0


def test_a_request_for_more_than_one_becomes_a_batch(clone: Path) -> None:
    ran = ecs("import", str(EXAMPLES / "batch.json"), cwd=clone)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == "Batch 'test' is in stacks/Pulumi.sandbox.yaml. Next: ecs preview --stack sandbox\n"
    config = yaml.safe_load((clone / "stacks" / "Pulumi.sandbox.yaml").read_text(encoding="utf-8"))["config"]
    assert set(config) == {"openstack:cloud", "ecs-stacks:batches"}
    assert config["ecs-stacks:batches"]["test"]["max_count"] == 3


def test_what_a_batch_cannot_have_is_refused(tmp_path: Path) -> None:
    request = json.loads((EXAMPLES / "batch.json").read_text(encoding="utf-8"))
    request["server"]["networks"][0]["fixed_ip"] = "10.0.0.9"
    file = tmp_path / "batch.json"
    file.write_text(json.dumps(request), encoding="utf-8")
    ran = ecs("import", str(file), "--print")
    assert ran.returncode == 2
    assert "server.networks[0].fixed_ip: belongs to one ECS" in ran.stderr
    assert "[ECS-405, " in ran.stderr


@pytest.mark.parametrize(("first", "second", "kind"), [("snapshot", "batch", "server"), ("batch", "snapshot", "batch")])
def test_a_batch_and_a_server_never_share_a_name(clone: Path, first: str, second: str, kind: str) -> None:
    assert ecs("import", str(EXAMPLES / f"{first}.json"), "--name", "one", cwd=clone).returncode == 0
    before = (clone / "stacks" / "Pulumi.sandbox.yaml").read_bytes()
    ran = ecs("import", str(EXAMPLES / f"{second}.json"), "--name", "one", "--replace", cwd=clone)
    assert ran.returncode == 2
    assert f"has a {kind} 'one' already. Give another `--name`." in ran.stderr
    assert (clone / "stacks" / "Pulumi.sandbox.yaml").read_bytes() == before


def test_printing_a_batch_shows_where_its_secrets_go_and_none(tmp_path: Path) -> None:
    request = json.loads((EXAMPLES / "batch.json").read_text(encoding="utf-8"))
    request["server"]["adminPass"] = "name_xx1"
    file = tmp_path / "batch.json"
    file.write_text(json.dumps(request), encoding="utf-8")
    printed = ecs("import", str(file), "--print")
    assert "--path 'ecs-stacks:batches[\"test\"].admin_pass'" in printed.stdout
    assert "name_xx1" not in printed.stdout + printed.stderr


def test_printing_shows_no_secret() -> None:
    ran = ecs("import", str(EXAMPLES / "image.json"), "--print")
    assert ran.returncode == 0
    assert "admin_pass is a secret" in ran.stdout
    assert "ICAgICAg" not in ran.stdout + ran.stderr


def test_a_secret_that_cannot_be_encrypted_leaves_the_file_as_it_was(clone: Path) -> None:
    before = (clone / "stacks" / "Pulumi.sandbox.yaml").read_bytes()
    ran = ecs(
        "import",
        str(EXAMPLES / "image.json"),
        cwd=clone,
        PULUMI_CONFIG_PASSPHRASE="x",
        PULUMI_BACKEND_URL="file:///nowhere/at/all",
    )
    assert ran.returncode == 1
    assert "error: " in ran.stderr
    assert "name_xx1" not in ran.stderr
    assert (clone / "stacks" / "Pulumi.sandbox.yaml").read_bytes() == before
