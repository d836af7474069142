"""The real CLI with the installed host and plugin, in a small project of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.engine

PROGRAM = """
import pulumi
from pulumi_openstack import compute
print("said by the program")
compute.Keypair("k", public_key="ssh-rsa AAAA" if not pulumi.Config().get("bad") else "bad")
pulumi.export("answer", pulumi.Config().get("answer"))
"""

PACK = """
import json, os, sys
from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy
names = ("PULUMI_ORGANIZATION", "PULUMI_PROJECT", "PULUMI_STACK", "PULUMI_DRY_RUN", "PULUMI_CONFIG")
with open(os.environ["PACK_SAW"], "w") as file:
    json.dump({**{name: os.environ.get(name) for name in names}, "python": sys.executable}, file)

def check(args, report):
    if args.props.get("publicKey") == "bad":
        report("a bad key")

PolicyPack("small", policies=[
    ResourceValidationPolicy(name="no-bad-key", description="d", validate=check, enforcement_level=EnforcementLevel.MANDATORY),
])
"""

Pulumi = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def project(tmp_path) -> Path:
    root = tmp_path / "project"
    for folder in ("stacks", "policy", "state"):
        (root / folder).mkdir(parents=True)
    options = "{name: python, options: {toolchain: pip, virtualenv: VENV}}"
    (root / ".venv").symlink_to(sys.prefix)
    (root / "Makefile").write_text("setup:\n")
    (root / "Pulumi.yaml").write_text(f"name: small\nruntime: {options.replace('VENV', '.venv')}\nmain: stacks\n")
    (root / "policy" / "PulumiPolicy.yaml").write_text(f"runtime: {options.replace('VENV', '../.venv')}\n")
    (root / "policy" / "__main__.py").write_text(PACK)
    (root / "stacks" / "__main__.py").write_text(PROGRAM)
    return root


@pytest.fixture
def environment(tools, project, tmp_path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "OS_"))}
    return {
        **kept,
        "PATH": f"{tools.bin}{os.pathsep}{os.environ['PATH']}",
        "PULUMI_HOME": str(tools.home),
        "PULUMI_BACKEND_URL": f"file://{project / 'state'}",
        "PULUMI_CONFIG_PASSPHRASE": "x",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PACK_SAW": str(tmp_path / "pack.json"),
        "OS_AUTH_URL": "http://127.0.0.1:9/v3",
        "OS_USERNAME": "u",
        "OS_PASSWORD": "planted-password",
        "OS_PROJECT_NAME": "p",
        "OS_USER_DOMAIN_ID": "default",
    }


@pytest.fixture
def pulumi(tools, project, environment) -> Pulumi:
    def call(*arguments: str, ignoring: bool = False, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [tools.pulumi, *arguments, "--color", "never", "--non-interactive"],
            cwd=project,
            env={**environment, **more},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            preexec_fn=(lambda: signal.signal(signal.SIGINT, signal.SIG_IGN)) if ignoring else None,
        )

    assert call("stack", "init", "dev", "--no-select").returncode == 0
    assert call("config", "set", "answer", "42", "--stack", "dev").returncode == 0
    return call


def test_a_preview_runs_program_pack_and_plugin_without_a_warning(pulumi, project, tmp_path):
    ran = pulumi("preview", "--stack", "dev", "--policy-pack", "policy")
    text = ran.stdout + ran.stderr
    assert ran.returncode == 0, text
    assert "said by the program" in text
    assert "openstack:compute:Keypair" in text
    assert "warning" not in text.lower()
    saw = json.loads((tmp_path / "pack.json").read_text())
    assert saw == {
        "PULUMI_ORGANIZATION": "organization",
        "PULUMI_PROJECT": "small",
        "PULUMI_STACK": "dev",
        "PULUMI_DRY_RUN": "true",
        "PULUMI_CONFIG": '{"small:answer":"42"}',
        "python": str(project / ".venv" / "bin" / "python"),
    }


def test_a_pack_refuses_at_preview(pulumi):
    assert pulumi("config", "set", "bad", "yes", "--stack", "dev").returncode == 0
    ran = pulumi("preview", "--stack", "dev", "--policy-pack", "policy")
    assert ran.returncode != 0
    assert "a bad key" in ran.stdout + ran.stderr


def test_the_plugins_version_is_the_packages(pulumi):
    ran = pulumi("preview", "--stack", "dev", "--json")
    steps = json.loads(ran.stdout)["steps"]
    providers = {step["newState"].get("provider", "") for step in steps}
    assert any("::default_5_5_3::" in provider for provider in providers)


def test_it_ends_at_once_where_sigint_was_ignored(pulumi):
    """As in a shell's background job; each plugin that stays costs 5 s."""
    started = time.monotonic()
    ran = pulumi("preview", "--stack", "dev", "--policy-pack", "policy", ignoring=True)
    assert ran.returncode == 0
    assert time.monotonic() - started < 4.5


