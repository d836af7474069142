"""Where the toolchain is: a per-user cache, one folder for every set of pins and sources."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from toolchain import manifest
from toolchain.pins import PINS, Pins


@dataclass(frozen=True)
class Toolchain:
    """An installed toolchain."""

    folder: Path
    """The folder of this set of pins."""

    @property
    def bin(self) -> Path:
        """What belongs on PATH: the CLI, and beside it the language host."""
        return self.folder / "bin"

    @property
    def home(self) -> Path:
        """PULUMI_HOME, with the plugins: a plugin on PATH would make the CLI warn at every run."""
        return self.folder / "home"

    @property
    def pulumi(self) -> Path:
        """The CLI."""
        return self.bin / "pulumi"


def cache_folder() -> Path:
    """The folder of all toolchains: `$ECS_CACHE_DIR/toolchain`, or the user's cache folder."""
    stated = os.environ.get("ECS_CACHE_DIR")
    if stated:
        return Path(stated).expanduser().absolute() / "toolchain"
    from platformdirs import user_cache_dir

    return Path(user_cache_dir("ecs-stacks")) / "toolchain"


def place(pins: Pins = PINS, cache: Path | None = None) -> Toolchain:
    """Where a set of pins belongs, installed or not."""
    return Toolchain((cache or cache_folder()) / pins.key())


def locate(pins: Pins = PINS, cache: Path | None = None) -> Toolchain | None:
    """The installed toolchain, or None where it is missing, unfinished or changed since.

    Reads sizes and times only, so that every command can afford it; `ecs doctor` compares the digests.
    """
    there = place(pins, cache)
    installed = manifest.read(there.folder)
    if installed is None or not installed.covers(pins):
        return None
    return there if all(part.untouched(there.folder) for part in installed.parts.values()) else None
