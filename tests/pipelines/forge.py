"""A forge on loopback that behaves as GitHub's and GitLab's APIs do about the comments of a request."""

from __future__ import annotations

import contextlib
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "planted-token-1"
GITHUB = re.compile(r"/repos/team/ecs-stacks/issues/(?:7/comments|comments/(?P<id>\d+))")
GITLAB = re.compile(r"/api/v4/projects/42/merge_requests/7/notes(?:/(?P<id>\d+))?")


@dataclass
class Forge:
    """Its comments, what it was asked, and what it is to do wrong next."""

    address: str = ""
    comments: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    """Method and path of each request, oldest first."""

    faults: list[tuple[str, str | int]] = field(default_factory=list)
    """The method that it meets, and a status to answer, or `lost`: done, and hung up on before the answer."""

    def seed(self, count: int) -> None:
        """Comments of other people."""
        for _ in range(count):
            self.add("Looks good to me.")

    def add(self, body: str) -> dict[str, Any]:
        made = {"id": 1000 + len(self.comments), "body": body}
        self.comments.append(made)
        return made

    def ours(self) -> list[str]:
        return [one["body"] for one in self.comments if one["body"].startswith("<!-- ecs-gate:")]

    def count(self, method: str) -> int:
        return sum(one.startswith(f"{method} ") for one in self.asked)

    def github(self, folder: Path, event: dict[str, Any] | None = None) -> dict[str, str]:
        """The variables of a GitHub workflow of pull request 7."""
        file = folder / "event.json"
        file.write_text(json.dumps({"pull_request": {"number": 7}} if event is None else event), encoding="utf-8")
        return {
            "GITHUB_ACTIONS": "true", "GITHUB_API_URL": self.address, "GITHUB_REPOSITORY": "team/ecs-stacks",
            "GITHUB_EVENT_PATH": str(file), "GITHUB_TOKEN": TOKEN,
        }  # fmt: skip

    def gitlab(self) -> dict[str, str]:
        """The variables of a GitLab pipeline of merge request 7."""
        return {
            "GITLAB_CI": "true", "CI_API_V4_URL": f"{self.address}/api/v4", "CI_PROJECT_ID": "42",
            "CI_MERGE_REQUEST_IID": "7", "ECS_GITLAB_TOKEN": TOKEN,
        }  # fmt: skip


class _Handler(BaseHTTPRequestHandler):
    forge: Forge

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002
        pass

    def answer(self, status: int, body: Any = None, **headers: str) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def handle_any(self) -> None:
        forge, url = self.forge, urlsplit(self.path)
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        forge.asked.append(f"{self.command} {url.path}")
        fault: str | int = 0
        if forge.faults and forge.faults[0][0] == self.command:
            fault = forge.faults.pop(0)[1]
        if isinstance(fault, int) and fault:
            # Quoted, as some forges do: it must not come out either.
            self.answer(fault, {"message": f"no: {dict(self.headers)}"}, Location=f"{forge.address}/elsewhere")
            return
        on_github, on_gitlab = GITHUB.fullmatch(url.path), GITLAB.fullmatch(url.path)
        right = (
            self.headers["Authorization"] == f"Bearer {TOKEN}" if on_github else self.headers["PRIVATE-TOKEN"] == TOKEN
        )
        found = on_github or on_gitlab
        if found is None:
            self.answer(404, {"message": "Not Found"})
        elif not right:
            self.answer(401, {"message": "Bad credentials"})
        else:
            self.commented(found["id"], "PATCH" if on_github else "PUT", url.query, body, lost=fault == "lost")

    def commented(self, number: str | None, edit: str, query: str, body: dict[str, Any], *, lost: bool) -> None:
        forge = self.forge
        if self.command == "GET" and number is None:
            asked = {name: int(one[0]) for name, one in parse_qs(query).items()}
            size, page = min(asked.get("per_page", 30), 100), asked.get("page", 1)
            self.answer(200, forge.comments[(page - 1) * size : page * size])
            return
        status, made = 405, None
        if self.command == "POST" and number is None:
            status, made = 201, forge.add(body["body"])
        elif self.command == edit and number is not None:
            (made,) = [one for one in forge.comments if one["id"] == int(number)]
            made["body"] = body["body"]
            status = 200
        if not lost:
            self.answer(status, made)

    do_GET = do_POST = do_PUT = do_PATCH = handle_any  # noqa: N815 - the names of the standard library


@contextlib.contextmanager
def forge() -> Iterator[Forge]:
    """A forge that runs."""
    made = Forge()
    handler = type("Handler", (_Handler,), {"forge": made})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    made.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
