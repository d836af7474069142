"""`python -m toolchain`: bring the toolchain with nothing but this package."""

from __future__ import annotations

import sys

from toolchain.errors import ToolchainError
from toolchain.install import ensure


def main() -> int:
    """Install and print the folder; 0, 1 for an error, 130 for Ctrl-C."""
    try:
        print(ensure(lambda line: print(line, file=sys.stderr, flush=True)).folder)
    except ToolchainError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted; nothing half made is left, run it again", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
