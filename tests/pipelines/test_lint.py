"""The pipelines' files: GitHub's by actionlint, GitLab's by GitLab's own schema; and that they call `make` and `ecs` only."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import jsonschema
import pytest
import yaml

from tests.go_program import built
from tests.pipelines.runner import jobs_of_gitlab

ROOT = Path(__file__).parents[2]
MODULE = Path(__file__).parent / "actionlint"
PACKAGE = "github.com/rhysd/actionlint/cmd/actionlint"
GITHUB = ROOT / ".github" / "workflows" / "ecs.yml"
GITLAB = ROOT / ".gitlab-ci.yml"


@pytest.fixture(scope="module")
def actionlint() -> Path:
    """The program: one on PATH, else built once a machine (ten seconds) and kept beside the toolchain."""
    there = shutil.which("actionlint")
    if there:
        return Path(there)
    missing = "no actionlint on this machine: install it, or Go 1.25 or newer, which builds it"
    return built(MODULE, PACKAGE, missing)


def linted(program: Path, text: str) -> list[str]:
    """What actionlint says of a workflow: its messages, without where."""
    done = subprocess.run(
        # Shell and Python inside would be looked at by programs that a machine has or has not.
        [program, "-shellcheck=", "-pyflakes=", "-format", "{{json .}}", "-"],
        input=text, cwd=ROOT, check=False, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stderr
    return [one["message"] for one in json.loads(done.stdout)]


def test_actionlint_finds_nothing(actionlint: Path) -> None:
    for file in sorted(GITHUB.parent.iterdir()):
        assert linted(actionlint, file.read_text(encoding="utf-8")) == [], file.name


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        pytest.param("timeout-minutes: 40", "timeout: 40", "unexpected key", id="no such key"),
        pytest.param("needs: plan", "needs: plans", "plans", id="no such job"),
        pytest.param("stack ${{ matrix.stack }}", "stack ${{ matrix.stak }}", "stak", id="no such matrix value"),
        pytest.param("security-events: write", "security-event: write", "security-event", id="no such permission"),
        pytest.param("- *checkout", "- *checkouts", "checkouts", id="no such anchor"),
        pytest.param("hashFiles('reports/review.md')", "hashFile('reports/review.md')", "hashFile", id="no such function"),
        pytest.param('cron: "17 3 * * *"', 'cron: "17 33 * * *"', "17 33", id="no such hour"),
        pytest.param("secrets.ECS_CLOUDS }}", "secrets.ECS_CLOUDS }", "", id="an open expression"),
    ],
)  # fmt: skip
def test_actionlint_sees_a_planted_mistake(actionlint: Path, right: str, wrong: str, said: str) -> None:
    text = GITHUB.read_text(encoding="utf-8")
    assert right in text
    found = linted(actionlint, text.replace(right, wrong))
    assert found
    assert said in " ".join(found)


def gitlab(text: str) -> list[str]:
    schema = json.loads((Path(__file__).parent / "schemas" / "gitlab-ci.json").read_text(encoding="utf-8"))
    found = jsonschema.Draft7Validator(schema).iter_errors(yaml.safe_load(text))
    return [f"{one.json_path}: {one.message[:200]}" for one in found]


def test_gitlabs_schema_finds_nothing() -> None:
    assert gitlab(GITLAB.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("right", "wrong", "where"),
    [
        pytest.param("    when: always\n", "    when: allways\n", "artifacts", id="no such word"),
        pytest.param("  timeout: 2 hours", "  time_out: 2 hours", "apply", id="no such key"),
        pytest.param("    action: prepare", "    action: prepared", "plan", id="no such action"),
        pytest.param("      when: manual", "      when: by hand", "apply", id="no such start"),
        pytest.param("stages: [gate, plan, apply, drift]", "stages: gate", "stages", id="no list"),
    ],
)
def test_gitlabs_schema_sees_a_planted_mistake(right: str, wrong: str, where: str) -> None:
    text = GITLAB.read_text(encoding="utf-8")
    assert right in text
    found = gitlab(text.replace(right, wrong))
    assert found
    assert where in " ".join(found)


def test_gitlabs_jobs_fit_together() -> None:
    jobs = jobs_of_gitlab(ROOT)
    stages = yaml.safe_load(GITLAB.read_text(encoding="utf-8"))["stages"]
    assert set(jobs) == {"gate", "plan", "apply", "drift", "audit"}
    for name, job in jobs.items():
        assert job["stage"] in stages
        assert set(job.get("needs", [])) <= set(jobs), name
        (matrix,) = job["parallel"]["matrix"]
        assert matrix["STACK"] == ["dev", "staging", "prod"]
    # Only what is approved may write: all else is of the environment that may read.
    assert {name for name, job in jobs.items() if job["environment"]["name"] == "$STACK"} == {"apply"}
    # An apply fetches the artifacts of all three plans, so each must have a name of its own.
    assert "$STACK" in " ".join(jobs["plan"]["script"]).split("--out")[1].split()[0]


def test_githubs_jobs_fit_together() -> None:
    jobs = yaml.safe_load(GITHUB.read_text(encoding="utf-8"))["jobs"]
    assert set(jobs) == {"gate", "plan", "apply", "drift"}
    for job in jobs.values():
        assert job["strategy"]["matrix"]["stack"] == ["dev", "staging", "prod"]
    assert {name for name, job in jobs.items() if not job["environment"].endswith("-read")} == {"apply"}
    assert {name for name, job in jobs.items() if job.get("permissions", {}).get("pull-requests")} == {"gate"}
    assert jobs["apply"]["concurrency"]["cancel-in-progress"] is False, "a change is not to be cut off"
    # Actions by digest: a tag can be moved.
    used = [step["uses"] for job in jobs.values() for step in job["steps"] if "uses" in step]
    assert [one for one in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", one)] == []


def commands() -> list[str]:
    """Every line of both pipelines that a shell runs."""
    github = yaml.safe_load(GITHUB.read_text(encoding="utf-8"))["jobs"]
    lines = [step["run"] for job in github.values() for step in job["steps"] if "run" in step]
    for job in jobs_of_gitlab(ROOT).values():
        lines += [*job.get("before_script", []), *job["script"], *job.get("after_script", [])]
    return [line for one in lines for line in one.splitlines()]


def test_they_call_make_and_ecs_only() -> None:
    found = commands()
    assert len(found) > 8
    assert [line for line in found if not re.match(r"(make|\.venv/bin/ecs) ", line)] == []
    assert [line for line in found if re.search(r"[;&|<>`]|\$\(", line.replace("${{", ""))] == []


def test_every_command_is_one_that_ecs_knows() -> None:
    from commands.main import COMMANDS

    called = {line.split()[1] for line in commands() if line.startswith(".venv/bin/ecs")}
    assert called == {"gate", "comment", "plan", "apply", "drift", "audit"}
    assert called <= set(COMMANDS)


def test_every_stack_of_the_pipelines_is_there() -> None:
    for stack in ("dev", "staging", "prod"):
        assert (ROOT / "stacks" / f"Pulumi.{stack}.yaml").is_file()


@pytest.mark.parametrize(
    ("target", "command"),
    [
        ("gate", ".venv/bin/ecs gate --stack dev --reports out"),
        ("plan", ".venv/bin/ecs plan --stack dev --out p.json --reports out"),
        ("apply", ".venv/bin/ecs apply p.json --stack dev"),
        ("drift", ".venv/bin/ecs drift --stack dev --reports out"),
        ("audit", ".venv/bin/ecs audit --stack dev --reports out"),
    ],
)
def test_make_calls_the_same(target: str, command: str) -> None:
    # A make that runs the tests hands its own options on, and tells then where it is.
    kept = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    done = subprocess.run(
        ["make", "--dry-run", target, "STACK=dev", "PLAN=p.json", "REPORTS=out"], cwd=ROOT, env=kept, check=True, capture_output=True,
        text=True,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1].strip() == command


def test_the_page_names_every_secret_and_variable() -> None:
    page = (ROOT / "docs" / "pipeline.md").read_text(encoding="utf-8")
    used = set(re.findall(r"(?:secrets|vars)\.(\w+)", GITHUB.read_text(encoding="utf-8")))
    assert len(used) == 6
    assert [one for one in sorted({*used, "ECS_GITLAB_TOKEN", "OS_CLIENT_CONFIG_FILE"}) if one not in page] == []


def test_every_page_that_is_linked_is_there() -> None:
    for file in (ROOT / "docs" / "pipeline.md", ROOT / "deploy" / "operator" / "README.md", ROOT / "README.md"):
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", file.read_text(encoding="utf-8")):
            assert (file.parent / target).exists(), f"{file.name}: {target}"
