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
from http import HTTPStatus
from pathlib import Path
from typing import Any

from sandbox.folder import HOST, Folder

START_SECONDS = 20.0
STOP_SECONDS = 5.0
_TICK = 0.01


class SandboxError(Exception):
    """The sandbox cannot be started, stopped or reset; the message says why and what to do."""


@dataclass(frozen=True)
class Status:
    """How a sandbox is: `pid` is None when it does not run, `port` and `url` are None when it never did.

    `listens` is the address that it listens on.
    """

    running: bool
    url: str | None
    pid: int | None
    port: int | None
    profile: str
    clouds_file: Path
    listens: str = HOST

    @property
    def remote(self) -> bool:
        """Whether other machines can reach it."""
        return not self.listens.startswith("127.")


def status(folder: Path) -> Status:
    """Return how the sandbox in `folder` is."""
    place = Folder(folder)
    remembered = place.read_endpoint()
    pid = place.holder()
    port = remembered.get("port")
    host = remembered.get("host", HOST)
    running = pid is not None and port is not None and _answers(host, port, remembered.get("id"))
    return Status(
        running=running,
        url=f"http://{host}:{port}" if port else None,
        pid=pid if running else None,
        port=port,
        profile=remembered.get("profile", "ecs"),
        clouds_file=place.clouds,
        listens=remembered.get("listens", HOST),
    )


def start(
    folder: Path,
    *,
    port: int | None = None,
    profile: str = "ecs",
    build_seconds: float | None = None,
    max_microversion: str | None = None,
    hosts: int | None = None,
    token_seconds: float | None = None,
    host: str | None = None,
    allow_remote: bool = False,
) -> Status:
    """Start the sandbox of `folder` in the background and return once it answers.

    One that runs already is left alone. The first start prefers port 15000 and takes a free one otherwise; later
    starts keep the port. `host` is an address to listen on other than 127.0.0.1; one that is not loopback needs
    `allow_remote`, at every start. Raises `SandboxError` if it cannot start, or if it runs with another profile, port
    or address than the one asked for.
    """
    place = Folder(folder)
    with place.starting():
        before = status(folder)
        if before.running:
            _check_same(before, port, profile, host)
            return before
        command = [sys.executable, "-m", "sandbox", str(place.path), "--profile", profile]
        for option, value in (
            ("--port", port),
            ("--build-seconds", build_seconds),
            ("--max-microversion", max_microversion),
            ("--hosts", hosts),
            ("--token-seconds", token_seconds),
            ("--host", host),
        ):
            if value is not None:
                command += [option, str(value)]
        if allow_remote:
            command.append("--allow-remote")
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


def _check_same(running: Status, port: int | None, profile: str, host: str | None) -> None:
    if running.profile != profile:
        message = f"the sandbox runs already, with profile {running.profile}"
        raise SandboxError(f"{message}; stop it first (ecs sandbox stop)")
    if port is not None and running.port != port:
        raise SandboxError(f"the sandbox runs already, on port {running.port}; stop it first (ecs sandbox stop)")
    if host is not None and running.listens != host:
        raise SandboxError(f"the sandbox runs already, on {running.listens}; stop it first (ecs sandbox stop)")


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
    if now.running:
        control(folder, "POST", "/sandbox/reset")
        return now
    with place.starting():
        if place.holder() is not None:
            raise SandboxError(f"a sandbox runs in {place.path} but does not answer; stop it first")
        for tail in ("", "-wal", "-shm"):
            place.database.with_name(place.database.name + tail).unlink(missing_ok=True)
    return status(folder)


def control(folder: Path, method: str, path: str, body: Any = None) -> Any:
    """Ask the running sandbox of `folder` for something that is no cloud's, such as `/sandbox/faults`.

    Returns the JSON of its answer, None for an empty one. Raises `SandboxError` if it does not run or refuses.
    """
    place = Folder(folder)
    remembered = place.read_endpoint()
    if not status(folder).running:
        raise SandboxError("the sandbox does not run; start it first (ecs sandbox start)")
    try:
        code, text = _ask(remembered["host"], remembered["port"], method, path, body, key=place.control_key())
        answer = json.loads(text) if text else None
    except (OSError, ValueError) as error:
        raise SandboxError(f"the sandbox did not answer ({type(error).__name__}); see {place.log}") from None
    if code >= HTTPStatus.BAD_REQUEST:
        told = next(iter(answer.values())) if isinstance(answer, dict) and answer else None
        message = told.get("message") if isinstance(told, dict) else None
        raise SandboxError(message or f"the sandbox refused with status {code}")
    return answer


def _answers(host: str, port: int, own_id: str | None) -> bool:
    try:
        body = json.loads(_ask(host, port, "GET", "/")[1])
        return bool(body["sandbox"]["id"] == own_id)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _ask(host: str, port: int, method: str, path: str, body: Any = None, *, key: str = "") -> tuple[int, str]:
    # By hand, because importing an HTTP client takes longer than the whole status.
    sent = b"" if body is None else json.dumps(body).encode()
    headers = f"X-Sandbox-Key: {key}\r\n" if key else ""
    request = (
        f"{method} {path} HTTP/1.1\r\nHost: {host}:{port}\r\n{headers}Content-Type: application/json\r\n"
        f"Content-Length: {len(sent)}\r\nConnection: close\r\n\r\n"
    )
    with socket.create_connection((host, port), timeout=5) as line:
        line.sendall(request.encode() + sent)
        parts = []
        while part := line.recv(65536):
            parts.append(part)
    head, _, text = b"".join(parts).decode().partition("\r\n\r\n")
    return int(head.split(" ", 2)[1]), text
