"""How the gate asks the engine: the real CLI, by the Automation API's own runner, and its events as they come.

`Stack.preview` of the Automation API drops the events by which the engine tells which resource a policy pack has judged, so its
runner is used, with the CLI's stream of events.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from pulumi.automation import CommandError, PulumiCommand

OnEvent = Callable[[Mapping[str, Any]], None]

STREAM = {"PULUMI_ENABLE_STREAMING_JSON_PREVIEW": "true"}
"""What makes `preview --json` write its events as they come; `up --json` does so anyway."""

OPTION = "PULUMI_OPTION_"
KEPT = frozenset(OPTION + name for name in ("POLICY_PACK", "POLICY_PACK_CONFIG", "PARALLEL"))
"""The options by variable that the engine still gets: they leave what is judged as it is."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run of the engine ended."""

    code: int
    out: str
    """What it wrote that is no event."""

    errors: str


class Engine:
    """The CLI on one project. Raises nothing for a run that fails: how it ended says so."""

    def __init__(self, root: Path, variables: Mapping[str, str]) -> None:
        self._root = root
        # One of the user's own, such as PULUMI_OPTION_TARGET, would hide a part of the stack from who reads the review. The engine takes
        # an empty one for none.
        others = {name: "" for name in os.environ if name.startswith(OPTION) and name not in KEPT}
        self._variables = others | dict(variables) | STREAM
        self._command = _command(self._variables.get("PATH", ""))

    @property
    def version(self) -> str:
        """The version of the CLI."""
        return str(self._command.version or "")

    def events(self, arguments: Sequence[str], on_event: OnEvent) -> Ended:
        """Run a command with `--json` and hand over each of its events.

        What `on_event` raises is raised when the command has ended: the engine is never left in the middle of what it does.
        """
        rest: list[str] = []
        raised: list[Exception] = []

        def line(text: str) -> None:
            event = _event(text)
            if event is None:
                rest.append(text)
            elif not raised:
                # Raised here it would end the runner's thread, and with nobody to read on, the engine would wait for ever.
                try:
                    on_event(event)
                except Exception as error:  # noqa: BLE001 - whatever it is, it is raised below
                    raised.append(error)

        ended = self.run([*arguments, "--json"], line)
        if raised:
            raise raised[0]
        return Ended(ended.code, "\n".join(rest), ended.errors)

    def run(self, arguments: Sequence[str], on_line: Callable[[str], None] | None = None) -> Ended:
        """Run a command to its end."""
        try:
            result = self._command.run([*arguments, "--color=never"], str(self._root), self._variables, on_line)
        except CommandError as error:
            return Ended(*_parts(str(error)))
        return Ended(result.code, result.stdout, result.stderr)


_FINDING = Lock()


def _command(path: str) -> PulumiCommand:
    # It asks the CLI for its version as it is made, with this process's own variables; several threads may ask.
    with _FINDING:
        return _found(path)


@cache
def _found(path: str) -> PulumiCommand:
    own = os.environ.get("PATH", "")
    os.environ["PATH"] = path or own
    try:
        return PulumiCommand(skip_version_check=True)
    finally:
        os.environ["PATH"] = own


def _event(text: str) -> Mapping[str, Any] | None:
    if not text.startswith("{"):
        return None
    try:
        event = json.loads(text)
    except ValueError:
        return None
    return event if isinstance(event, dict) and "sequence" in event else None


def _parts(text: str) -> tuple[int, str, str]:
    """Code, output and errors of what a failed command is told by."""
    code, _, rest = text.removeprefix("\n code: ").partition("\n stdout: ")
    out, _, errors = rest.rpartition("\n stderr: ")
    return (int(code) if code.strip().isdigit() else 1), out, errors.strip()
