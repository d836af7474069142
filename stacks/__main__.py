"""The one program of every stack: what to make is in its settings."""

import atexit
import os
from pathlib import Path

import pulumi

from stacks.asking import begin

TOLD = 32
"""The exit code by which the language host knows that the user has been told already."""

ROOT = Path(__file__).parents[1]


def look_for_killed_runs() -> None:
    """Refuse to begin where a killed run was making something that this one would make a second time."""
    from takeover import plain

    refused = plain.refusal(ROOT, pulumi.get_stack(), os.environ.get("PULUMI_BACKEND_URL", ""))
    if refused is not None:
        raise pulumi.RunError(refused)


def main() -> None:
    """Make what the settings state."""
    asker = begin(os.environ.get("PULUMI_CONFIG", "")) if pulumi.runtime.is_dry_run() else None
    # All of this is loaded while the cloud is asked.
    from components.pace import set_pace
    from components.problems import ArgumentError
    from stacks import preflight
    from stacks.build import build
    from stacks.lines import with_lines
    from stacks.load import files, load, where

    try:
        look_for_killed_runs()
        settings = load()
        preflight.run(settings, where(), asker)
        set_pace()
        build(settings)
    except ArgumentError as error:
        # The engine prints the error as it stands. With the exit code 1 that follows, the host would add a second error that says nothing.
        atexit.register(os._exit, TOLD)
        raise with_lines(error, files(), where()) from None
    finally:
        if asker is not None:
            asker.close()


main()
