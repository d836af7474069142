"""Deleting a server with what goes with it, and nothing else."""

from __future__ import annotations

from provider.context import Run, Subject
from provider.failure import RefusedError
from provider.properties import Properties
from provider.requests import Json
from provider.server import look, wait


def delete(run: Run, subject: Subject, had: Properties) -> None:
    """Delete a server and the disks that are to go with it; a second time it goes on where the first stopped.

    Raises `RefusedError` for a protected one, and for disks with snapshots before anything is deleted (ECS-215).
    """
    if had.get("deletion_protection") and subject.urn not in run.consented:
        raise RefusedError(
            f"server {subject.label!r} ({subject.ident}) is protected (deletion_protection). To delete it, set deletion_protection to "
            "false, run `up` once, and then take it out"
        )
    moving = run.replacing.get(subject.urn, set())
    disks = doomed(had, moving)
    held = {
        one["name"]: found
        for one in [*disks, *by_the_cloud(had)]
        if (found := run.disks.snapshots(one["id"], subject.work))
    }
    if held:
        told = "; ".join(f"{name}: {', '.join(found)}" for name, found in held.items())
        raise RefusedError(
            f"server {subject.label!r} ({subject.ident}) is not deleted: disks that would go with it have snapshots (ECS-215): {told}. "
            "Delete the snapshots, or set delete_on_termination of the disk to false and run `up` first"
        )
    if look.show(run, subject) is not None:
        run.requests.delete("compute", f"/servers/{subject.ident}", subject.work)
        wait.gone(run, subject)
    for one in disks:
        if run.disks.free(one["id"], one["name"], subject.work):
            run.disks.delete(one["id"], subject.work)
    for one in had.get("volumes") or []:
        if one.get("made") and one not in disks and one["name"] not in moving:
            run.disks.release(one["id"], subject.work)


def by_the_cloud(had: Properties) -> list[Json]:
    """The boot disk that the cloud made and deletes with the server."""
    boot = had.get("boot") or {}
    if boot.get("source_type") == "volume" or not boot.get("delete_on_termination"):
        return []
    return [one for one in had.get("volumes") or [] if one["name"] == "boot" and not one.get("made")]


def doomed(had: Properties, moving: set[str]) -> list[Json]:
    """The disks that go with a server: those that were made for it and are not to outlive it, nor move to the next one."""
    lasting = {disk["name"]: not disk.get("delete_on_termination") for disk in had.get("disks") or []}
    # The disk of a server that never came up holds nothing.
    lasting["boot"] = had.get("created") is not False and not (had.get("boot") or {}).get("delete_on_termination")
    return [
        one
        for one in had.get("volumes") or []
        if one.get("made") and not lasting.get(one["name"], False) and one["name"] not in moving
    ]
