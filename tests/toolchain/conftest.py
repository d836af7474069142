"""A stand-in set of pins: two small tools, a vendor on loopback, and a `go` that is a shell script."""

from __future__ import annotations

import hashlib
import io
import json
import os
import stat
import sys
import tarfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from toolchain import Toolchain, gobuild
from toolchain.install import ensure
from toolchain.pins import Archive, Build, Copy, Part, Pins

DRIVER = Path(__file__).with_name("driver.py")

FAKE_GO = """#!/bin/sh
[ "$1 $2" = "env GOVERSION" ] && echo go1.99.0 && exit 0
[ "$1" = list ] && echo "$FAKE_GO_MODULES" && exit 0
echo $$ >> "$FAKE_GO_LOG"
while [ "$1" != -o ]; do shift; done
echo "compiling $3" >&2
[ -n "$FAKE_GO_FAILS" ] && echo "$FAKE_GO_FAILS" >&2 && exit 3
printf '#!/bin/sh\\n' > "$2"
sleep ${FAKE_GO_SECONDS:-0}
echo "linking $3" >&2
printf 'echo v1.2.3\\n' >> "$2"
"""

TOOL = b"#!/bin/sh\necho v1.2.3\n"


def executable(file: Path, content: str | bytes) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return file


@dataclass
class Vendor:
    """The vendor's server; each of its files can be made to misbehave."""

    base: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    truncated: set[str] = field(default_factory=set)
    hanging: set[str] = field(default_factory=set)
    requests: list[str] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    def publish(self, name: str, files: tuple[str, ...]) -> None:
        """An archive with these files and its line in the list of checksums."""
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
            for file in files:
                member = tarfile.TarInfo(f"release/{Path(file).name}")
                member.size, member.mode = len(TOOL), 0o755
                archive.addfile(member, io.BytesIO(TOOL))
        self.files[f"/{name}.tar.gz"] = buffer.getvalue()
        digest = hashlib.sha256(buffer.getvalue()).hexdigest()
        self.files[f"/{name}.txt"] = f"{'0' * 64}  other.tar.gz\n{digest}  {name}.tar.gz\n".encode()


@pytest.fixture
def vendor(monkeypatch: pytest.MonkeyPatch) -> Iterator[Vendor]:
    """A server on loopback that publishes nothing yet."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    state = Vendor()

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.answer(body=False)

        def do_GET(self) -> None:
            self.answer(body=True)

        def answer(self, *, body: bool) -> None:
            state.requests.append(f"{self.command} {self.path}")
            if self.path in state.hanging:
                state.released.wait(30)
            content = state.files.get(self.path)
            self.send_response(200 if content is not None else 404)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            if body and content is not None:
                self.wfile.write(content[: len(content) // 2] if self.path in state.truncated else content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.base = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield state
    state.released.set()
    server.shutdown()
    thread.join()
    server.server_close()


@dataclass
class Site:
    """A machine to install on."""

    folder: Path
    base: str
    said: list[str] = field(default_factory=list)

    @property
    def cache(self) -> Path:
        return self.folder / "cache"

    @property
    def builds(self) -> int:
        """How often the fake Go built something."""
        log = self.folder / "go.log"
        return len(log.read_text().splitlines()) if log.exists() else 0

    @property
    def pins(self) -> Pins:
        return stand_in(self.folder / "sources", self.base)

    def ensure(self) -> Toolchain:
        return ensure(self.said.append, pins=self.pins, cache=self.cache)

    def driver(self, **more: object) -> list[str]:
        """The command that installs in a process of its own."""
        return [sys.executable, str(DRIVER), json.dumps({"folder": str(self.folder), "base": self.base, **more})]


def stand_in(sources: Path, base: str) -> Pins:
    def part(name: str, files: tuple[str, ...], copies: tuple[Copy, ...] = ()) -> Part:
        return Part(
            name=name,
            title=f"the {name}",
            version="1.2.3",
            probe=(files[0], "version"),
            archive=Archive(f"{base}/{name}.tar.gz", (f"{base}/none.txt", f"{base}/{name}.txt")),
            builds=tuple(Build(file, "module", f"./{Path(file).name}", "main.version=1.2.3") for file in files),
            copies=copies,
        )

    script = Copy("bin/one-exec", "module", "example.com/sdk", "scripts/one-exec")
    return Pins((part("one", ("bin/one",), (script,)), part("two", ("home/plugins/two-v1/two",))), sources)


@pytest.fixture
def site(tmp_path: Path, vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A machine without the tools and with a Go, whose vendor publishes nothing."""
    executable(tmp_path / "path" / "go", FAKE_GO)
    executable(tmp_path / "modules" / "scripts" / "one-exec", "#!/bin/sh\n")
    (tmp_path / "sources" / "module").mkdir(parents=True)
    (tmp_path / "sources" / "module" / "go.mod").write_text("module example.com/tiny\n")
    monkeypatch.setenv("PATH", f"{tmp_path / 'path'}{os.pathsep}/usr/bin{os.pathsep}/bin")
    monkeypatch.setenv("FAKE_GO_LOG", str(tmp_path / "go.log"))
    monkeypatch.setenv("FAKE_GO_MODULES", str(tmp_path / "modules"))
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "pulumi"))
    monkeypatch.setattr(gobuild, "_USUAL", ())
    return Site(tmp_path, vendor.base)


@pytest.fixture(scope="session")
def tools() -> Toolchain:
    """The real toolchain: installed by whoever calls the tests first, found by all others."""
    return ensure(lambda line: print(line, file=sys.stderr))


def until(condition: object, seconds: float = 10.0) -> None:
    """Wait for something that another process does; `condition` is called until it is true."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if callable(condition) and condition():
            return
        time.sleep(0.01)
    raise AssertionError(f"not within {seconds} s")


@pytest.fixture(name="executable")
def _executable() -> object:
    return executable


@pytest.fixture(name="until")
def _until() -> object:
    return until
