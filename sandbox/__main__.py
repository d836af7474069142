"""`python -m sandbox FOLDER`: one sandbox in the foreground."""

import argparse
import sys
from pathlib import Path

from sandbox.folder import HOST
from sandbox.serve import CannotServeError, run
from sandbox.world import CHANGEABLE, PROFILES


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; returns the exit status, 1 with one line on stderr if it cannot serve."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="A cloud to practise on, on loopback.")
    parser.add_argument("folder", type=Path, help="where its state is kept")
    parser.add_argument("--port", type=int, default=None)
    parser.add_argument("--profile", choices=tuple(PROFILES), default="ecs")
    parser.add_argument("--build-seconds", type=float)
    parser.add_argument("--token-seconds", type=float)
    parser.add_argument("--hosts", type=int)
    parser.add_argument("--max-microversion")
    parser.add_argument("--host", default=HOST, help="the address to listen on; one of loopback unless ...")
    parser.add_argument("--allow-remote", action="store_true", help="... it may be reached from other machines")
    given = parser.parse_args(arguments)
    changes = {name: value for name in CHANGEABLE if (value := getattr(given, name)) is not None}
    try:
        run(
            given.folder,
            port=given.port,
            profile=given.profile,
            changes=changes,
            host=given.host,
            allow_remote=given.allow_remote,
        )
    except CannotServeError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
