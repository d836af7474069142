"""What each process of a command used: the engine, the language host, the program, the policy pack and the providers."""

import contextlib
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import psutil

from bench.memory import looked_at

EVERY = 0.1
"""Seconds between two looks."""

ROLES = {
    "pulumi-resource-ecs": "provider ecs",
    "pulumi-resource-openstack": "provider openstack",
    "pulumi-language-python-exec": "program",
    "pulumi.policy": "pack",
    "pulumi-language-python": "language host",
    "pulumi stack export": "state's export",
}
"""What a command line holds, and what that process is; the first that fits. All else counts to the engine."""


@dataclass
class Used:
    """The seconds of CPU of all processes of one role, and the largest memory (bytes) that they had resident at one time."""

    cpu: float = 0.0
    memory: int = 0


@contextlib.contextmanager
def watched(pid: int) -> Iterator[dict[str, Used]]:
    """What a process and its descendants used, by role; whole once the block is left.

    Of a process that ends between two looks, its last tenth of a second is missing.
    """
    used: dict[str, Used] = defaultdict(Used)
    cpu: dict[tuple[int, float], tuple[str, float]] = {}

    def look(processes: list[psutil.Process]) -> None:
        resident: dict[str, int] = defaultdict(int)
        for one in processes:
            with contextlib.suppress(psutil.Error), one.oneshot():
                role, times = _role(" ".join(one.cmdline())), one.cpu_times()
                resident[role] += one.memory_info().rss
                cpu[one.pid, one.create_time()] = (role, times.user + times.system)
        for role, memory in resident.items():
            used[role].memory = max(used[role].memory, memory)

    with looked_at(pid, EVERY, look):
        yield used
    for role, seconds in cpu.values():
        used[role].cpu += seconds


def ended(run: subprocess.Popen[str]) -> tuple[str, dict[str, Used]]:
    """What a command said until it ended, and what its processes used; a Ctrl-C, which it has had too, waits for its end."""
    try:
        with watched(run.pid) as processes:
            said, _ = run.communicate()
    except KeyboardInterrupt:
        run.wait()
        raise
    return said, processes


def _role(command: str) -> str:
    return next((role for part, role in ROLES.items() if part in command), "engine")
