"""What `ecs doctor` and `ecs toolchain` say."""

from __future__ import annotations

import json
import os
import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from typer.testing import CliRunner

import commands.doctor
import commands.toolchain
from commands.failure import Failure
from commands.places import ROOT
from toolchain import gobuild, install, manifest
from toolchain.doctor import Check, examine
from toolchain.errors import ToolchainError
from toolchain.pins import PYTHON_PACKAGES


@pytest.fixture
def project(tmp_path, monkeypatch) -> Path:
    """A clone with a virtual environment and a pack."""
    root = tmp_path / "clone"
    (root / "policy").mkdir(parents=True)
    (root / "policy" / "PulumiPolicy.yaml").write_text("runtime: python\n")
    (root / "policy" / "__main__.py").write_text("")
    (root / ".venv" / "bin").mkdir(parents=True)
    (root / ".venv" / "bin" / "python").symlink_to(sys.executable)
    monkeypatch.delenv("PULUMI_OPTION_POLICY_PACK", raising=False)
    return root


def look(site, project) -> dict[str, Check]:
    return {check.name: check for check in examine(project, site.pins, site.cache)}


@pytest.fixture
def whole(site, monkeypatch):
    there = site.ensure()
    monkeypatch.delenv("PULUMI_HOME")
    return there


def test_all_is_well(site, project, whole):
    checks = look(site, project)
    assert [check for check in checks.values() if not check.ok] == []
    assert checks["one"].found == "1.2.3, from Go modules pinned in module/go.sum, built by Go 1.99.0 (go)"
    assert re.fullmatch(r"sha256 [0-9a-f]{16}\.\.\. as installed", checks["one: one-exec"].found)
    assert checks["go"].found.endswith("not needed, the toolchain is there")
    assert checks["PULUMI_HOME"].found == str(whole.home)


def test_a_missing_toolchain_says_what_and_the_fix(site, project, monkeypatch):
    monkeypatch.delenv("PULUMI_HOME")
    checks = look(site, project)
    assert checks["one"] == Check("one", False, "the one 1.2.3 is not installed", "run `ecs toolchain install`")
    assert not checks["manifest"].ok
    assert checks["PULUMI_HOME"].fix == "run `ecs toolchain install`"
    assert checks["go"].ok
    monkeypatch.setattr(gobuild, "find", lambda: None)
    missing = look(site, project)["go"]
    assert missing.found == "not found, needs 1.25.11"
    assert missing.fix.startswith("install Go 1.25.11 or newer, or allow https://127.0.0.1")


def test_a_changed_file_is_found_even_with_its_old_size_and_time(site, project, whole):
    file = whole.bin / "one"
    before = file.stat()
    file.write_bytes(file.read_bytes().replace(b"v1.2.3", b"v1.2.4"))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    named = [check for check in examine(project, site.pins, site.cache) if not check.ok]
    assert [check.name for check in named] == ["one", "one: one"]
    assert any(
        "is missing or not what was installed" in check.found and "brings the file again" in check.fix
        for check in named
    )
    assert any(check.found == "runs as 1.2.4, not 1.2.3" for check in named)


def test_a_python_package_of_another_version_is_named(site, project, whole, monkeypatch):
    real = metadata.version
    monkeypatch.setattr(metadata, "version", lambda name: "3.272.0" if name == "pulumi" else real(name))
    check = look(site, project)["pulumi"]
    assert (check.ok, check.found, check.fix) == (False, "3.272.0, needs 3.253.0", "run `make setup`")


def test_a_python_package_that_is_missing_is_named(site, project, whole, monkeypatch):
    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    assert look(site, project)["pulumi-policy"].found == "missing, needs 1.21.0"


def test_a_shell_that_skips_the_pack_is_named(site, project, whole, monkeypatch):
    monkeypatch.setenv("PULUMI_OPTION_POLICY_PACK", "")
    check = look(site, project)["policy pack"]
    assert not check.ok
    assert "skip the project's rules" in check.found
    assert check.fix == 'run eval "$(ecs env)"'
    monkeypatch.setenv("PULUMI_OPTION_POLICY_PACK", str(project / "policy"))
    assert look(site, project)["policy pack"].ok


def test_a_clone_without_its_parts_is_named(site, project, whole):
    (project / "policy" / "__main__.py").unlink()
    (project / ".venv" / "bin" / "python").unlink()
    checks = look(site, project)
    assert checks["policy pack"].found == f"{project / 'policy'} has no __main__.py"
    assert checks[".venv"].fix == "run `make setup`"


def test_a_home_that_cannot_be_written_is_named(site, project, whole, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_args: False)
    check = look(site, project)["PULUMI_HOME"]
    assert check.found == f"{whole.home} cannot be written"
    assert not check.ok


def test_the_pins_are_those_of_the_project():
    stated = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    assert {f"{name}=={version}" for name, version in PYTHON_PACKAGES.items()} <= set(stated)


