"""What is done to a server that is there: power, flavor, image, tags and password."""

from __future__ import annotations

from typing import Any

from provider.context import Run, Subject
from provider.failure import RefusedError
from provider.requests import Json
from provider.server import look, wait

STEADY = ("ACTIVE", "SHUTOFF")
STATUS = {"active": "ACTIVE", "shutoff": "SHUTOFF"}
START = {
    "SHUTOFF": "os-start",
    "PAUSED": "unpause",
    "SUSPENDED": "resume",
    "SHELVED": "unshelve",
    "SHELVED_OFFLOADED": "unshelve",
}


def act(run: Run, subject: Subject, action: str, said: Any, done: tuple[str, ...]) -> None:
    """Send an action once; `done` are the states that say it took effect."""

    def took_effect() -> Json | None:
        server = look.show(run, subject)
        busy = server is not None and (server["status"] in done or server.get("OS-EXT-STS:task_state"))
        return server if busy else None

    run.requests.post("compute", f"/servers/{subject.ident}/action", {action: said}, subject.work, took_effect)


def bring(run: Run, subject: Subject, wanted: str) -> None:
    """Start or stop a server until it is as wanted (`active` or `shutoff`)."""
    server = look.show(run, subject)
    if server is None or server["status"] == STATUS[wanted]:
        return
    action = "os-stop" if wanted == "shutoff" else START.get(server["status"], "os-start")
    act(run, subject, action, None, (STATUS[wanted],))
    wait.until(run, subject, (STATUS[wanted],), "being stopped" if wanted == "shutoff" else "being started")


def resize(run: Run, subject: Subject, flavor: str) -> None:
    """Resize and confirm; raises `RefusedError` where the cloud gave it up and left the server as it was."""
    server = wait.until(run, subject, (*STEADY, "VERIFY_RESIZE"), "being changed")
    if server["status"] != "VERIFY_RESIZE" and server["flavor"].get("id") == flavor:
        return
    if server["status"] != "VERIFY_RESIZE":
        act(run, subject, "resize", {"flavorRef": flavor}, ("RESIZE", "VERIFY_RESIZE"))
        # Some clouds confirm by themselves, so the flavor tells how it ended.
        server = wait.until(run, subject, (*STEADY, "VERIFY_RESIZE"), "being resized")
    if server["status"] == "VERIFY_RESIZE":
        server = confirm(run, subject)
    if server["flavor"].get("id") != flavor:
        raise RefusedError(
            f"server {subject.label!r} ({subject.ident}) was not resized to {flavor}: the cloud gave it up, mostly for want of a host "
            "with room; the server is as it was"
        )


def confirm(run: Run, subject: Subject) -> Json:
    """Confirm a resize that waits for it; the server as it then is."""
    act(run, subject, "confirmResize", None, STEADY)
    return wait.until(run, subject, STEADY, "confirming the resize")


def rebuild(run: Run, subject: Subject, inputs: Json) -> None:
    """Install another image on a server, which wipes its system disk; id and addresses stay."""
    body = {"imageRef": inputs["imageRef"], "name": inputs["name"]}
    if inputs.get("adminPass"):
        body["adminPass"] = inputs["adminPass"]

    def took_effect() -> Json | None:
        server = look.show(run, subject)
        image = (server or {}).get("image")
        same = isinstance(image, dict) and image["id"] == inputs["imageRef"]
        return server if server is not None and (server["status"] == "REBUILD" or same) else None

    run.requests.post("compute", f"/servers/{subject.ident}/action", {"rebuild": body}, subject.work, took_effect)
    wait.until(run, subject, STEADY, "being rebuilt")


def set_tags(run: Run, subject: Subject, tags: list[str]) -> None:
    """Give a server exactly these tags (microversion 2.26)."""
    run.requests.put("compute", f"/servers/{subject.ident}/tags", {"tags": tags}, subject.work, "2.26")


def set_password(run: Run, subject: Subject, password: str) -> None:
    """Change the administrator's password."""
    body = {"changePassword": {"adminPass": password}}
    run.requests.post("compute", f"/servers/{subject.ident}/action", body, subject.work, lambda: None)
