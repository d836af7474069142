"""`ecs toolchain`: bring the Pulumi engine and its plugins, tell where they are, remove them."""

from __future__ import annotations

import shutil
import signal
import sys
from types import FrameType
from typing import Annotated

import typer

from commands.failure import Failure
from toolchain import cache_folder, locate, manifest
from toolchain.errors import ToolchainError
from toolchain.install import ensure
from toolchain.lock import alone
from toolchain.pins import PINS
from toolchain.place import place

app = typer.Typer(no_args_is_help=True, help="The Pulumi engine and its plugins: install, status, path, clean.")

INTERRUPTED = 130
"""The exit code of whatever Ctrl-C ended."""


class Progress:
    """Whole lines on standard error, and in a terminal one more that is written over."""

    def __init__(self) -> None:
        self.live = sys.stderr.isatty()
        self._open = False

    def report(self, line: str) -> None:
        """A line that stays."""
        self.close()
        print(line, file=sys.stderr, flush=True)

    def tick(self, line: str) -> None:
        """A line that the next one replaces, cut to the terminal's width."""
        width = shutil.get_terminal_size().columns - 1
        print(f"\r\033[K{f'  {line}'[:width]}", end="", file=sys.stderr, flush=True)
        self._open = True

    def close(self) -> None:
        """Wipe the line that would be replaced."""
        if self._open:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
            self._open = False


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@app.command()
def install() -> None:
    """Bring whatever is missing: what is installed already, else the vendor's release, else a build with Go."""
    progress = Progress()
    # A job that is stopped from outside cleans up as one that is stopped by hand; a background job hears Ctrl-C's signal, too.
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGINT, _interrupt)
    try:
        there = ensure(progress.report, tick=progress.tick if progress.live else None)
    except ToolchainError as error:
        progress.close()
        raise Failure(str(error)) from error
    except KeyboardInterrupt:
        progress.close()
        print("interrupted; nothing half made is left, and what was finished is kept: run it again", file=sys.stderr)
        raise typer.Exit(INTERRUPTED) from None
    print(there.folder)


@app.command()
def status() -> None:
    """Tell what is installed, in which version and from where; exit code 1 where it is not whole."""
    there = place()
    for part in PINS.parts:
        found = manifest.read_part(there.folder, part.name)
        if found is None or not manifest.vouches(found, part):
            print(f"{part.name} {part.version}: not installed")
        elif not found.untouched(there.folder):
            print(f"{part.name} {part.version}: damaged")
        else:
            print(f"{part.name} {part.version}: {found.way}, {found.source}")
    print(there.folder)
    if locate() is None:
        raise Failure("the toolchain is not whole. Run `ecs toolchain install`.")


@app.command()
def path() -> None:
    """Print the folder that belongs on PATH; exit code 1 where the toolchain is not installed."""
    there = locate()
    if there is None:
        raise Failure("the toolchain is not installed. Run `ecs toolchain install`.")
    print(there.bin)


@app.command()
def clean(
    every: Annotated[bool, typer.Option("--all", help="Also remove the toolchain that this clone uses.")] = False,
) -> None:
    """Remove the toolchains of other versions of this project from the cache."""
    root, ours = cache_folder(), PINS.key()
    folders = [one for one in sorted(root.glob("*")) if one.is_dir() and (every or one.name != ours)]
    for folder in folders:
        with alone(root / f"{folder.name}.lock", lambda line: print(line, file=sys.stderr)):
            # The manifest first: a removal that breaks off leaves a toolchain that nobody takes for whole.
            (folder / manifest.FILE).unlink(missing_ok=True)
            shutil.rmtree(folder)
        print(f"removed {folder}")
    if not folders:
        print(f"nothing to remove in {root}")
