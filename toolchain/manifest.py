"""What is installed, from where, with which digests; written last, so that it vouches for what is there."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from toolchain.pins import Part, Pins

FILE = "manifest.json"


@dataclass(frozen=True)
class Recorded:
    """A file as it was when it was put in place."""

    sha256: str
    size: int
    mtime_ns: int


@dataclass(frozen=True)
class Installed:
    """A part as it was put in place."""

    version: str
    way: str
    """`installed`, `vendor` or `go`."""
    source: str
    files: dict[str, Recorded]

    def untouched(self, folder: Path) -> bool:
        """Whether sizes and times are still those recorded."""
        for name, recorded in self.files.items():
            try:
                now = (folder / name).stat()
            except OSError:
                return False
            if (now.st_size, now.st_mtime_ns) != (recorded.size, recorded.mtime_ns):
                return False
        return True

    def broken(self, folder: Path) -> list[str]:
        """The files that are missing or not the recorded ones, by digest."""
        return [name for name, recorded in self.files.items() if sha256(folder / name) != recorded.sha256]

    def refreshed(self, folder: Path) -> Installed:
        """The same with the sizes and times of now; for files whose digests have just been compared."""
        return Installed(self.version, self.way, self.source, {name: record(folder / name) for name in self.files})


@dataclass(frozen=True)
class Manifest:
    """All parts of an installed toolchain."""

    key: str
    parts: dict[str, Installed]

    def covers(self, pins: Pins) -> bool:
        """Whether it is of these pins, and whole."""
        return self.key == pins.key() and all(vouches(self.parts.get(part.name), part) for part in pins.parts)


def vouches(installed: Installed | None, part: Part) -> bool:
    """Whether a record is of this part: version and files."""
    return installed is not None and installed.version == part.version and set(installed.files) == set(part.files)


def sha256(file: Path) -> str:
    """The digest of a file in hex, or `` where there is none."""
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return ""


def record(file: Path) -> Recorded:
    """A file as it is now."""
    now = file.stat()
    return Recorded(sha256(file), now.st_size, now.st_mtime_ns)


def read(folder: Path) -> Manifest | None:
    """The manifest of a folder, or None where it is missing or not readable as one."""
    try:
        data = json.loads((folder / FILE).read_bytes())
        return Manifest(data["key"], {name: _installed(part) for name, part in data["parts"].items()})
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def read_part(folder: Path, name: str) -> Installed | None:
    """The record of one part, which is there before the manifest is."""
    try:
        return _installed(json.loads((folder / "parts" / f"{name}.json").read_bytes()))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _installed(data: dict[str, object]) -> Installed:
    files = data["files"]
    if not isinstance(files, dict):
        raise TypeError(files)
    texts = (str(data["version"]), str(data["way"]), str(data["source"]))
    return Installed(*texts, {str(name): Recorded(**one) for name, one in files.items()})


def write(folder: Path, manifest: Manifest) -> None:
    """Put a manifest in place, whole or not at all."""
    put(folder / FILE, json.dumps(asdict(manifest), indent=1).encode())


def write_part(folder: Path, name: str, installed: Installed) -> None:
    """Put the record of a part in place, whole or not at all."""
    (folder / "parts").mkdir(parents=True, exist_ok=True)
    put(folder / "parts" / f"{name}.json", json.dumps(asdict(installed), indent=1).encode())


def put(file: Path, content: bytes) -> None:
    """Write a file so that it is seen whole or not at all, also after a power cut."""
    waiting = file.with_name(f".{file.name}.{os.getpid()}")
    with waiting.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    move(waiting, file)


def move(source: Path, target: Path) -> None:
    """Move a finished file to its place in one step, and make the step last."""
    source.replace(target)
    descriptor = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
