"""What a change of a server does: in place, with a reboot, a rebuild, or another server in its stead."""

from __future__ import annotations

from typing import Any

from components.ecs.changes import SERVER, Effect
from provider.difference import Difference, between, consent, differs
from provider.marker import Marker
from provider.properties import Properties, unknown_in
from provider.requests import Json
from provider.server.request import made_with
from provider.server.update import another_disk

BROKEN = ("ERROR", "DELETED", "")
UNFINISHED = ("RESIZE", "VERIFY_RESIZE", "REVERT_RESIZE", "REBUILD")
"""What a server is while a change of it is under way, or waits to be confirmed."""


def differ(urn: str, ident: str, had: Properties, wanted: Properties) -> Difference:
    """What a change does. Pure but for the marker, which names the state."""
    label = urn.rsplit("::", 1)[-1]
    found = between(had, wanted, SERVER)
    _image(found, had, wanted)
    _lifetime(found, label, had, wanted)
    _disks(found, had, wanted)
    _zone(found, label, had, wanted)
    if had.get("status") in BROKEN:
        found.effects["status"] = Effect.REPLACE
        told = had.get("fault") or "it is in ERROR"
        found.lines.append(f"server {ident} is replaced because it is broken: {told}")
    elif had.get("status") == "BUILD":
        found.effects.setdefault("status", Effect.IN_PLACE)
        found.lines.append(f"server {ident} was still being built when the last run ended; this run goes on with it")
    elif had.get("status") in UNFINISHED:
        found.effects.setdefault("status", Effect.IN_PLACE)
        found.lines.append(
            f"server {ident} was still being changed when the last run ended ({had['status']}); this run finishes it"
        )
    _half_gone(found, had, wanted)
    if (
        not unknown_in(wanted)
        and str(had.get("marker", "")).partition(".")[0] != Marker.of(urn, "server", made_with(wanted)).owner
    ):
        found.effects.setdefault("marker", Effect.IN_PLACE)
        found.lines.append(f"marker: {Effect.IN_PLACE}: server {ident} is marked as this resource's")
    if any(effect is Effect.REPLACE for key, effect in found.effects.items() if key not in found.unsure):
        found.lines.append(_survivors(had, wanted))
    consent(found, label, had, wanted)
    return found


def _image(found: Difference, had: Properties, wanted: Properties) -> None:
    """An image change rebuilds only where that was asked for, and where both boot from an image alone."""
    both = had.get("imageRef") and wanted.get("imageRef")
    if "imageRef" in found.effects and both and wanted.get("on_image_change") == "rebuild":
        found.effects["imageRef"] = Effect.REBUILD
        found.lines = [line for line in found.lines if not line.startswith("boot.image_ref")]
        found.lines.append(
            f"boot.image_ref: {Effect.REBUILD}: id and addresses stay; everything on the system disk is lost"
        )


def _lifetime(found: Difference, label: str, had: Properties, wanted: Properties) -> None:
    """A boot disk that only lives longer or shorter is the same disk."""
    before, after = had.get("boot"), wanted.get("boot")
    if "boot" not in found.effects or not isinstance(before, dict) or not isinstance(after, dict):
        return
    rest = [{key: value for key, value in one.items() if key != "delete_on_termination"} for one in (before, after)]
    if differs(*rest):
        return
    found.lines = [line for line in found.lines if not line.startswith("boot:")]
    made = any(one["name"] == "boot" and one["made"] for one in had.get("volumes") or [])
    if made:
        found.effects["boot"] = Effect.STATE
        found.lines.append(f"boot.delete_on_termination: {Effect.STATE}: it holds when the server is deleted")
        return
    found.refused.append(
        f"{label!r}: boot.delete_on_termination was given to the cloud at creation and cannot be changed for a disk that the cloud made. "
        "Put it back; a boot disk with a `volume_type` can be changed"
    )


