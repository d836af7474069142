"""Waiting for a server."""

from __future__ import annotations

from provider.context import Run, Subject
from provider.failure import CloudError, LostError, NoAnswerError, RefusedError, TooLateError
from provider.requests import Json
from provider.server.look import fault, show, version


class BuildError(Exception):
    """A server ended in ERROR, or went away; the text has its id and Nova's own words."""


FAILURES = (CloudError, NoAnswerError, LostError, TooLateError, RefusedError, BuildError)
"""How making or changing a server can fail."""


def until(run: Run, subject: Subject, states: tuple[str, ...], doing: str) -> Json:
    """The server, once it is in one of these states; raises `BuildError`, and `TooLateError` after the time limit."""
    while True:
        server = _seen(run, subject, doing)
        if _arrived(server, subject, states):
            return server
        subject.work.wait(_told(server, doing))


def built(run: Run, subject: Subject) -> Json:
    """The server, shown with `look.version`, once it came up; raises as `until` does.

    What many wait for at once is asked once for all of them, so that each is looked at only when it is new and when it is done.
    """
    states, doing, shown = ("ACTIVE", "SHUTOFF"), "being built", version(run)
    with run.building.waiting():
        while True:
            server = _seen(run, subject, doing, shown)
            if _arrived(server, subject, states):
                return server
            subject.work.wait(_told(server, doing))
            while (still := run.building.still(subject.ident, subject.work)) is not None:
                subject.work.wait(_told(still, doing))


def _seen(run: Run, subject: Subject, doing: str, shown: str | None = None) -> Json:
    server = show(run, subject, microversion=shown)
    if server is None:
        raise BuildError(f"server {subject.label!r} ({subject.ident}) went away while it was {doing}")
    return server


def _arrived(server: Json, subject: Subject, states: tuple[str, ...]) -> bool:
    if server["status"] in states and not server.get("OS-EXT-STS:task_state"):
        return True
    if server["status"] == "ERROR":
        raise BuildError(f"server {subject.label!r} ({subject.ident}) ended in ERROR: {fault(server)}")
    return False


def _told(server: Json, doing: str) -> str:
    task = server.get("OS-EXT-STS:task_state")
    return f"{doing}: {server['status']}" + (f" ({task})" if task else "")


def gone(run: Run, subject: Subject) -> None:
    """Wait until a server is gone."""
    while (server := show(run, subject)) is not None:
        subject.work.wait(f"being deleted: {server['status']}")
