"""What each process of a command used: the engine, the language host, the program, the policy pack and the providers."""

import contextlib
import threading
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import psutil

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
    done = threading.Event()

    def watch() -> None:
        while not done.wait(EVERY):
            resident: dict[str, int] = defaultdict(int)
            with contextlib.suppress(psutil.Error):
                parent = psutil.Process(pid)
                for one in (parent, *parent.children(recursive=True)):
                    with contextlib.suppress(psutil.Error), one.oneshot():
                        role, times = _role(" ".join(one.cmdline())), one.cpu_times()
                        resident[role] += one.memory_info().rss
                        cpu[one.pid, one.create_time()] = (role, times.user + times.system)
            for role, memory in resident.items():
                used[role].memory = max(used[role].memory, memory)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield used
    finally:
        done.set()
        thread.join()
        for role, seconds in cpu.values():
            used[role].cpu += seconds


def _role(command: str) -> str:
    return next((role for part, role in ROLES.items() if part in command), "engine")
