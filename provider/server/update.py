"""Changing a server in place: whatever it is like now, it is brought to what is stated."""

from __future__ import annotations

from typing import Any

from provider.context import Run, Subject
from provider.disks import disk_marker
from provider.failure import CancelledError, HalfMadeError, RefusedError
from provider.marker import KEY, Marker
from provider.properties import SECRET_METADATA, Properties
from provider.requests import Json
from provider.server import look, power, wait
from provider.server.request import made_with
from provider.server.wait import FAILURES


class Update:
    """One update. It reads the server first and can be run again after any failure: what is done already is left alone."""

    def __init__(self, run: Run, subject: Subject, had: Properties, wanted: Properties) -> None:
        self.run, self.subject, self.had, self.wanted = run, subject, had, wanted
        self.volumes: list[Json] = [dict(one) for one in had.get("volumes") or []]
        self.reached = {key: value for key, value in had.items() if key in wanted or key in ("status", "marker")}

    def run_it(self) -> Properties:
        """The outputs. Raises `HalfMadeError` with what was reached where it fails on the way."""
        try:
            self._bring()
            outputs = look.observed(self.run, self.subject, self.wanted, self.volumes)
            if outputs is None:
                raise wait.BuildError(f"server {self.subject.label!r} ({self.subject.ident}) was deleted meanwhile")
        except CancelledError as error:
            raise self._half(f"{error}; the next `up` goes on") from None
        except FAILURES as error:
            raise self._half(f"{error}. What was reached is on record; the next `up` goes on") from None
        return outputs

    def _half(self, reason: str) -> HalfMadeError:
        work = self.subject.work.afresh(30.0)
        reached = {**self.had, **self.reached}
        try:
            seen = look.observed(self.run, Subject(self.subject.urn, work, self.subject.ident), reached, self.volumes)
        except FAILURES:
            seen = {**reached, "volumes": self.volumes}
        # One that went away is replaced by the next run, without a refresh.
        outputs = {**reached, "volumes": self.volumes, "status": "DELETED"} if seen is None else seen
        return HalfMadeError(
            self.subject.ident, outputs, f"server {self.subject.label!r} ({self.subject.ident}): {reason}"
        )

    def _changed(self, key: str) -> bool:
        return self.had.get(key) != self.wanted.get(key)

    def _reach(self, *keys: str) -> None:
        for key in keys:
            if key in self.wanted:
                self.reached[key] = self.wanted[key]
            else:
                self.reached.pop(key, None)

    def _bring(self) -> None:
        # An interrupted creation or resize is seen through first.
        server = wait.until(self.run, self.subject, (*look.SETTLED, "VERIFY_RESIZE"), "being changed")
        if server["status"] == "ERROR":
            told = f"server {self.subject.label!r} ({self.subject.ident}) is in ERROR: {look.fault(server)}"
            raise wait.BuildError(f"{told}; nothing was changed, and the next `up` replaces it")
        resized = server["status"] == "VERIFY_RESIZE"
        if resized:
            # To whatever an earlier run was told; what is stated now comes below.
            power.confirm(self.run, self.subject)
        self._names(server)
        self._metadata(server)
        if self._changed("tags"):
            power.set_tags(self.run, self.subject, self.wanted.get("tags") or [])
            self._reach("tags")
        if self._changed("adminPass") and self.wanted.get("adminPass") and "adminPass" in self.wanted:
            power.set_password(self.run, self.subject, self.wanted["adminPass"])
        self._reach("adminPass")
        if self._changed("imageRef") and self.wanted.get("imageRef"):
            power.rebuild(self.run, self.subject, self.wanted)
            self._reach("imageRef")
        if resized or self._changed("flavorRef"):
            power.resize(self.run, self.subject, self.wanted["flavorRef"])
            self._reach("flavorRef")
        self._networks()
        self._disks()
        if (power_state := self.wanted.get("power_state")) is not None:
            power.bring(self.run, self.subject, power_state)
        self._reach(*self.wanted)

    def _names(self, server: Json) -> None:
        said: dict[str, Any] = {}
        if server["name"] != self.wanted["name"]:
            said["name"] = self.wanted["name"]
        described = self._changed("description")
        if described:
            said["description"] = self.wanted.get("description") or None
        if said:
            path = f"/servers/{self.subject.ident}"
            self.run.requests.put("compute", path, {"server": said}, self.subject.work, "2.19" if described else None)
        self._reach("name", "description")

    def _metadata(self, server: Json) -> None:
        there = server.get("metadata") or {}
        owner = Marker.of(self.subject.urn, "server", made_with(self.wanted))
        wanted = dict(self.wanted.get("metadata") or {})
        if not owner.owns(server):
            wanted[KEY] = owner.text
        for key in self.had.get("metadata") or {}:
            if key not in wanted and key in there:
                self.run.requests.delete("compute", f"/servers/{self.subject.ident}/metadata/{key}", self.subject.work)
        had = self.had.get("metadata") or {}
        shown = {**there, **{key: had[key] for key in (SECRET_METADATA,) if key in had}}
        if missing := {key: value for key, value in wanted.items() if shown.get(key) != value}:
            path = f"/servers/{self.subject.ident}/metadata"
            # The same a second time is the same, so a lost answer needs no look.
            self.run.requests.post("compute", path, {"metadata": missing}, self.subject.work, lambda: None)
        self._reach("metadata")

    def _networks(self) -> None:
        ours = {one["port"] for one in self.had.get("nics") or []}
        before = {one["port_id"] for one in self.run.nics.there(self.subject.ident, self.subject.work)}
        there = self.run.nics.bring(self.subject.ident, self.wanted.get("networks") or [], ours, self.subject.work)
        self._reach("networks")
        self.reached["nics"] = [
            one for one in self.had.get("nics") or [] if one["port"] in {nic["port_id"] for nic in there}
        ]
        new = {one["port_id"] for one in there} - before
        made = look.made_ports(self.wanted.get("networks") or [], there)
        groups = self.wanted.get("security_groups") or []
        changed = made if self._changed("security_groups") else [port for port in made if port in new and groups]
        self.run.nics.set_groups(changed, groups, self.subject.work)
        self._reach("security_groups")

    def _disks(self) -> None:
        disks, work = self.run.disks, self.subject.work
        wanted = {disk["name"]: disk for disk in self.wanted.get("disks") or []}
        had = {disk["name"]: disk for disk in self.had.get("disks") or []}
        for volume in [one for one in self.volumes if one["name"] != "boot"]:
            name = volume["name"]
            if name in wanted and not another_disk(had.get(name), wanted[name]):
                continue
            self._let_go(volume, had.get(name))
        for name, disk in wanted.items():
            there = next((one for one in self.volumes if one["name"] == name), None)
            if there is None:
                there = self._new_disk(name, disk)
            disks.attach(self.subject.ident, there["id"], name, work)
            size = disk.get("volume_size")
            if there["made"] and isinstance(size, int):
                disks.grow(self.subject.ident, there["id"], name, size, work)
        self._reach("disks")

    def _let_go(self, volume: Json, had: Json | None) -> None:
        disks, work, name = self.run.disks, self.subject.work, volume["name"]
        deleted = volume["made"] and bool((had or volume).get("delete_on_termination"))
        if deleted and (snapshots := disks.snapshots(volume["id"], work)):
            raise RefusedError(
                f"the disk {name} ({volume['id']}) has snapshots ({', '.join(snapshots)}), with which it cannot be deleted (ECS-215). "
                "Delete them first, or set delete_on_termination to false and run once before it goes"
            )
        disks.detach(self.subject.ident, volume["id"], name, work)
        if deleted:
            disks.delete(volume["id"], work)
        elif volume["made"]:
            disks.release(volume["id"], work)
        self.volumes.remove(volume)

    def _new_disk(self, name: str, disk: Json) -> Json:
        if disk["source_type"] == "volume":
            entry: Json = {"name": name, "id": disk["uuid"], "made": False}
        else:
            marker = disk_marker(self.subject.urn, disk, name)
            zone, label = self.wanted["availability_zone"], f"{self.wanted['name']}-disk-{name}"
            ident, _ = self.run.disks.make(marker, label, zone, disk, self.subject.work)
            entry = {"name": name, "id": ident, "made": True}
        self.volumes.append(entry)
        return entry


def another_disk(had: Json | None, wanted: Json) -> bool:
    """Whether a disk of the same name is stated as another one: from another source, or of another type."""
    keys = ("source_type", "uuid", "volume_type")
    return had is not None and any(had.get(key) != wanted.get(key) for key in keys)
