"""What the stack held before: what a change deletes is in no list that the engine hands to a pack."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from policy.facts.asking import SilentError
from policy.native import NATIVE, NATIVE_BATCH

FORM = 3
"""The version of the engine's checkpoint files that is read here."""

SECONDS = 60.0
"""The longest that the engine may take to hand out a state."""


SHOWN = ("flavorRef", "imageRef", "key_name", "networks", "boot", "disks", "scheduler_hints", "volumes", "members")
"""The outputs of a native server or batch that facts are read from; none of them is a secret."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One resource of the state: its URN, type, name and id, and whether deleting it leaves it in the cloud.

    `outputs` are those of a native server or batch that facts are read from: the disks that it made are no resources of their own.
    """

    urn: str
    type: str
    id: str
    retained: bool
    outputs: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def name(self) -> str:
        """The name that the program gave it."""
        return self.urn.rsplit("::", 1)[-1]


class Previous:
    """The resources of the stack's state before this run, read once, in the background."""

    def __init__(self, read: Callable[[], list[Kept]]) -> None:
        self._read = read
        self._found: list[Kept] = []
        self._error: str | None = None
        self._thread: threading.Thread | None = None

    @classmethod
    def none(cls) -> Previous:
        """Return the state of a stack that holds nothing."""
        return cls(list)

    def begin(self) -> None:
        """Start reading, so that it is done when it is asked for."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()

    def resources(self) -> list[Kept]:
        """Return what there was. Raises `SilentError` where the state could not be read."""
        self.begin()
        if self._thread is not None:
            self._thread.join(SECONDS)
        if self._thread is not None and self._thread.is_alive():
            raise SilentError("the stack's state was not read within a minute, so what a change deletes is not known")
        if self._error:
            raise SilentError(self._error)
        return self._found

    def _run(self) -> None:
        try:
            self._found = self._read()
        except SilentError as silent:
            self._error = silent.reason
        except Exception as error:  # noqa: BLE001 - its text may quote the state
            self._error = f"the stack's state could not be read ({type(error).__name__})"


def of_this_stack() -> list[Kept]:
    """Read the state of the stack that this pack was started for: its file, else what the engine hands out; raises `SilentError`.

    `pulumi stack export` takes a fifth of a second, and much longer for a large state.
    """
    kept = from_file()
    return from_engine() if kept is None else kept


def from_file() -> list[Kept] | None:
    """Read the state out of its file; None where it is kept otherwise, or in a form of the engine's that is not known here."""
    url = os.environ.get("PULUMI_BACKEND_URL", "")
    named = [os.environ.get(key) for key in ("PULUMI_PROJECT", "PULUMI_STACK")]
    folder = Path(unquote(url.removeprefix("file://").partition("?")[0])).expanduser()
    if not url.startswith("file://") or not folder.is_absolute() or not all(named):
        return None
    project, stack = named
    try:
        state = json.loads((folder / ".pulumi" / "stacks" / str(project) / f"{stack}.json").read_bytes())
        if state["version"] != FORM:
            return None
        return list(parsed({"deployment": state["checkpoint"]["latest"] or {}}))
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        # Compressed, in the layout of before projects, or not there: the engine knows.
        return None


def from_engine() -> list[Kept]:
    """Read the state of the stack that this pack was started for, by `pulumi stack export`; raises `SilentError`."""
    named = [os.environ.get(key) for key in ("PULUMI_ORGANIZATION", "PULUMI_PROJECT", "PULUMI_STACK")]
    command = shutil.which("pulumi")
    if command is None or not all(named):
        raise SilentError("the stack's state could not be read: `pulumi` is not on the PATH")
    stack = "/".join(str(part) for part in named)
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PULUMI_OPTION_")}
    done = subprocess.run(
        [command, "stack", "export", "--stack", stack, "--non-interactive"],
        env=environment, capture_output=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        # A stack that was never deployed on a backend of its own has no state that it could lose.
        if b"no stack named" in done.stderr:
            return []
        raise SilentError("the stack's state could not be read: `pulumi stack export` failed")
    return list(parsed(json.loads(done.stdout)))


def parsed(export: dict[str, Any]) -> list[Kept]:
    """Return the resources that exist in an exported state."""
    resources = export.get("deployment", {}).get("resources") or []
    return [
        Kept(one["urn"], one["type"], str(one["id"]), bool(one.get("retainOnDelete")), _outputs(one))
        for one in resources
        if one.get("custom") and one.get("id") and not one.get("external")
    ]


def _outputs(resource: Mapping[str, Any]) -> dict[str, Any]:
    if resource["type"] not in (NATIVE, NATIVE_BATCH):
        return {}
    # What the provider has not read back stands as it was stated.
    known = {**(resource.get("inputs") or {}), **(resource.get("outputs") or {})}
    return {key: known[key] for key in SHOWN if key in known}
