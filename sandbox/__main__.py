"""`python -m sandbox FOLDER`: one sandbox in the foreground."""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from sandbox.serve import CannotServeError, run
from sandbox.world import PROFILES, Settings, parse_version


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; returns the exit status, 1 with one line on stderr if it cannot serve."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="A cloud to practise on, on loopback.")
    parser.add_argument("folder", type=Path, help="where its state is kept")
    parser.add_argument("--port", type=int, default=None)
    parser.add_argument("--profile", choices=tuple(PROFILES), default="ecs")
    parser.add_argument("--build-seconds", type=float, default=Settings.build_seconds)
    parser.add_argument("--max-microversion", type=parse_version, default=None)
    given = parser.parse_args(arguments)
    settings = replace(Settings().with_profile(given.profile), build_seconds=given.build_seconds)
    if given.max_microversion is not None:
        settings = replace(settings, max_microversion=given.max_microversion)
    try:
        run(given.folder, port=given.port, settings=settings)
    except CannotServeError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
