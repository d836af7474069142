"""Runs the jobs of the pipelines as their runners would: in a clean clone, step by step, with bash, and no further after a failure."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
SECONDS = 240
_EXPRESSION = re.compile(r"\$\{\{\s*(?P<name>[\w.]+)\s*\}\}")
_FILES = re.compile(r"hashFiles\('(?P<file>[^']+)'\) != ''")
_VARIABLE = re.compile(r"vars\.(?P<name>\w+) != '(?P<value>[^']*)'")


@dataclass
class Ran:
    """A job that has ended: whether it failed, and each of its steps with exit code and text; None for a step that was skipped."""

    folder: Path
    failed: bool = False
    codes: dict[str, int | None] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return "\n".join(self.texts.values())


@dataclass
class Runner:
    """A machine that gets a fresh clone for each job, and the secrets of a pipeline."""

    origin: Path
    folder: Path
    secrets: Mapping[str, str]
    variables: Mapping[str, str]
    """What the forge tells each job about its pipeline."""

    artifacts: dict[str, Path] = field(default_factory=dict)
    count: int = 0
    heard: list[str] = field(default_factory=list)
    """Everything that any step of any job said."""

    def clone(self, branch: str) -> Path:
        """A clean clone, but for the virtual environment, which is this project's: to make one takes half a minute."""
        self.count += 1
        made = self.folder / f"job-{self.count}"
        subprocess.run(["git", "clone", "-q", "--branch", branch, self.origin, made], check=True, timeout=60)
        (made / ".venv").symlink_to(ROOT / ".venv")
        for name in ("pyproject.toml", "constraints.txt"):
            # As old as what the environment was made from, else make would make it anew.
            os.utime(made / name, (0, 0))
        return made

    def environment(self) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PULUMI_", "OS_", "ECS_", "GITHUB_", "GITLAB_", "CI", "AWS_", "MAKE"))
        }
        if "ECS_CACHE_DIR" in os.environ:
            kept["ECS_CACHE_DIR"] = os.environ["ECS_CACHE_DIR"]
        # What was committed is what runs, also where this project has it otherwise by now; and nothing is ever installed.
        # Of one clone for all jobs: their Python is the same, and is compiled once.
        own = {"PYTHONPATH": str(self.origin), "PIP_DRY_RUN": "1", "NO_COLOR": "1", "CI": "true"}
        return {**kept, **own, **self.variables}

    def _run(self, ran: Ran, name: str, command: list[str], environment: Mapping[str, str]) -> bool:
        done = subprocess.run(
            command, cwd=ran.folder, env=dict(environment), check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            timeout=SECONDS, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        ran.codes[name], ran.texts[name] = done.returncode, done.stdout
        self.heard.append(done.stdout)
        return done.returncode == 0

    # GitHub Actions

    def github(self, job: str, stack: str, branch: str = "main") -> Ran:
        """A job of the workflow for one stack."""
        stated = yaml.safe_load((self.origin / ".github" / "workflows" / "ecs.yml").read_text(encoding="utf-8"))[
            "jobs"
        ][job]
        ran = Ran(self.clone(branch))
        summary = self.folder / f"summary-{self.count}.md"
        known = {
            "matrix.stack": stack,
            "github.token": self.secrets["GITHUB_TOKEN"],
            **{f"secrets.{name}": value for name, value in self.secrets.items()},
        }
        base = {**self.environment(), "GITHUB_STEP_SUMMARY": str(summary)}
        base |= {name: filled(value, known) for name, value in stated["env"].items()}
        for number, step in enumerate(stated["steps"]):
            name = step.get("name") or f"{number}: {step.get('uses', step.get('run'))}"
            if not wanted(step.get("if"), ran):
                ran.codes[name] = None
            elif "uses" in step:
                ran.codes[name] = 0
                with_ = {key: filled(value, known) for key, value in step.get("with", {}).items()}
                self._used(step["uses"].partition("@")[0], with_, ran)
            else:
                own = {key: filled(value, known) for key, value in step.get("env", {}).items()}
                script = self.folder / f"step-{self.count}-{number}.sh"
                script.write_text(filled(step["run"], known), encoding="utf-8")
                ran.failed |= not self._run(ran, name, ["bash", "-e", str(script)], {**base, **own})
        return ran

    def _used(self, action: str, with_: Mapping[str, str], ran: Ran) -> None:
        if action == "actions/upload-artifact":
            self._keep(with_["name"], ran.folder / with_["path"])
        elif action == "actions/download-artifact":
            shutil.copytree(self.artifacts[with_["name"]], ran.folder / with_["path"])
        elif action == "github/codeql-action/upload-sarif":
            assert (ran.folder / with_["sarif_file"]).is_file()
        else:
            assert action in ("actions/checkout", "actions/setup-python", "actions/cache"), action

    def _keep(self, name: str, folder: Path) -> None:
        if folder.is_dir():
            kept = self.folder / "artifacts" / f"{name}-{self.count}"
            shutil.copytree(folder, kept)
            self.artifacts[name] = kept

    # GitLab CI

    def gitlab(self, job: str, stack: str, branch: str = "main") -> Ran:
        """A job of the pipeline for one stack."""
        stated = jobs_of_gitlab(self.origin)[job]
        ran = Ran(self.clone(branch))
        base = {**self.environment(), **self.secrets, "STACK": stack, "CI_PROJECT_DIR": str(ran.folder)}
        base["CI_COMMIT_BRANCH"] = branch
        for needed in stated.get("needs", []):
            shutil.copytree(self.artifacts[needed], ran.folder, dirs_exist_ok=True)
        for number, line in enumerate([*stated["before_script"], *stated["script"]]):
            if not ran.failed:
                ran.failed = not self._run(
                    ran, f"{number}: {line.split()[1]}", ["bash", "-eo", "pipefail", "-c", line], base
                )
        for line in stated.get("after_script", []):
            # Whatever it ends with is of no consequence to GitLab.
            self._run(ran, line.split()[1], ["bash", "-c", line], base)
        artifacts = stated.get("artifacts", {})
        if not ran.failed or artifacts.get("when") == "always":
            for path in artifacts.get("paths", []):
                self._keep(f"{job}/{path}", ran.folder / path)
                if f"{job}/{path}" in self.artifacts:
                    gathered = self.folder / "artifacts" / f"of-{job}-{self.count}"
                    shutil.copytree(self.artifacts[f"{job}/{path}"], gathered / path, dirs_exist_ok=True)
                    self.artifacts[job] = gathered
        return ran

    # The Kubernetes operator

    def gate_of_operator(self, stack: str, branch: str = "main") -> Ran:
        """What the operator runs before the engine: the commands of the init container that `ecs operator` prints."""
        ran = Ran(self.clone(branch))
        base = {**self.environment(), **self.secrets, "PULUMI_ENV": str(self.folder / f"env-{self.count}")}
        printed = subprocess.run(
            [ran.folder / ".venv" / "bin" / "ecs", "operator", "--stack", stack], cwd=ran.folder, env=base, check=True,
            capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        (document,) = list(yaml.safe_load_all(printed.stdout))
        (gate,) = document["spec"]["workspaceTemplate"]["spec"]["podTemplate"]["spec"]["initContainers"]
        ran.failed = not self._run(ran, "gate", gate["command"], base)
        return ran

    def handed_over(self) -> dict[str, str]:
        """The environment that the last gate of the operator left to the engine; empty where it left none."""
        file = self.folder / f"env-{self.count}"
        if not file.is_file():
            return {}
        lines = [line.split("=", 1) for line in file.read_text(encoding="utf-8").splitlines()]
        return {name: value[1:-1] for name, value in lines}


def filled(text: str, known: Mapping[str, str]) -> str:
    """A text of the workflow with its expressions replaced; one that is not known is an error of this runner."""
    made = _EXPRESSION.sub(
        lambda found: known[found["name"]] if not found["name"].startswith("runner") else "Linux", str(text)
    )
    return re.sub(r"\$\{\{ hashFiles\([^)]*\) \}\}", "0", made)


def wanted(condition: str | None, ran: Ran) -> bool:
    """Whether a step runs: without `always()` only while all is well."""
    parts = [one.strip() for one in (condition or "").split("&&") if one.strip()]
    always = "always()" in parts
    for one in parts:
        if file := _FILES.fullmatch(one):
            if not (ran.folder / file["file"]).is_file():
                return False
        else:
            # No variable is set, so each differs from what it is held against.
            assert one == "always()" or _VARIABLE.fullmatch(one), f"{one}: this runner does not know it"
    return always or not ran.failed


def jobs_of_gitlab(folder: Path) -> dict[str, dict[str, Any]]:
    """Each job with what it takes over from others, as GitLab merges: mappings by key, all else as a whole."""
    stated = yaml.safe_load((folder / ".gitlab-ci.yml").read_text(encoding="utf-8"))

    def merged(under: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
        both = {
            key: merged(under[key], value) if isinstance(value, dict) and isinstance(under.get(key), dict) else value
            for key, value in over.items()
        }
        return {**under, **both}

    def whole(name: str) -> dict[str, Any]:
        job = stated[name]
        return merged(whole(job["extends"]), job) if "extends" in job else job

    return {name: whole(name) for name, job in stated.items() if isinstance(job, dict) and "script" in job}
