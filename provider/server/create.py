"""Creating a server: found again where an earlier run made it, rolled back whole where it fails."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import NoReturn
from urllib.parse import quote

from provider.context import Run, Subject
from provider.disks import disk_marker
from provider.failure import (
    CancelledError,
    HalfMadeError,
    RefusedError,
)
from provider.marker import KEY, Marker
from provider.properties import Properties
from provider.requests import Json
from provider.server import look, power, wait
from provider.server.request import create_body, made_with, own_boot_disk, version_for
from provider.server.update import Update
from provider.server.wait import FAILURES

CLEANING_SECONDS = 300.0
AFTERWARDS = ("disks", "tags", "power_state")
"""The inputs that are brought when a server is up."""


class Creation:
    """One creation: what it made is known at every moment, so that it can be taken back."""

    def __init__(self, run: Run, subject: Subject, inputs: Properties) -> None:
        self.run, self.subject, self.inputs = run, subject, inputs
        self.marker = Marker.of(subject.urn, "server", made_with(inputs))
        self.volumes: list[Json] = []
        self.found = False
        self.created: Json | None = None
        """The server as it came up."""
        self.fresh: list[str] = []
        """The disks that this run made: a roll-back deletes them and no others."""

    def run_it(self) -> tuple[str, Properties]:
        """The id and the outputs. Raises the failure after a roll-back, `HalfMadeError` for what stays on record."""
        try:
            self._make()
            outputs = self._outputs()
        except CancelledError as error:
            if not self.subject.ident:
                raise
            raise HalfMadeError(
                self.subject.ident,
                self._known(),
                f"server {self.subject.label!r} ({self.subject.ident}): {error}; the next `up` goes on with it",
            ) from None
        except FAILURES as error:
            self._failed(str(error))
        if self.found:
            # It was made by the same request, but what can be changed in place may be stated otherwise by now.
            outputs = Update(self.run, self.subject, outputs, self.inputs).run_it()
        return self.subject.ident, outputs

    def _make(self) -> None:
        server = self._left()
        boot = self._boot_disk()
        for disk in self.inputs.get("disks") or []:
            self._data_disk(disk)
        if server is None:
            server = self._post(boot)
        self.subject = replace(self.subject, ident=str(server["id"]))
        self.created = wait.built(self.run, self.subject)
        for disk in self.inputs.get("disks") or []:
            name = disk["name"]
            ident = next(one["id"] for one in self.volumes if one["name"] == name)
            self.run.disks.attach(self.subject.ident, ident, name, self.subject.work)
        if tags := self.inputs.get("tags"):
            power.set_tags(self.run, self.subject, tags)
        if (wanted := self.inputs.get("power_state")) is not None:
            power.bring(self.run, self.subject, wanted)

    def _left(self) -> Json | None:
        """The server that an earlier run made for this resource and did not live to record."""
        found = self.run.leftovers.servers(self.marker, self.subject.work)
        keep: Json | None = None
        for one in found:
            same = self.marker.made(one) and one["status"] != "ERROR"
            if same and keep is None:
                keep = one
            elif same or one["status"] in {"ERROR", "BUILD"}:
                self._remove(str(one["id"]))
            else:
                raise RefusedError(
                    f"a server of this resource is there already and in no state: {one['name']} ({one['id']}), made with other arguments. "
                    f"Delete it (`openstack server delete {one['id']}`), or make it nobody's "
                    f"(`openstack server unset --property {KEY} {one['id']}`), and run again"
                )
        if keep is not None:
            self.found = True
            self.subject.work.say(f"found server {keep['id']}, which an earlier run made: going on with it")
        return keep

    def _remove(self, ident: str) -> None:
        there = replace(self.subject, ident=ident)
        self.run.requests.delete("compute", f"/servers/{ident}", self.subject.work)
        wait.gone(self.run, there)
        self.subject.work.say(f"deleted server {ident}, which an earlier run left half made")

    def _boot_disk(self) -> str | None:
        if not own_boot_disk(self.inputs):
            return None
        boot = self.inputs["boot"]
        name = f"{self.inputs['name']}-boot"
        ident = self._disk("boot", name, boot)
        self.run.disks.ready(ident, name, self.subject.work, ("available", "in-use"))
        return ident

    def _data_disk(self, disk: Json) -> None:
        if disk["source_type"] == "volume":
            self.volumes.append({"name": disk["name"], "id": disk["uuid"], "made": False})
        else:
            self._disk(disk["name"], f"{self.inputs['name']}-disk-{disk['name']}", disk)

    def _disk(self, part: str, name: str, spec: Json) -> str:
        marker = disk_marker(self.subject.urn, spec, part)
        ident, fresh = self.run.disks.make(marker, name, self.inputs["availability_zone"], spec, self.subject.work)
        if fresh:
            self.fresh.append(ident)
        self.volumes.append({"name": part, "id": ident, "made": True})
        return ident

    def _post(self, boot: str | None) -> Json:
        body = create_body(self.inputs, self.marker, boot)
        made = self.run.requests.post(
            "compute", "/servers", body, self.subject.work, self._lost, version=version_for(self.inputs)
        )
        return made["server"]  # type: ignore[no-any-return]

    def _lost(self) -> Json | None:
        """The server of a request whose answer was lost; looked for twice, since a list may be a moment late."""
        for attempt in range(2):
            if attempt:
                self.subject.work.pause(self.subject.work.poll)
            if mine := self._mine(self.subject):
                return {"server": mine[0]}
        return None

    def _mine(self, subject: Subject) -> list[Json]:
        """The servers that this very request made, by name and marker."""
        name = quote(f"^{re.escape(self.inputs['name'])}$")
        found = self.run.requests.every("compute", f"/servers/detail?name={name}", "servers", subject.work)
        return [one for one in found if self.marker.made(one)]

    def _outputs(self) -> Properties:
        # What was done to it since may have changed what it looks like.
        as_it_came = None if self.found or any(self.inputs.get(key) for key in AFTERWARDS) else self.created
        outputs = look.observed(self.run, self.subject, self.inputs, self.volumes, as_it_came)
        if outputs is None:
            raise wait.BuildError(
                f"server {self.subject.label!r} ({self.subject.ident}) was deleted right after it was made"
            )
        return outputs

    def _known(self, status: str = "BUILD", fault: str = "") -> Properties:
        known = {"marker": self.marker.text, "status": status, "fault": fault, "volumes": self.volumes}
        # Tags come last, so they are not there yet.
        inputs = {key: value for key, value in self.inputs.items() if key != "tags"}
        return {**inputs, **known, "addresses": [], "nics": [], "disk_ids": [], "created": False}

    def _failed(self, reason: str) -> NoReturn:
        """Take back what was made, or keep it for a look; raises what the user reads."""
        if self.found and self.subject.ident:
            # A roll-back takes back what this run made, and no server of an earlier one.
            told = f"{reason}. It was made by an earlier run and is on record now; the next `up` goes on with it"
            raise HalfMadeError(self.subject.ident, self._known(), told)
        if self.inputs.get("on_failure") == "keep" and self.subject.ident:
            told = f"{reason}. It is kept for a look (on_failure is keep); the next `up` replaces it"
            raise HalfMadeError(self.subject.ident, self._known("ERROR", reason), told)
        work = self.subject.work.afresh(CLEANING_SECONDS)
        clean = replace(self.subject, work=work)
        try:
            gone = self._taken_back(clean)
        except (*FAILURES, CancelledError) as error:
            left = ", ".join(
                [f"server {self.subject.ident}"] * bool(self.subject.ident) + [f"disk {one}" for one in self.fresh]
            )
            told = f"{reason}. Rolling back failed too ({error}): {left or 'what it made'} may still be there; the next `up` cleans up"
            if self.subject.ident:
                raise HalfMadeError(self.subject.ident, self._known("ERROR", reason), told) from None
            raise RefusedError(told) from None
        raise RefusedError(
            f"{reason}. Rolled back: {', '.join(gone) or 'nothing was made'}; the next `up` creates it afresh"
        )

    def _taken_back(self, clean: Subject) -> list[str]:
        gone = []
        ident = clean.ident
        if not ident:
            # A request may have failed in a way that made the server all the same.
            ident = next((str(one["id"]) for one in self._mine(clean)), "")
        if ident:
            there = replace(clean, ident=ident)
            self.fresh += self._disk_of_the_cloud(there)
            self.run.requests.delete("compute", f"/servers/{ident}", clean.work)
            wait.gone(self.run, there)
            gone.append(f"server {ident} is deleted")
        for disk in list(self.fresh):
            self.run.disks.delete(disk, clean.work)
            self.fresh.remove(disk)
            gone.append(f"disk {disk} is deleted")
        return gone

    def _disk_of_the_cloud(self, there: Subject) -> list[str]:
        """The boot disk that Nova made for the server that is taken back: it may be told to outlive its server."""
        boot = self.inputs.get("boot")
        if boot is None or boot["source_type"] == "volume" or own_boot_disk(self.inputs):
            return []
        server = look.show(self.run, there) or {}
        known = {one["id"] for one in self.volumes}
        attached = [str(one["id"]) for one in server.get("os-extended-volumes:volumes_attached") or []]
        return [one for one in attached if one not in known]
