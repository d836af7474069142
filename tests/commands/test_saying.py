"""How a command ends whose output goes nowhere."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = """
import sys
from commands import main, saying
def ends():
    saying.say(sys.stdout, "\\u2713 passed\\n")
    saying.say(sys.stdout, "more\\n")
    sys.exit(5)
main.app = ends
main.main()
"""


def run(out: int, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, env=dict(os.environ) | variables, stdout=out, stderr=subprocess.PIPE, text=True,
        check=False,
    )  # fmt: skip


def test_that_nobody_reads_on_changes_no_exit_code() -> None:
    read, write = os.pipe()
    os.close(read)
    done = run(write)
    os.close(write)
    assert (done.returncode, done.stderr) == (5, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full disk here")
def test_a_full_disk_is_told_in_a_sentence() -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    done = run(full)
    os.close(full)
    assert (done.returncode, done.stderr) == (1, "error: the output cannot be written: No space left on device.\n")


def test_a_locale_without_the_signs_of_a_report_still_gets_it() -> None:
    done = run(subprocess.PIPE, PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stdout, done.stderr) == (5, "? passed\nmore\n", "")
