"""A program of a Python package, in a virtual environment of its own beside the toolchain: what it needs is none of the project's."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from bench.engine import FailedError
from bench.peers.go import say
from toolchain.place import cache_folder

LAST = 8
"""So many last lines of pip are told where it fails."""


def version(name: str) -> str:
    """The version of a package that its own requirements pin."""
    text = (Path(__file__).parent / name / "requirements.txt").read_text(encoding="utf-8")
    return next(line.partition("==")[2] for line in text.splitlines() if line.startswith(f"{name}=="))


def installed(name: str) -> Path:
    """The program `name` of what `bench/peers/<name>/requirements.txt` pins, installed once a machine.

    Raises `FailedError` with pip's last lines where it cannot be had.
    """
    pinned = Path(__file__).parent / name / "requirements.txt"
    digest = hashlib.sha256(pinned.read_bytes() + sys.version.encode()).hexdigest()[:12]
    kept = cache_folder().parent / "bench"
    folder = kept / f"{name}-{digest}"
    kept.mkdir(parents=True, exist_ok=True)
    with (kept / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / ".ready").is_file():
            # A virtual environment cannot be moved, so it is marked when it is whole.
            shutil.rmtree(folder, ignore_errors=True)
            say(f"installing {name} into an environment of its own, once a machine (a minute) ...")
            _run([sys.executable, "-m", "venv", str(folder)], name)
            pip = [
                str(folder / "bin" / "python"),
                "-m",
                "pip",
                "--disable-pip-version-check",
                "--no-input",
                "install",
                "--quiet",
            ]
            _run([*pip, "--no-deps", "--requirement", str(pinned)], name)
            (folder / ".ready").touch()
    return folder / "bin" / name


def _run(command: list[str], name: str) -> None:
    # The project's own pins are not what a peer needs.
    environment = {key: value for key, value in os.environ.items() if key != "PIP_CONSTRAINT"}
    done = subprocess.run(
        command, env=environment, check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    if done.returncode != 0:
        last = "\n    ".join(done.stdout.strip().splitlines()[-LAST:])
        raise FailedError(f"{name} cannot be installed:\n    {last}")
