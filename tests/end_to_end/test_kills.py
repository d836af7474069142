"""The engine is killed at random moments of a stack of fifty servers; each next `ecs up` goes on, and nothing is lost or doubled."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox import daemon
from tests.end_to_end.many_servers import Cloud, Stack
from tests.end_to_end.takeover_clone import ROOT, Clone, fresh

pytestmark = [
    pytest.mark.engine,
    # openstacksdk warns of its own inside, whatever one asks of it.
    pytest.mark.filterwarnings("ignore::openstack.warnings.RemovedInSDK50Warning"),
    pytest.mark.filterwarnings("ignore::openstack.warnings.RemovedInSDK60Warning"),
]

NIGHTLY = bool(os.environ.get("ECS_NIGHTLY"))
KILLS = 30 if NIGHTLY else 6
THROUGH = 5 if NIGHTLY else 3
"""After so many kills one run goes through."""
CHANGES = 0.75
"""How often a whole stack is changed and not taken away."""
USUAL = {"create": 25.0, "change": 12.0, "delete": 4.0}
"""Seconds that a run takes if nobody kills it; the nightly run measures them first."""
EARLIEST = 0.2
"""Seconds: before that it is Python that starts, and nothing of ours."""
LIMIT = 300.0


@pytest.fixture
def clone(tmp_path: Path) -> Iterator[Clone]:
    """A clone with the stacks' own program."""
    with fresh(tmp_path) as made:
        shutil.copy2(ROOT / "stacks" / "__main__.py", made.folder / "stacks")
        daemon.control(made.cloud, "PATCH", "/sandbox/settings", {"build_seconds": 1})
        yield made


class Runs:
    """`ecs up` again and again, some of them killed."""

    def __init__(self, clone: Clone) -> None:
        self.clone = clone
        self.log = clone.folder.parent / "runs.log"
        self.killed: list[str] = []

    def through(self) -> float:
        """One run to its end, which must be good; returns its seconds."""
        run, began = self._begin(), time.monotonic()
        assert run.wait(LIMIT) == 0, self.last()
        return time.monotonic() - began

    def until(self, moment: float) -> bool:
        """Kill a run -9 after so many seconds; False where it was over before, which must have been a good end."""
        run = self._begin()
        try:
            assert run.wait(moment) == 0, self.last()
        except subprocess.TimeoutExpired:
            engine = Path(f"/proc/{run.pid}/cmdline").read_bytes().startswith(b"pulumi\0")
            run.send_signal(signal.SIGKILL)
            run.wait()
            begun = self.clone.pending()
            self.killed.append(
                f"{moment:.1f} s, {'engine' if engine else 'takeover'}, begun: {', '.join(begun) or 'nothing'}"
            )
            print(self.killed[-1], flush=True)
            return True
        return False

    def last(self) -> str:
        """What the last run said."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join([*(line for line in lines if "rror" in line), *lines[-30:]])

    def _begin(self) -> subprocess.Popen[bytes]:
        command = [ROOT / ".venv" / "bin" / "ecs", "up", "--skip-preview"]
        with self.log.open("wb") as out:
            run = subprocess.Popen(
                command, cwd=self.clone.folder, env=self.clone.environment, stdout=out, stderr=subprocess.STDOUT,
                start_new_session=True,
            )  # fmt: skip
        self.clone.runs.append(run)
        return run


def test_killed_at_random_moments_and_never_cleaned_by_hand(clone: Clone) -> None:
    """Creation, random changes and deletion of all; the cloud is compared after each run that came through."""
    seed = int(os.environ.get("ECS_SEED") or random.SystemRandom().randrange(1_000_000))
    print(f"ECS_SEED={seed}", flush=True)
    draw, began = random.Random(seed), time.monotonic()  # noqa: S311 - no secret
    stack, cloud, runs = Stack(), Cloud(clone), Runs(clone)
    lasts = _undisturbed(clone, stack, cloud, runs) if NIGHTLY else USUAL
    print("undisturbed:", ", ".join(f"{kind} {seconds:.1f} s" for kind, seconds in lasts.items()), flush=True)
    compared, since, kind, told = 0, 0, "create", stack.everything()
    stack.write(clone)
    while len(runs.killed) < KILLS:
        if since < THROUGH and runs.until(draw.uniform(EARLIEST, lasts[kind])):
            since += 1
            continue
        if since == THROUGH:
            runs.through()
        cloud.holds(stack)
        compared += 1
        print(f"compared after {since} kills: {told}", flush=True)
        kind = "create" if not stack.servers else "change" if draw.random() < CHANGES else "delete"
        told = {"create": stack.everything, "delete": stack.nothing, "change": lambda: stack.change(draw)}[kind]()
        since = 0
        stack.write(clone)
    for state in (None, stack.everything) if NIGHTLY else (None,):
        if state is not None:
            state()
            stack.write(clone)
        runs.through()
        cloud.holds(stack)
        compared += 1
    left = clone.ecs("preview", "--refresh", "--expect-no-changes")
    assert left.returncode == 0, left.stdout + left.stderr
    print(f"{len(runs.killed)} kills, {compared} comparisons, {time.monotonic() - began:.0f} s", flush=True)


def _undisturbed(clone: Clone, stack: Stack, cloud: Cloud, runs: Runs) -> dict[str, float]:
    """The seconds that a creation, a change and a deletion of everything take if nobody kills them."""
    lasts = {}
    for kind, state in (
        ("create", stack.everything),
        ("change", lambda: stack.change(random.Random(0))),  # noqa: S311 - no secret
        ("delete", stack.nothing),
    ):
        state()
        stack.write(clone)
        lasts[kind] = runs.through()
        cloud.holds(stack)
    return lasts
