"""The first way: what is already on the machine in the right version."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from toolchain.errors import WayClosed
from toolchain.pins import Part


def version(command: list[str]) -> str:
    """What a tool prints as its version, without a leading `v`; `` where it cannot be run or takes over 10 s."""
    try:
        ran = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"},
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return ran.stdout.strip().removeprefix("v") if ran.returncode == 0 else ""


def fetch(part: Part, staging: Path) -> str:
    """Copy a part that is on the machine into a staging folder; returns where it was.

    A copy, because a link would change with the next upgrade of the original, and nobody would know. Raises `WayClosed` where there is
    none, or another version.
    """
    original = _original(part)
    if _is_ours(original):
        raise WayClosed(f"only an earlier cache of this project has {original.name}")
    siblings = [original.parent / Path(file).name for file in part.files]
    missing = [one.name for one in siblings if not one.is_file()]
    if missing:
        raise WayClosed(f"{original} has no {' and no '.join(missing)} beside it")
    found = version([str(original), *part.probe[1:]])
    if found != part.version:
        raise WayClosed(f"{original} is {found or 'not runnable'}, not {part.version}")
    for file, sibling in zip(part.files, siblings, strict=True):
        target = staging / file
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(sibling, target)
    return str(original)


def _original(part: Part) -> Path:
    file = Path(part.probe[0])
    if file.parts[0] == "home":
        home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
        found = home / file.relative_to("home")
        if not found.is_file():
            raise WayClosed(f"there is no {found}")
        return found.resolve()
    on_path = shutil.which(file.name)
    if on_path is None:
        raise WayClosed(f"there is no {file.name} on PATH")
    return Path(on_path).resolve()


def _is_ours(file: Path) -> bool:
    """Whether a file is in a toolchain folder like ours: its language host may be of other sources than the version says."""
    return any((parent / "parts").is_dir() for parent in file.parents[:5])
