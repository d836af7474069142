"""`ecs policy`, and the configuration of the pack in the environment."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.commands.test_commands import ROOT, ecs, exports

VARIABLE = "PULUMI_OPTION_POLICY_PACK_CONFIG"
LEVELS = ROOT / "policy" / "levels"


def test_the_shipped_files_are_right() -> None:
    ran = ecs("policy", "check-levels")
    assert ran.returncode == 0, ran.stderr
    names = ("dev", "prod", "sandbox", "staging")
    assert ran.stdout.splitlines() == [f"policy/levels/{name}.json: right" for name in names]
    ran = ecs("policy", "check-exemptions")
    assert (ran.returncode, ran.stdout) == (0, "policy/exemptions.yaml: right, 0 exemptions, 0 of them expired\n")


def test_what_is_wrong_is_told_with_exit_code_2(tmp_path: Path) -> None:
    file = tmp_path / "levels.json"
    file.write_text(json.dumps({"ECS-999": "loud", "cloud": {"seconds": 99}}), encoding="utf-8")
    ran = ecs("policy", "check-levels", str(file))
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith(f"error: {file}: ECS-999: is no policy of the pack.")
    assert f"\n{file}: cloud.seconds: 99 is greater than the maximum of 60." in ran.stderr
    file = tmp_path / "exemptions.yaml"
    file.write_text("exemptions: [{rule: ECS-211}]", encoding="utf-8")
    ran = ecs("policy", "check-exemptions", str(file))
    assert (ran.returncode, ran.stderr.count("\n")) == (2, 5)
    assert ran.stderr.startswith(f"error: {file}:1: exemptions[0].resource: is missing. Add it.")
    ran = ecs("policy", "check-exemptions", "none.yaml")
    assert (ran.returncode, ran.stderr) == (2, "error: none.yaml cannot be read: there is no such file.\n")


def test_exemptions_are_listed(tmp_path: Path) -> None:
    file = tmp_path / "exemptions.yaml"
    entry = "{rule: ECS-211, resource: web-*, stacks: [dev], reason: kept for a while, approver: j.doe, expires: 2020-01-31}"
    file.write_text(f"exemptions: [{entry}]", encoding="utf-8")
    ran = ecs("policy", "check-exemptions", str(file))
    assert ran.stdout.splitlines() == [
        "expired  ECS-211 on web-*: kept for a while, approved by j.doe, until 2020-01-31, in dev",
        f"{file}: right, 1 exemptions, 1 of them expired",
    ]


@pytest.mark.parametrize("stack", ["sandbox", "dev"])
def test_a_stack_has_its_levels(stack: str) -> None:
    assert exports(ecs("env", stack).stdout)[VARIABLE] == str(LEVELS / f"{stack}.json")


def test_the_levels_of_another_stack_are_left_behind_and_the_user_s_own_stay() -> None:
    another = ecs("env", "dev", **{VARIABLE: str(LEVELS / "sandbox.json")})
    assert exports(another.stdout)[VARIABLE] == str(LEVELS / "dev.json")
    assert VARIABLE not in exports(ecs("env", "dev", **{VARIABLE: "/theirs.json"}).stdout)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder that looks like a clone, with a stack of its own and wrong levels for it."""
    (tmp_path / "stacks").mkdir()
    (tmp_path / "Pulumi.yaml").write_text("name: ecs-stacks\n", encoding="utf-8")
    (tmp_path / "stacks" / "Pulumi.lab.yaml").write_text("config: {}\n", encoding="utf-8")
    (tmp_path / "policy" / "levels").mkdir(parents=True)
    return tmp_path


def test_a_stack_without_levels_has_the_pack_s_own(clone: Path) -> None:
    assert VARIABLE not in exports(ecs("env", "lab", cwd=clone).stdout)
    left_over = {VARIABLE: str(clone / "policy" / "levels" / "dev.json")}
    assert exports(ecs("env", "lab", cwd=clone, **left_over).stdout)[VARIABLE] == ""


@pytest.mark.parametrize("verb", ["preview", "up"])
def test_wrong_levels_are_refused_before_the_engine_starts(verb: str, clone: Path) -> None:
    (clone / "policy" / "levels" / "lab.json").write_text('{"undetermind": "mandatory"}', encoding="utf-8")
    ran = ecs(verb, "--stack", "lab", cwd=clone)
    assert ran.returncode == 2
    expected = "error: policy/levels/lab.json: undetermind: is no policy of the pack. Did you mean undetermined?\n"
    assert ran.stderr == expected
