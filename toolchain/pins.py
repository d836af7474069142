"""What the toolchain is made of: versions that belong together, and the ways to get each part."""

from __future__ import annotations

import hashlib
import platform
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PULUMI = "3.253.0"
"""The CLI, its language host and the Python package `pulumi`."""

OPENSTACK = "5.5.3"
"""The resource plugin and the Python package `pulumi-openstack`."""

POLICY = "1.21.0"
"""The Python package `pulumi-policy`."""

PYTHON_PACKAGES = {"pulumi": PULUMI, "pulumi-openstack": OPENSTACK, "pulumi-policy": POLICY}
"""What the virtual environment must hold for the engine and the program to understand each other."""

SOURCES = Path(__file__).parent / "go"
"""The Go modules, with pinned sums."""

PLUGIN = f"home/plugins/resource-openstack-v{OPENSTACK}/pulumi-resource-openstack"
"""The plugin's place under PULUMI_HOME."""

_LAYOUT = "1"


@dataclass(frozen=True)
class Build:
    """An executable that Go builds: `go build -o file package` in a module's folder."""

    file: str
    module: str
    package: str
    stamp: str
    """The linker's `-X`: variable=version."""


@dataclass(frozen=True)
class Copy:
    """A script that is taken from a pinned Go module as it is."""

    file: str
    module: str
    dependency: str
    inside: str


@dataclass(frozen=True)
class Archive:
    """A release archive of the vendor, and where its checksums may be published."""

    url: str
    checksums: tuple[str, ...]


@dataclass(frozen=True)
class Part:
    """What is installed together, from one source."""

    name: str
    title: str
    version: str
    probe: tuple[str, ...]
    """A file and arguments that make it print its version."""
    archive: Archive
    builds: tuple[Build, ...]
    copies: tuple[Copy, ...] = ()

    @property
    def files(self) -> tuple[str, ...]:
        """The files, relative to the toolchain's folder."""
        return (*(one.file for one in self.builds), *(one.file for one in self.copies))


@dataclass(frozen=True)
class Pins:
    """A whole set."""

    parts: tuple[Part, ...]
    sources: Path = SOURCES
    go: tuple[int, int, int] = (1, 25, 11)
    """The oldest Go that builds it."""

    def key(self) -> str:
        """Names the set: changes with a version, a source, a sum or the machine's kind."""
        return _key(self)


@cache
def _key(pins: Pins) -> str:
    digest = hashlib.sha256(f"{_LAYOUT} {system()} {pins.parts!r} {pins.go}".encode())
    for file in sorted(
        path for path in pins.sources.rglob("*") if path.suffix in {".go", ".mod", ".py", ".sum", ".txt"}
    ):
        digest.update(f"\0{file.relative_to(pins.sources).as_posix()}\0".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def system() -> tuple[str, str]:
    """The machine's kind in Go's words, as ("linux", "amd64")."""
    machine = platform.machine().lower()
    return sys.platform, {"x86_64": "amd64", "aarch64": "arm64"}.get(machine, machine)


def _vendor_pins() -> Pins:
    kind, machine = system()
    vendor = "https://get.pulumi.com/releases"
    releases = "https://github.com/pulumi"
    short = {"amd64": "x64"}.get(machine, machine)
    version = f"github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v{PULUMI}"
    sdk = "github.com/pulumi/pulumi/sdk/v3"
    engine = Part(
        name="engine",
        title="the Pulumi CLI with its Python language host",
        version=PULUMI,
        probe=("bin/pulumi", "version"),
        archive=Archive(
            f"{vendor}/sdk/pulumi-v{PULUMI}-{kind}-{short}.tar.gz",
            (
                f"{vendor}/sdk/pulumi-{PULUMI}-checksums.txt",
                f"{releases}/pulumi/releases/download/v{PULUMI}/pulumi-{PULUMI}-checksums.txt",
            ),
        ),
        builds=(
            Build("bin/pulumi-language-python", "engine", "./langhost", version),
            Build("bin/pulumi", "engine", "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi", version),
        ),
        copies=(
            Copy("bin/pulumi-language-python-exec", "engine", sdk, "python/cmd/pulumi-language-python-exec"),
            Copy("bin/pulumi-resource-pulumi-python", "engine", sdk, "python/dist/pulumi-resource-pulumi-python"),
        ),
    )
    plugin = Part(
        name="openstack",
        title="the OpenStack resource plugin",
        version=OPENSTACK,
        probe=(PLUGIN, "-version"),
        archive=Archive(
            f"{vendor}/plugins/pulumi-resource-openstack-v{OPENSTACK}-{kind}-{machine}.tar.gz",
            (
                f"{vendor}/plugins/pulumi-openstack_{OPENSTACK}_checksums.txt",
                f"{releases}/pulumi-openstack/releases/download/v{OPENSTACK}/pulumi-openstack_{OPENSTACK}_checksums.txt",
            ),
        ),
        builds=(Build(PLUGIN, "openstack", ".", f"main.version={OPENSTACK}"),),
    )
    return Pins((engine, plugin))


PINS = _vendor_pins()
"""The set that this project uses."""
