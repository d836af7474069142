"""The real CLI in a folder of its own: a program with N servers, on a sandbox, with one policy pack or another or none."""

import json
import os
import resource
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import toolchain
from bench.memory import MEBI
from bench.processes import Used, ended

ROOT = Path(__file__).parents[1]
FOREIGN = ("PULUMI_", "OS_", "ECS_")
LEFT = ("PYTHONDONTWRITEBYTECODE",)
"""What would make Python compile our modules again at each start, and not those of the packages, which their installer compiled."""

PACKS = {"whole": ROOT / "policy", "trivial": ROOT / "bench" / "trivial"}


class FailedError(Exception):
    """A preview that ended otherwise than it must for its time to mean anything."""


@dataclass(frozen=True)
class Preview:
    """What a preview, a plan or a creation took: seconds, seconds of CPU of all its processes, and what each kind of process used."""

    seconds: float
    cpu: float
    processes: dict[str, Used]

    def memory(self, *roles: str) -> float:
        """The largest memory of the processes of these roles together, in MiB; of each role at its own peak."""
        return sum(self.processes[role].memory for role in roles if role in self.processes) / MEBI


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
        kept = {name: value for name, value in os.environ.items() if name not in LEFT and not name.startswith(FOREIGN)}
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

    def preview(self, pack: str, form: str, servers: int, **variables: str) -> Preview:
        """Preview once, with a pack of `PACKS` or with none (""); what was planned is looked at, so that the time means something."""
        judged = {"PULUMI_OPTION_POLICY_PACK": str(PACKS[pack])} if pack else {}
        return self._made("preview", "to create", form, servers, **judged, **variables)

    def up(self, form: str, servers: int, *options: str) -> Preview:
        """Make all once, without a pack."""
        return self._made("up", "created", form, servers, "--yes", "--skip-preview", *options)

    def _made(self, verb: str, done: str, form: str, servers: int, *options: str, **variables: str) -> Preview:
        before, begun = children(), time.perf_counter()
        said, processes = self._watched(verb, *options, **variables, BENCH_FORM=form, BENCH_SERVERS=str(servers))
        took, used = time.perf_counter() - begun, children() - before
        # The stack itself is a resource too. Each component makes one, and all together the provider of those.
        pairs = {"component": 2 * servers + 2, "paced": 2 * servers + 2, "wrapped": 2 * servers + 1}
        expected = 4 if form == "batch" else pairs.get(form, servers + 1)
        if f"+ {expected} {done}" not in said or "[mandatory]" in said:
            raise FailedError(f"the {verb} of {servers} servers was not what it must be:\n{said[-2000:]}")
        return Preview(took, used, processes)

    def export(self) -> dict[str, Any]:
        """Return the state as `pulumi stack export` writes it."""
        state: dict[str, Any] = json.loads(self._run("stack", "export"))
        return state

    def _run(self, *arguments: str, **variables: str) -> str:
        said, _ = self._watched(*arguments, **variables)
        return said

    def _watched(self, *arguments: str, **variables: str) -> tuple[str, dict[str, Used]]:
        run = subprocess.Popen(
            ["pulumi", *arguments, "--non-interactive", "--color=never"], cwd=self._work,
            env=self._environment | variables, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        said, processes = ended(run)
        if run.returncode != 0:
            raise FailedError(f"pulumi {arguments[0]} ended with {run.returncode}:\n{said[-2000:]}")
        return said, processes


def children() -> float:
    """Return the seconds of CPU that all processes used which this one started and waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