def test_about_tells_python_and_the_packages(pulumi, project):
    ran = pulumi("about", "--json", "--stack", "dev")
    assert ran.returncode == 0, ran.stderr
    about = json.loads(ran.stdout)
    assert about["runtime"]["executable"] == str(project / ".venv" / "bin" / "python")
    assert {"name": "openstack", "version": "5.5.3", "kind": "resource"} in about["plugins"]
    assert "warning" not in ran.stderr.lower()


def test_install_finds_nothing_to_bring(pulumi):
    ran = pulumi("install")
    assert ran.returncode == 0, ran.stderr
    assert "states nothing to install" in ran.stdout + ran.stderr


def test_a_missing_virtual_environment_stops_the_preview_with_the_fix(pulumi, project):
    (project / ".venv").unlink()
    ran = pulumi("preview", "--stack", "dev")
    text = ran.stdout + ran.stderr
    assert ran.returncode != 0
    assert f"Fix: run `make setup` in {project}" in text
    assert not (project / ".venv").exists()


def test_up_refresh_and_destroy_without_a_cloud(pulumi, project):
    (project / "stacks" / "__main__.py").write_text("import pulumi\npulumi.export('a', 1)\n")
    for arguments in (
        ("up", "--skip-preview"),
        ("refresh", "--skip-preview"),
        ("refresh", "--preview-only"),
        ("destroy",),
    ):
        yes = () if "--preview-only" in arguments else ("--yes",)
        ran = pulumi(*arguments, *yes, "--stack", "dev")
        assert ran.returncode == 0, ran.stdout + ran.stderr


def test_a_program_that_fails_is_told_once(pulumi, project):
    (project / "stacks" / "__main__.py").write_text("raise ValueError('planted reason')\n")
    ran = pulumi("preview", "--stack", "dev")
    assert ran.returncode != 0
    assert (ran.stdout + ran.stderr).count("ValueError: planted reason") == 1


def test_the_password_of_the_environment_is_not_in_state(pulumi, project):
    ran = pulumi("up", "--yes", "--skip-preview", "--stack", "dev")
    assert ran.returncode != 0
    assert "planted-password" not in ran.stdout + ran.stderr
    kept = [file for file in (project / "state").rglob("*") if file.is_file()]
    assert kept
    assert [file for file in kept if b"planted-password" in file.read_bytes()] == []


@pytest.mark.usefixtures("pulumi")
def test_control_c_ends_program_and_host(tools, project, environment, until):
    mark = project / "pid"
    (project / "stacks" / "__main__.py").write_text(
        f"import os, time\nopen({str(mark)!r}, 'w').write(str(os.getpid()))\ntime.sleep(60)\n"
    )
    process = subprocess.Popen(
        [tools.pulumi, "up", "--yes", "--skip-preview", "--stack", "dev", "--non-interactive"],
        cwd=project,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    until(lambda: mark.exists() and mark.read_text())
    started = time.monotonic()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert time.monotonic() - started < 3
    with pytest.raises(ProcessLookupError):
        os.kill(int(mark.read_text()), 0)
    assert list((project / "state" / ".pulumi" / "locks").rglob("*.json")) == []
