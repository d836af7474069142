"""A client that costs next to nothing: whole requests as bytes, over connections that stay open."""

import json
import re
import socket
from pathlib import Path
from typing import Any

_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)


def request(method: str, path: str, body: Any = None, token: str = "") -> bytes:
    """Return a request as it goes over the wire."""
    sent = b"" if body is None else json.dumps(body).encode()
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nX-Auth-Token: {token}\r\n"
        f"OpenStack-API-Version: compute 2.60\r\nContent-Length: {len(sent)}\r\n\r\n"
    )
    return head.encode() + sent


class Line:
    """One connection."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, data: bytes) -> None:
        """Send a request."""
        self._socket.sendall(data)

    def receive(self) -> tuple[bytes, bytes]:
        """Return the next answer's head and body; raises `ValueError` for one that is no success."""
        data = bytearray()
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self._more()
        head = bytes(data[: end + 2])
        found = _LENGTH.search(head)
        whole = end + 4 + (int(found.group(1)) if found else 0)
        while len(data) < whole:
            data += self._more()
        body = bytes(data[end + 4 :])
        if not head.startswith(b"HTTP/1.1 2"):
            raise ValueError(f"{head[:40]!r} {body[:400]!r}")
        return head, body

    def ask(self, data: bytes) -> tuple[bytes, bytes]:
        """Send a request and return its answer."""
        self.send(data)
        return self.receive()

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def _more(self) -> bytes:
        part = self._socket.recv(1 << 20)
        if not part:
            raise ConnectionError("the server hung up")
        return part


def repeat(lines: list[Line], data: bytes, times: int) -> None:
    """Send the same request so many times, one in flight on each connection."""
    for line in lines:
        line.send(data)
    for number in range(times):
        line = lines[number % len(lines)]
        line.receive()
        if number < times - len(lines):
            line.send(data)


def log_in(port: int, folder: Path) -> str:
    """Return a token of the sandbox in `folder`."""
    found = re.search(r"password: (\S+)", (folder / "clouds.yaml").read_text(encoding="utf-8"))
    user = {"name": "demo", "domain": {"id": "default"}, "password": found.group(1) if found else ""}
    auth = {"auth": {"identity": {"methods": ["password"], "password": {"user": user}}}}
    line = Line(port)
    head, _ = line.ask(request("POST", "/identity/v3/auth/tokens", auth))
    line.close()
    token = re.search(rb"\r\nx-subject-token: (\S+)\r\n", head, re.IGNORECASE)
    if token is None:
        raise ValueError("no token in the answer")
    return token.group(1).decode()
