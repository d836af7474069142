"""The sandbox in the background: start, stop, status, reset.

This module imports neither the web server nor the store, so that a status is told in milliseconds.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from sandbox.folder import HOST, Folder

START_SECONDS = 20.0
STOP_SECONDS = 5.0
_TICK = 0.01


class SandboxError(Exception):
    """The sandbox cannot be started, stopped or reset; the message says why and what to do."""


@dataclass(frozen=True)
class Status:
    """How a sandbox is: `pid` is None when it does not run, `port` and `url` are None when it never did."""

    running: bool
    url: str | None
    pid: int | None
    port: int | None
    profile: str
    clouds_file: Path


def status(folder: Path) -> Status:
    """Return how the sandbox in `folder` is."""
    place = Folder(folder)
    remembered = place.read_endpoint()
    pid = place.holder()
    port = remembered.get("port")
    running = pid is not None and port is not None and _answers(port, remembered.get("id"))
    return Status(
        running=running,
        url=f"http://{HOST}:{port}" if port else None,
        pid=pid if running else None,
        port=port,
        profile=remembered.get("profile", "ecs"),
        clouds_file=place.clouds,
    )


def start(
    folder: Path,
    *,
    port: int | None = None,
    profile: str = "ecs",
    build_seconds: float | None = None,
    max_microversion: str | None = None,
) -> Status:
    """Start the sandbox of `folder` in the background and return once it answers.

    One that runs already is left alone. The first start prefers port 15000 and takes a free one otherwise; later
    starts keep the port. Raises `SandboxError` if it cannot start, or if it runs with another profile or port than
    the one asked for.
    """
    place = Folder(folder)
    with place.starting():
        before = status(folder)
        if before.running:
            _check_same(before, port, profile)
            return before
        command = [sys.executable, "-m", "sandbox", str(place.path), "--profile", profile]
        for option, value in (
            ("--port", port),
            ("--build-seconds", build_seconds),
            ("--max-microversion", max_microversion),
        ):
            if value is not None:
                command += [option, str(value)]
        with place.log.open("ab") as log:
            told_before = log.tell()
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=Path(__file__).parents[1],
                start_new_session=True,
            )
        return _wait_until_up(place, process, told_before)


def _check_same(running: Status, port: int | None, profile: str) -> None:
    if running.profile != profile:
        message = f"the sandbox runs already, with profile {running.profile}"
        raise SandboxError(f"{message}; stop it first (ecs sandbox stop)")
    if port is not None and running.port != port:
        raise SandboxError(f"the sandbox runs already, on port {running.port}; stop it first (ecs sandbox stop)")


def _wait_until_up(place: Folder, process: "subprocess.Popen[bytes]", told_before: int) -> Status:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            with place.log.open("rb") as log:
                log.seek(told_before)
                told = log.read().decode(errors="replace").strip().splitlines()
            reason = told[-1].removeprefix("error: ") if told else f"it ended with status {process.returncode}"
            raise SandboxError(f"the sandbox did not start: {reason}")
        now = status(place.path)
        if now.running and now.pid == process.pid:
            # The process outlives us on purpose; without this, Python would warn that nobody waits for it.
            process.returncode = 0
            return now
        time.sleep(_TICK)
    process.kill()
    process.wait()
    raise SandboxError(f"the sandbox did not answer within {START_SECONDS:.0f} s; see {place.log}")


def stop(folder: Path) -> Status:
    """Stop the sandbox of `folder`, if it runs, and return how it is then; its state stays."""
    place = Folder(folder)
    if not place.path.exists():
        return status(folder)
    with place.starting():
        pid = place.holder()
        if pid is not None:
            # The lock in the folder is held by that process alone, so the id cannot be somebody else's.
            for number, seconds in ((signal.SIGTERM, STOP_SECONDS), (signal.SIGKILL, STOP_SECONDS)):
                _send(pid, number)
                if _ends(place, seconds):
                    break
            else:
                raise SandboxError(f"the sandbox (process {pid}) does not stop")
    return status(folder)


def _send(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
    except PermissionError:
        raise SandboxError(f"the sandbox (process {pid}) belongs to another user") from None


def _ends(place: Folder, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if place.holder() is None:
            return True
        time.sleep(_TICK)
    return False


def reset(folder: Path) -> Status:
    """Put the sandbox of `folder` back to the seed world, running or not; password, port and request log stay."""
    place = Folder(folder)
    now = status(folder)
    if now.running and now.port is not None:
        answer = _ask(now.port, "POST", "/sandbox/reset", f"X-Sandbox-Key: {place.control_key()}\r\n")
        if " 204 " not in answer.split("\r\n", 1)[0] + " ":
            raise SandboxError(f"the sandbox did not reset; it answered: {answer.splitlines()[:1]}")
        return now
    with place.starting():
        if place.holder() is not None:
            raise SandboxError(f"a sandbox runs in {place.path} but does not answer; stop it first")
        for tail in ("", "-wal", "-shm"):
            place.database.with_name(place.database.name + tail).unlink(missing_ok=True)
    return status(folder)


def _answers(port: int, own_id: str | None) -> bool:
    try:
        answer = _ask(port, "GET", "/", "")
        body = json.loads(answer.partition("\r\n\r\n")[2])
        return bool(body["sandbox"]["id"] == own_id)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _ask(port: int, method: str, path: str, headers: str) -> str:
    # By hand, because importing an HTTP client takes longer than the whole status.
    request = (
        f"{method} {path} HTTP/1.1\r\nHost: {HOST}:{port}\r\n{headers}Content-Length: 0\r\nConnection: close\r\n\r\n"
    )
    with socket.create_connection((HOST, port), timeout=5) as line:
        line.sendall(request.encode())
        parts = []
        while part := line.recv(65536):
            parts.append(part)
    return b"".join(parts).decode()
