"""The second way: the vendor's release archives, compared with the published checksums."""

from __future__ import annotations

import hashlib
import http.client
import shutil
import socket
import ssl
import tarfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from toolchain.errors import DigestMismatch, Unreachable, WayClosed
from toolchain.pins import Archive, Part

PROBE_SECONDS = 3.0
"""How long the vendor may take to say that the archive is there."""

STALL_SECONDS = 20.0
"""How long a download may stand still."""

_ERRORS = (OSError, http.client.HTTPException, ValueError)


def probe(url: str, seconds: float = PROBE_SECONDS) -> None:
    """Ask whether an archive is there, in at most so many seconds; raises `Unreachable` with the reason.

    In a thread of its own, because looking a name up has no time limit.
    """
    reason: list[str] = []

    def ask() -> None:
        try:
            with _open(urllib.request.Request(url, method="HEAD"), seconds) as answer:  # noqa: S310 - the pins are https
                reason.append("" if answer.status == http.client.OK else f"answered {answer.status}")
        except _ERRORS as error:
            reason.append(_reason(error))

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(seconds)
    said = reason[0] if reason else f"no answer within {seconds:.0f} s"
    if said:
        raise Unreachable(f"{urlsplit(url).netloc}: {said}")


def _open(request: urllib.request.Request | str, seconds: float) -> http.client.HTTPResponse:
    answer = urllib.request.urlopen(request, timeout=seconds)  # noqa: S310 - the pins are https
    if not isinstance(answer, http.client.HTTPResponse):
        raise ValueError("not an HTTP answer")  # noqa: TRY004 - told like any other bad answer
    return answer


def _reason(error: BaseException) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return f"answered {error.code}"
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(cause, socket.gaierror):
        return "the name cannot be resolved"
    if isinstance(cause, TimeoutError):
        return "no answer in time"
    if isinstance(cause, ConnectionRefusedError):
        return "connection refused"
    if isinstance(cause, ssl.SSLError):
        return f"TLS: {cause.reason or cause}"
    return str(cause) or type(cause).__name__


def fetch(part: Part, staging: Path, tick: Callable[[str], None]) -> str:
    """Download, compare and unpack a part into a staging folder; returns its source with the archive's digest.

    Raises `WayClosed` for whatever is wrong with the vendor's side: out of reach, no checksum published, another digest, an incomplete
    archive.
    """
    probe(part.archive.url)
    want = published(part.archive)
    archive = staging / "archive.tar.gz"
    try:
        got = _download(part.archive.url, archive, tick)
        if got != want:
            raise DigestMismatch(part.archive.url, want=want, got=got)
        _unpack(archive, part, staging)
    finally:
        archive.unlink(missing_ok=True)
    return f"{part.archive.url} (sha256 {got})"


def published(archive: Archive) -> str:
    """The sha256 that the vendor publishes for an archive; raises `WayClosed` where no list has it."""
    name = archive.url.rsplit("/", 1)[1]
    tried = []
    for url in archive.checksums:
        try:
            with _open(url, PROBE_SECONDS) as answer:
                text = answer.read(1_000_000).decode("utf-8", errors="replace")
        except _ERRORS as error:
            tried.append(f"{url}: {_reason(error)}")
            continue
        for line in text.splitlines():
            digest, _, file = line.partition(" ")
            if file.strip().lstrip("*") == name and len(digest) == hashlib.sha256().digest_size * 2:
                return digest.lower()
        tried.append(f"{url}: does not list {name}")
    raise WayClosed(f"no published checksum ({'; '.join(tried)})")


def _download(url: str, file: Path, tick: Callable[[str], None]) -> str:
    """Fetch a file; returns its sha256."""
    digest, done, told = hashlib.sha256(), 0, time.monotonic()
    try:
        with _open(url, STALL_SECONDS) as answer, file.open("wb") as stream:
            size = int(answer.headers.get("Content-Length") or 0)
            while block := answer.read(1 << 18):
                stream.write(block)
                digest.update(block)
                done += len(block)
                if time.monotonic() - told >= 1:
                    told = time.monotonic()
                    tick(f"downloading {urlsplit(url).path.rsplit('/', 1)[1]}: {done >> 20} of {size >> 20} MB")
    except _ERRORS as error:
        raise WayClosed(f"{url}: the download broke off after {done} bytes ({_reason(error)})") from error
    if size and done != size:
        raise WayClosed(f"{url}: the download broke off after {done} of {size} bytes")
    return digest.hexdigest()


def _unpack(archive: Path, part: Part, staging: Path) -> None:
    wanted = {Path(file).name: file for file in part.files}
    try:
        with tarfile.open(archive) as content:
            for member in content:
                file = wanted.get(Path(member.name).name)
                stream = content.extractfile(member) if file and member.isfile() else None
                if file is None or stream is None:
                    continue
                target = staging / file
                target.parent.mkdir(parents=True, exist_ok=True)
                with target.open("wb") as out:
                    shutil.copyfileobj(stream, out)
                wanted.pop(Path(member.name).name)
    except (tarfile.TarError, OSError, EOFError) as error:
        raise WayClosed(f"{part.archive.url} cannot be unpacked: {error}") from error
    if wanted:
        raise WayClosed(f"{part.archive.url} does not hold {', '.join(sorted(wanted))}")
