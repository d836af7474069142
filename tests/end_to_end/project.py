"""A clone of the project's stacks with a sandbox, a state and a Pulumi home of its own, and the real CLI to run in it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import toolchain
from sandbox import daemon

ROOT = Path(__file__).parents[2]
PASSPHRASE = "of a test"
MINUTES = 5
CHANGING = ("POST", "PUT", "PATCH", "DELETE")


@dataclass
class Ran:
    """A finished command: exit code and everything that it printed."""

    code: int
    text: str


@dataclass
class Project:
    """A folder to run the CLI in."""

    folder: Path
    home: Path
    cloud: Path
    stack: str = "sandbox"
    extra: dict[str, str] = field(default_factory=dict)
    pack: bool = True
    """Whether our policy pack checks what the program states."""
    before: int = 0
    """How many requests the sandbox had logged before this project."""

    def __post_init__(self) -> None:
        self.before = len(self._journal())

    def environment(self) -> dict[str, str]:
        tools = toolchain.locate()
        assert tools is not None, "run `make setup` first"
        state = self.home.parent / "state"
        state.mkdir(exist_ok=True)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "OS_", "ECS_"))}
        return {
            **kept,
            "PATH": os.pathsep.join([str(ROOT / ".venv" / "bin"), str(tools.bin), os.environ["PATH"]]),
            "PULUMI_HOME": str(self.home),
            "PULUMI_BACKEND_URL": f"file://{state}",
            "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
            **({"PULUMI_OPTION_POLICY_PACK": str(ROOT / "policy")} if self.pack else {}),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "OS_CLIENT_CONFIG_FILE": str(self.cloud / "clouds.yaml"),
            "NO_COLOR": "1",
            **self.extra,
        }

    def pulumi(self, *arguments: str, stdin: str = "") -> Ran:
        command = ["pulumi", *arguments, "--non-interactive", "--color=never"]
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment(), text=True, input=stdin, timeout=MINUTES * 60, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        return Ran(done.returncode, done.stdout)

    def state(self, text: str) -> None:
        """Put the settings of the stack in place, and make the stack if it is not there."""
        file = self.folder / "stacks" / f"Pulumi.{self.stack}.yaml"
        file.write_text(
            "\n".join(line for line in text.splitlines() if not line.startswith("encryptionsalt")) + "\n",
            encoding="utf-8",
        )
        made = self.pulumi("stack", "select", "--create", self.stack)
        assert made.code == 0, made.text

    def resources(self) -> list[dict[str, Any]]:
        exported = json.loads(self.pulumi("stack", "export").text)
        return exported["deployment"].get("resources", [])  # type: ignore[no-any-return]

    def _journal(self) -> list[str]:
        journal = self.cloud / "requests.jsonl"
        return journal.read_text(encoding="utf-8").splitlines() if journal.exists() else []

    def requests(self) -> list[dict[str, Any]]:
        """What the sandbox was asked since this project began, oldest first."""
        return [json.loads(line) for line in self._journal()[self.before :]]

    def changes(self) -> list[str]:
        """The requests that change anything: all but reads and log-ins."""
        return [
            f"{one['method']} {one['path']}"
            for one in self.requests()
            if one["method"] in CHANGING and "/auth/tokens" not in one["path"]
        ]


def home_of_its_own(folder: Path) -> Path:
    """A Pulumi home with the toolchain's plugins, so that a test's stacks and workspaces are seen by nobody else."""
    tools = toolchain.locate()
    assert tools is not None, "run `make setup` first"
    home = folder / "home"
    shutil.copytree(tools.home / "plugins", home / "plugins", copy_function=_link)
    return home


def _link(source: str, target: str) -> str:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
    return target


def project(folder: Path, cloud: Path) -> Project:
    """The stacks' program in a folder of a test, without any settings."""
    work = folder / "project"
    (work / "stacks").mkdir(parents=True)
    shutil.copy2(ROOT / "Pulumi.yaml", work)
    shutil.copy2(ROOT / "stacks" / "__main__.py", work / "stacks")
    (work / ".venv").symlink_to(ROOT / ".venv")
    return Project(work, home_of_its_own(folder), cloud)


def program(name: str, folder: Path, cloud: Path) -> Project:
    """A program of the tests' own, `raw` or `outputs`, with a stack on the sandbox."""
    work = folder / name
    shutil.copytree(ROOT / "tests" / "end_to_end" / name, work, ignore=shutil.ignore_patterns("__pycache__"))
    (work / ".venv").symlink_to(ROOT / ".venv")
    made = Project(work, home_of_its_own(folder), cloud, "dev")
    for command in (("stack", "select", "--create", made.stack), ("config", "set", "openstack:cloud", "sandbox")):
        done = made.pulumi(*command)
        assert done.code == 0, done.text
    return made


def fresh_cloud(folder: Path) -> None:
    """The sandbox in `folder` running, back at its beginning, with an empty request log."""
    daemon.start(folder, build_seconds=0)
    daemon.reset(folder)
