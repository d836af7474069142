"""Waiting for a server."""

from __future__ import annotations

from provider.context import Run, Subject
from provider.failure import CloudError, LostError, NoAnswerError, RefusedError, TooLateError
from provider.requests import Json
from provider.server.look import fault, show


class BuildError(Exception):
    """A server ended in ERROR, or went away; the text has its id and Nova's own words."""


FAILURES = (CloudError, NoAnswerError, LostError, TooLateError, RefusedError, BuildError)
"""How making or changing a server can fail."""


def until(run: Run, subject: Subject, states: tuple[str, ...], doing: str) -> Json:
    """The server, once it is in one of these states; raises `BuildError`, and `TooLateError` after the time limit."""
    while True:
        server = show(run, subject)
        if server is None:
            raise BuildError(f"server {subject.label!r} ({subject.ident}) went away while it was {doing}")
        if server["status"] in states and not server.get("OS-EXT-STS:task_state"):
            return server
        if server["status"] == "ERROR":
            raise BuildError(f"server {subject.label!r} ({subject.ident}) ended in ERROR: {fault(server)}")
        task = server.get("OS-EXT-STS:task_state")
        subject.work.wait(f"{doing}: {server['status']}" + (f" ({task})" if task else ""))


def gone(run: Run, subject: Subject) -> None:
    """Wait until a server is gone."""
    while (server := show(run, subject)) is not None:
        subject.work.wait(f"being deleted: {server['status']}")
