"""The disks of a server: made, attached, grown, detached and deleted through Cinder and Nova."""

from __future__ import annotations

from typing import Any

from provider.failure import CloudError, RefusedError
from provider.leftovers import Leftovers
from provider.marker import KEY, Marker
from provider.requests import Json, Requests

CINDER = "block_storage"
BUSY = (400, 409)


class Disks:
    """Disks by their id."""

    def __init__(self, requests: Requests, leftovers: Leftovers) -> None:
        self._requests, self._leftovers = requests, leftovers

    def show(self, ident: str, work: Any) -> Json | None:
        """A disk as Cinder shows it, or None where it is gone."""
        body = self._requests.get(CINDER, f"/volumes/{ident}", work)
        return None if body is None else body["volume"]

    def make(self, marker: Marker, name: str, zone: str, spec: Json, work: Any) -> tuple[str, bool]:
        """The id of a disk that is there and available or in use, and whether it was made just now.

        One that an earlier run made and lost is taken. `spec` is an entry of `disks`, or `boot`.
        """
        for found in self._leftovers.disks(marker, work):
            if found["status"].startswith("error"):
                self.delete(found["id"], work)
            elif marker.made(found):
                return str(found["id"]), False
            else:
                work.say(f"disk {found['id']}, which an earlier run made from something else, is left as it is")
        wanted = {
            "name": name,
            "availability_zone": zone,
            "size": spec.get("volume_size"),
            "volume_type": spec.get("volume_type"),
            "imageRef": spec["uuid"] if spec["source_type"] == "image" else None,
            "snapshot_id": spec["uuid"] if spec["source_type"] == "snapshot" else None,
            "metadata": {KEY: marker.text},
        }
        body = {"volume": {key: value for key, value in wanted.items() if value is not None}}
        made = self._requests.post(CINDER, "/volumes", body, work, lambda: self._named(name, marker, work))
        return str(made["volume"]["id"]), True

    def _named(self, name: str, marker: Marker, work: Any) -> Json | None:
        found = self._requests.every(CINDER, f"/volumes/detail?name={name}", "volumes", work)
        return next(({"volume": one} for one in found if marker.made(one)), None)

    def ready(self, ident: str, name: str, work: Any, states: tuple[str, ...] = ("available",)) -> Json:
        """Wait until a disk is in one of these states; raises `RefusedError` where it never will be."""
        while True:
            disk = self.show(ident, work)
            if disk is None:
                raise RefusedError(f"the disk {name} ({ident}) is gone")
            if disk["status"] in states:
                return disk
            if disk["status"].startswith("error"):
                raise RefusedError(f"the disk {name} ({ident}) ended in {disk['status']}")
            work.wait(f"disk {name} is {disk['status']}")

    def attach(self, server: str, ident: str, name: str, work: Any) -> None:
        """Attach a disk to a server, and wait until it is in use there."""
        disk = self.ready(ident, name, work, ("available", "in-use"))
        if not _attached_to(disk, server):
            if disk["status"] == "in-use":
                there = ", ".join(str(one.get("server_id")) for one in disk.get("attachments", []))
                raise RefusedError(f"the disk {name} ({ident}) is attached to another server ({there})")

            def attached() -> Json | None:
                now = self.show(ident, work)
                return now if now is not None and (now["status"] != "available" or _attached_to(now, server)) else None

            path = f"/servers/{server}/os-volume_attachments"
            self._requests.post("compute", path, {"volumeAttachment": {"volumeId": ident}}, work, attached)
        self.ready(ident, name, work, ("in-use",))

    def detach(self, server: str, ident: str, name: str, work: Any) -> None:
        """Detach a disk and wait until it is free; one that is gone or free already is left alone."""
        disk = self.show(ident, work)
        if disk is None or not _attached_to(disk, server):
            return
        self._requests.delete("compute", f"/servers/{server}/os-volume_attachments/{ident}", work)
        self.free(ident, name, work)

    def free(self, ident: str, name: str, work: Any) -> bool:
        """Wait until a disk is not in use any more; False where it is gone."""
        while (disk := self.show(ident, work)) is not None:
            if disk["status"] in {"available", "error"}:
                return True
            work.wait(f"disk {name} is {disk['status']}")
        return False

    def grow(self, server: str, ident: str, name: str, size: int, work: Any) -> None:
        """Make a data disk larger: detached, grown and attached again, which every Cinder can."""
        disk = self.show(ident, work)
        if disk is None or disk["size"] >= size:
            return
        self.detach(server, ident, name, work)

        def grown() -> Json | None:
            now = self.show(ident, work)
            return now if now is not None and (now["status"] == "extending" or now["size"] >= size) else None

        self._requests.post(CINDER, f"/volumes/{ident}/action", {"os-extend": {"new_size": size}}, work, grown)
        self.ready(ident, name, work)
        self.attach(server, ident, name, work)

    def delete(self, ident: str, work: Any) -> None:
        """Delete a disk and wait until it is gone; a disk that is still let go of is waited for."""
        while True:
            try:
                if not self._requests.delete(CINDER, f"/volumes/{ident}", work):
                    return
            except CloudError as error:
                if error.status not in BUSY or not self.free(ident, ident, work):
                    raise
                work.wait(f"disk {ident}: {error.words}")
            else:
                break
        while (disk := self.show(ident, work)) is not None:
            if disk["status"] == "error_deleting":
                raise RefusedError(f"the disk {ident} cannot be deleted: the cloud says error_deleting")
            work.wait(f"disk {ident} is {disk['status']}")

    def release(self, ident: str, work: Any) -> None:
        """Make a disk that stays nobody's, so that no later creation takes it for its own."""
        self._requests.delete(CINDER, f"/volumes/{ident}/metadata/{KEY}", work)

    def snapshots(self, ident: str, work: Any) -> list[str]:
        """The ids of a disk's snapshots, with which it cannot be deleted (ECS-215)."""
        found = self._requests.every(CINDER, f"/snapshots/detail?volume_id={ident}", "snapshots", work)
        return [str(one["id"]) for one in found if one.get("volume_id") == ident]


def disk_marker(urn: str, spec: Json, name: str) -> Marker:
    """The marker of a server's disk: whose it is, and what it was made from; a larger size is the same disk."""
    return Marker.of(urn, f"disk {name}", {key: spec.get(key) for key in ("source_type", "uuid", "volume_type")})


def _attached_to(disk: Json, server: str) -> bool:
    return any(one.get("server_id") == server for one in disk.get("attachments") or [])