CHECKS = [Check("pulumi", True, "3.253.0"), Check("go", False, "not found", "install Go")]


def test_the_doctors_text_has_a_fix_under_what_is_wrong():
    assert commands.doctor.text(CHECKS) == (
        "ok    pulumi  3.253.0\nFAIL  go      not found\n              fix: install Go\n1 of 2 need attention"
    )
    assert commands.doctor.text(CHECKS[:1]).endswith("everything is there")


@pytest.mark.parametrize(("checks", "code"), [(CHECKS, 1), (CHECKS[:1], 0)])
def test_the_doctors_exit_code_and_json(monkeypatch, checks, code):
    monkeypatch.setattr(commands.doctor, "examine", lambda _root: checks)
    assert CliRunner().invoke(commands.doctor.app, []).exit_code == code
    answer = CliRunner().invoke(commands.doctor.app, ["--json"])
    assert answer.exit_code == code
    assert json.loads(answer.stdout)["ok"] == (code == 0)
    assert json.loads(answer.stdout)["checks"][0] == {"name": "pulumi", "ok": True, "found": "3.253.0", "fix": ""}


def test_the_real_machine_is_well(tools):
    wrong = [
        check for check in examine(ROOT) if not check.ok and check.name not in {"policy pack", ".venv", "PULUMI_HOME"}
    ]
    assert wrong == []


@pytest.fixture
def signals(monkeypatch):
    """The command takes signals up; a test must not keep that."""
    monkeypatch.setattr(commands.toolchain.signal, "signal", lambda *_args: None)


def test_install_prints_the_folder_and_reports_on_standard_error(site, signals, monkeypatch):
    monkeypatch.setattr(
        commands.toolchain,
        "ensure",
        lambda report, tick: install.ensure(report, tick=tick, pins=site.pins, cache=site.cache),
    )
    ran = CliRunner().invoke(commands.toolchain.app, ["install"])
    assert ran.exit_code == 0, ran.output
    assert ran.stdout.strip() == str(site.cache / site.pins.key())
    assert "the two 1.2.3:" in ran.stderr


def test_a_toolchain_that_cannot_be_brought_is_one_error(signals, monkeypatch):
    def fail(report, tick):
        raise ToolchainError("nothing worked")

    monkeypatch.setattr(commands.toolchain, "ensure", fail)
    result = CliRunner().invoke(commands.toolchain.app, ["install"])
    assert isinstance(result.exception, Failure)
    assert str(result.exception) == "nothing worked"


def test_control_c_is_exit_code_130(signals, monkeypatch):
    def interrupt(report, tick):
        raise KeyboardInterrupt

    monkeypatch.setattr(commands.toolchain, "ensure", interrupt)
    result = CliRunner().invoke(commands.toolchain.app, ["install"])
    assert result.exit_code == 130
    assert "nothing half made is left" in result.stderr


def test_status_and_path_of_an_empty_cache_say_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setenv("ECS_CACHE_DIR", str(tmp_path))
    status = CliRunner().invoke(commands.toolchain.app, ["status"])
    assert "engine 3.253.0: not installed\nopenstack 5.5.3: not installed" in status.stdout
    assert isinstance(status.exception, Failure)
    path = CliRunner().invoke(commands.toolchain.app, ["path"])
    assert "Run `ecs toolchain install`" in str(path.exception)


def test_status_and_path_of_the_real_one(tools):
    status = CliRunner().invoke(commands.toolchain.app, ["status"])
    assert status.exit_code == 0
    assert re.search(r"^engine 3\.253\.0: (installed|vendor|go), ", status.stdout, re.MULTILINE)
    assert CliRunner().invoke(commands.toolchain.app, ["path"]).stdout.strip() == str(tools.bin)


def test_clean_removes_other_versions_only(monkeypatch, tmp_path):
    monkeypatch.setenv("ECS_CACHE_DIR", str(tmp_path))
    ours, other = tmp_path / "toolchain" / commands.toolchain.PINS.key(), tmp_path / "toolchain" / "0123456789abcdef"
    for folder in (ours, other):
        folder.mkdir(parents=True)
        (folder / manifest.FILE).write_text("{}")
    assert CliRunner().invoke(commands.toolchain.app, ["clean"]).stdout == f"removed {other}\n"
    assert [ours.exists(), other.exists()] == [True, False]
    assert CliRunner().invoke(commands.toolchain.app, ["clean"]).stdout.startswith("nothing to remove")
    assert CliRunner().invoke(commands.toolchain.app, ["clean", "--all"]).stdout == f"removed {ours}\n"


def test_live_progress_is_written_over_and_reports_stay(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "20")
    progress = commands.toolchain.Progress()
    progress.tick("building pulumi: 12 s, 400 packages")
    progress.report("built")
    progress.close()
    assert capsys.readouterr().err == "\r\x1b[K  building pulumi: \r\x1b[Kbuilt\n"
