"""Where the time of an audit goes: calls and seconds of its parts, by cProfile, for whoever wants to look again."""

import io
import pstats
import subprocess
import sys
from pathlib import Path

from bench.engine import FailedError

PARTS = {
    "the whole command": "commands/main.py:main",
    "its modules, imported": "<frozen importlib._bootstrap>:_find_and_load",
    "the state, decoded": "commands/reviewing.py:_resources",
    "can it be judged here?": "policy/state.py:can_judge",
    "each request, read and judged": "policy/judge.py:resource",
    "  of that, reading": "policy/forms.py:raw",
    "  of that, rules": "policy/rule.py:answer",
    "the stack as a whole": "policy/judge.py:whole",
    "  of that, waiting for the cloud": "policy/facts/cloud.py:wait",
    "the review": "gate/assembly.py:review",
    "  of that, its drawing": "gate/drawing.py:drawn",
    "the report": "commands/gate.py:finish",
}
"""The functions that stand for a part. The cloud is asked by another thread, whose time is in whatever waits for it."""

TOP = 25


def told(folder: Path, arguments: list[str], environment: dict[str, str]) -> str:
    """Run `ecs` under cProfile in a folder, and return its parts and the functions that took most. Raises `FailedError`."""
    file = folder / "audit.prof"
    command = [
        sys.executable,
        "-m",
        "cProfile",
        "-o",
        str(file),
        str(Path(sys.executable).with_name("ecs")),
        *arguments,
    ]
    done = subprocess.run(command, cwd=folder, env=environment, check=False, capture_output=True, text=True)
    if done.returncode != 0 or not file.is_file():
        raise FailedError(f"the audit ended with {done.returncode}:\n{(done.stdout + done.stderr)[-2000:]}")
    out = io.StringIO()
    stats = pstats.Stats(str(file), stream=out)
    lines = [f"{'part':<36}{'calls':>10}{'seconds':>9}"]
    for part, named in PARTS.items():
        calls, seconds = _of(stats, named)
        lines.append(f"{part:<36}{calls:>10,}{seconds:>9.3f}")
    stats.strip_dirs().sort_stats("tottime").print_stats(TOP)
    return "\n".join(lines) + "\n" + out.getvalue()


def _of(stats: pstats.Stats, named: str) -> tuple[int, float]:
    """Calls and cumulated seconds of a function, or of all of its name in a file (methods of several classes)."""
    file, _, function = named.rpartition(":")
    found = [
        (values[0], values[3])
        for (path, _, name), values in stats.stats.items()  # type: ignore[attr-defined]
        if name == function and path.endswith(file)
    ]
    return sum(calls for calls, _ in found), sum(seconds for _, seconds in found)
