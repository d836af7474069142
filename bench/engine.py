"""The real CLI in a folder of its own: a program with N servers, on a sandbox, with one policy pack or another or none."""

import json
import os
import resource
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import toolchain

ROOT = Path(__file__).parents[1]
PACKS = {"whole": ROOT / "policy", "trivial": ROOT / "bench" / "trivial"}


class FailedError(Exception):
    """A preview that ended otherwise than it must for its time to mean anything."""


class Program:
    """`bench/servers` with a stack and a state of its own."""

    def __init__(self, folder: Path, cloud: Path) -> None:
        tools = toolchain.locate()
        if tools is None:
            raise FailedError("the Pulumi engine is not installed: run `make setup`")
        self._work = folder / "servers"
        shutil.copytree(ROOT / "bench" / "servers", self._work, ignore=shutil.ignore_patterns("__pycache__"))
        (self._work / ".venv").symlink_to(ROOT / ".venv")
        (folder / "state").mkdir()
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "OS_", "ECS_"))}
        path = os.pathsep.join([str(ROOT / ".venv" / "bin"), str(tools.bin), os.environ["PATH"]])
        self._environment = kept | {
            "PATH": path,
            "PULUMI_HOME": str(tools.home),
            "PULUMI_BACKEND_URL": f"file://{folder / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": "of a bench",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "OS_CLIENT_CONFIG_FILE": str(cloud / "clouds.yaml"),
        }
        self._run("stack", "init", "bench")
        self._run("config", "set", "openstack:cloud", "sandbox")

    def preview(self, pack: str, form: str, servers: int) -> tuple[float, float]:
        """Preview once; returns the seconds that it took, and those of CPU that all its processes used."""
        before, begun = _children(), time.perf_counter()
        said = self._run(
            "preview", PULUMI_OPTION_POLICY_PACK=str(PACKS[pack]), BENCH_FORM=form, BENCH_SERVERS=str(servers)
        )
        took, used = time.perf_counter() - begun, _children() - before
        # The stack itself is a resource too. Each component makes a server, and all together the provider of those.
        expected = 2 * servers + 2 if form == "component" else servers + 1
        if f"+ {expected} to create" not in said or "[mandatory]" in said:
            raise FailedError(f"the preview of {servers} servers was not what it must be:\n{said[-2000:]}")
        return took, used

    def up(self, form: str, servers: int, *options: str) -> float:
        """Make all once, without a pack; returns the seconds that it took."""
        begun = time.perf_counter()
        said = self._run("up", "--yes", "--skip-preview", *options, BENCH_FORM=form, BENCH_SERVERS=str(servers))
        took = time.perf_counter() - begun
        # The component of a batch has one child, which needs a provider.
        expected = 4 if form == "batch" else servers + 1
        if f"+ {expected} created" not in said:
            raise FailedError(f"the creation of {servers} servers was not what it must be:\n{said[-2000:]}")
        return took

    def export(self) -> dict[str, Any]:
        """Return the state as `pulumi stack export` writes it."""
        state: dict[str, Any] = json.loads(self._run("stack", "export"))
        return state

    def _run(self, *arguments: str, **variables: str) -> str:
        done = subprocess.run(
            ["pulumi", *arguments, "--non-interactive", "--color=never"], cwd=self._work,
            env=self._environment | variables, text=True, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        if done.returncode != 0:
            raise FailedError(f"pulumi {arguments[0]} ended with {done.returncode}:\n{done.stdout[-2000:]}")
        return done.stdout


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