def _disks(found: Difference, had: Properties, wanted: Properties) -> None:
    if "disks" not in found.effects or unknown_in(wanted.get("disks")):
        return
    before = {disk["name"]: disk for disk in had.get("disks") or []}
    after = {disk["name"]: disk for disk in wanted.get("disks") or []}
    for name, disk in before.items():
        new = after.get(name)
        if new is None or another_disk(disk, new):
            kept = (
                "is kept in the cloud"
                if not disk.get("delete_on_termination") or disk["source_type"] == "volume"
                else "is DELETED with its data"
            )
            found.lines.append(f"disks[{name}]: detached, and {kept}")
        elif (disk.get("volume_size") or 0) > (new.get("volume_size") or 0):
            found.refused.append(
                f"disks[{name}].volume_size: a disk cannot shrink (from {disk['volume_size']} to {new.get('volume_size')} GB). Put it "
                "back, or state a new disk under another name"
            )
    _same_lifetimes(found, before, after)


def _half_gone(found: Difference, had: Properties, wanted: Properties) -> None:
    """Disks that a killed run had detached, because they are not stated any more, and that are still in the cloud."""
    if unknown_in(wanted.get("disks")):
        return
    known = {"boot", *(disk["name"] for one in (had, wanted) for disk in one.get("disks") or [])}
    for volume in had.get("volumes") or []:
        if volume["name"] not in known:
            found.effects.setdefault("volumes", Effect.IN_PLACE)
            what = "is DELETED" if volume.get("delete_on_termination") else "is let go of"
            found.lines.append(f"disk {volume['name']} ({volume['id']}), which the last run had detached, {what}")


def _zone(found: Difference, label: str, had: Properties, wanted: Properties) -> None:
    """Refuse another AZ with data disks that would have to follow: no disk leaves its AZ, and the old server would be gone by then."""
    if "availability_zone" not in found.effects or "availability_zone" in found.unsure:
        return
    here = {one["name"] for one in had.get("volumes") or [] if one["name"] != "boot"}
    staying = sorted(here & moving(had, wanted))
    if staying:
        found.refused.append(
            f"{label!r}: its data disks {', '.join(staying)} are in {had.get('availability_zone')!r} and cannot follow to another AZ "
            "(ECS-212). State new disks under other names, with `delete_on_termination: false` on the old ones if they are to be kept"
        )


def _same_lifetimes(found: Difference, before: dict[str, Json], after: dict[str, Json]) -> None:
    """Where nothing but `delete_on_termination` changes, nothing is done in the cloud."""
    bare = [
        {
            name: {key: value for key, value in disk.items() if key != "delete_on_termination"}
            for name, disk in disks.items()
        }
        for disks in (before, after)
    ]
    if bare[0] == bare[1]:
        found.effects["disks"] = Effect.STATE
        found.lines = [line for line in found.lines if not line.startswith("disks:")]
        found.lines.append(f"disks[].delete_on_termination: {Effect.STATE}: it holds when the disk or the server goes")


def moving(had: Properties, wanted: Properties) -> set[str]:
    """The data disks that the next server takes over."""
    before = {disk["name"]: disk for disk in had.get("disks") or []}
    disks: Any = wanted.get("disks")
    after = disks if isinstance(disks, list) else []
    return {disk["name"] for disk in after if disk["name"] in before and not another_disk(before[disk["name"]], disk)}


def _survivors(had: Properties, wanted: Properties) -> str:
    stay = sorted(moving(had, wanted))
    boot = had.get("boot")
    system = (
        "the system disk is lost"
        if boot is None or boot.get("delete_on_termination")
        else "the old system disk stays in the cloud"
    )
    fixed = [nic.get("fixed_ip") or nic.get("port") for nic in wanted.get("networks") or [] if isinstance(nic, dict)]
    addresses = "addresses change" if None in fixed else "fixed addresses stay"
    return f"replaced: new id, {addresses}; {system}" + (
        f"; data disks {', '.join(stay)} move to the new server" if stay else ""
    )
