"""A sandbox's folder: what lies where, and who may read it.

clouds.yaml        how to log in (0600)
endpoint.json      the address, the port, the profile and the sandbox's own id; kept over restarts
mask.key           the key of the masks (0600)
run.lock           locked by the kernel as long as a sandbox runs here; holds its process id
sandbox.db         everything that the cloud remembers
requests.jsonl     the request log
server.log         what the process itself had to say
"""

import contextlib
import fcntl
import hashlib
import json
import os
import re
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from sandbox.masks import write_private

CLOUD = "sandbox"
USER = "demo"
REGION = "sandbox"
HOST = "127.0.0.1"
REMOTE_WARNING = (
    "warning: other machines can reach this sandbox, and its passwords and tokens travel in clear; "
    "start it without --host when you are done"
)
_TICK = 0.01


class Folder:
    """The folder at `path`; made, with mode 0700, when something is first written."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.clouds = self.path / "clouds.yaml"
        self.endpoint = self.path / "endpoint.json"
        self.mask_key = self.path / "mask.key"
        self.run_lock = self.path / "run.lock"
        self.start_lock = self.path / "start.lock"
        self.database = self.path / "sandbox.db"
        self.requests = self.path / "requests.jsonl"
        self.log = self.path / "server.log"

    def make(self) -> None:
        """Make the folder, if it is not there."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)

    def read_endpoint(self) -> dict[str, Any]:
        """Return what is remembered about the address: empty for a new folder.

        `host` and `port` are where clients find it, `listens` is what it listens on; `profile` and `id` are its own.
        """
        with contextlib.suppress(OSError, ValueError):
            found = json.loads(self.endpoint.read_text(encoding="utf-8"))
            if isinstance(found, dict):
                return found
        return {}

    def write_endpoint(self, port: int, profile: str, host: str = HOST, listens: str = HOST) -> str:
        """Remember the address for the next start; returns the sandbox's id."""
        own_id: str = self.read_endpoint().get("id") or secrets.token_hex(8)
        found = {"host": host, "listens": listens, "port": port, "profile": profile, "id": own_id}
        write_private(self.endpoint, json.dumps(found) + "\n")
        return own_id

    def password(self) -> str:
        """Return the password of the sandbox's user: the one in `clouds.yaml`, or a fresh one."""
        with contextlib.suppress(OSError):
            found = re.search(r"^\s*password: (\S+)$", self.clouds.read_text(encoding="utf-8"), re.MULTILINE)
            if found:
                return found.group(1)
        return secrets.token_urlsafe(24)

    def write_clouds(self, port: int, password: str, host: str = HOST) -> None:
        """Write `clouds.yaml`, unless it says the same already."""
        text = (
            "# Written by the sandbox at its start. The password is good for this sandbox only.\n"
            "clouds:\n"
            f"  {CLOUD}:\n"
            "    auth:\n"
            f"      auth_url: http://{host}:{port}/identity/v3\n"
            f"      username: {USER}\n"
            f"      password: {password}\n"
            f"      project_name: {USER}\n"
            "      user_domain_id: default\n"
            "      project_domain_id: default\n"
            f"    region_name: {REGION}\n"
            "    interface: public\n"
            '    identity_api_version: "3"\n'
        )
        if not self.clouds.exists() or self.clouds.read_text(encoding="utf-8") != text:
            write_private(self.clouds, text)

    def control_key(self) -> str:
        """Return the key by which a command proves to the running sandbox that it may read this folder."""
        return hashlib.sha256(b"control" + self.mask_key.read_bytes()).hexdigest()

    def hold(self, seconds: float) -> IO[str] | None:
        """Take the lock that says "a sandbox runs here"; None if another process has it for longer than `seconds`.

        The kernel gives it back when the process ends, however it ends: no stale pid file can be mistaken for a
        running sandbox.
        """
        self.make()
        handle = os.fdopen(os.open(self.run_lock, os.O_RDWR | os.O_CREAT, 0o600), "r+", encoding="utf-8")
        deadline = time.monotonic() + seconds
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                # Somebody who only looks whether a sandbox runs holds the lock too, for a moment.
                if time.monotonic() > deadline:
                    handle.close()
                    return None
                time.sleep(_TICK)
            else:
                return handle

    def holder(self) -> int | None:
        """Return the process id of the sandbox that runs here, or None."""
        try:
            handle = self.run_lock.open(encoding="utf-8")
        except OSError:
            return None
        with handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:
                text = handle.read().strip()
                return int(text) if text.isdecimal() else None
        return None

    @contextlib.contextmanager
    def starting(self) -> Iterator[None]:
        """Let one process at a time start or stop the sandbox; the others wait."""
        self.make()
        with self.start_lock.open("w", encoding="utf-8") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
