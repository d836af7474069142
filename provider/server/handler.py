"""`ecs:compute:Server` as the engine asks for it."""

from __future__ import annotations

from components.ecs.changes import Effect
from provider.context import Lazy, Run, Subject
from provider.difference import Difference
from provider.failure import HalfMadeError
from provider.properties import UNKNOWN, Properties
from provider.requests import Json
from provider.server import delete, look
from provider.server.create import Creation
from provider.server.differ import differ, moving
from provider.server.imported import inputs_of
from provider.server.request import too_old
from provider.server.update import Update

COMPUTED = ("addresses", "disk_ids", "nics", "volumes", "status", "fault", "marker")


class Servers:
    """Servers."""

    type = "ecs:compute:Server"

    def __init__(self, run: Lazy) -> None:
        self._run = run

    def check(self, inputs: Properties) -> list[tuple[str, str]]:
        """What this cloud cannot do, by input: asked only where something needs a newer cloud."""
        return too_old(inputs, lambda: self._run().requests.version("compute"))

    def differ(self, subject: Subject, had: Properties, wanted: Properties) -> Difference:
        """What a change does; remembered for the deletion that a replacement begins with."""
        found = differ(subject.urn, subject.ident, had, wanted)
        if found.hardest is Effect.REPLACE and not found.refused:
            self._run.replacing[subject.urn] = moving(had, wanted)
            self._run.consented.add(subject.urn)
        return found

    def previewed(self, inputs: Properties, had: Properties) -> Properties:
        """What is known of the outputs before apply; a value that is said here and turns out otherwise violates a saved plan."""
        kept = {key: had[key] for key in COMPUTED if key in had}
        # One that a killed run left half made gets its NICs and disks known only when it is there.
        made = had.get("status") in look.POWER
        if had.get("networks") != inputs.get("networks") or not made:
            kept |= {"addresses": UNKNOWN, "nics": UNKNOWN}
        if had.get("disks") != inputs.get("disks") or had.get("boot") != inputs.get("boot") or not made:
            kept |= {"disk_ids": UNKNOWN, "volumes": UNKNOWN}
        return {"marker": UNKNOWN, **inputs, **kept, "status": UNKNOWN, "fault": UNKNOWN}

    def create(self, subject: Subject, inputs: Properties) -> tuple[str, Properties]:
        """Make one."""
        return Creation(self._run(), subject, inputs).run_it()

    def update(self, subject: Subject, had: Properties, wanted: Properties) -> Properties:
        """Change one in place."""
        return Update(self._run(), subject, had, wanted).run_it()

    def delete(self, subject: Subject, had: Properties) -> None:
        """Delete one."""
        delete.delete(self._run(), subject, had)

    def read(self, subject: Subject, had: Properties, inputs: Properties) -> tuple[str, Properties, Properties] | None:
        """The id, outputs and inputs as they are in the cloud; None where it is gone. Without state it is an import."""
        run = self._run()
        if not had:
            inputs = inputs_of(run, subject) or {}
            if not inputs:
                return None
        volumes = self._volumes(run, subject, had or inputs)
        seen = look.observed(run, subject, {**had, **inputs} if had else inputs, volumes)
        if seen is None:
            return None
        now = {key: seen[key] for key in inputs if key in seen}
        if seen["status"] == "ERROR":
            told = f"server {subject.label!r} ({subject.ident}) is in ERROR: {seen['fault']}; the next `up` replaces it"
            raise HalfMadeError(subject.ident, seen, told, now)
        return subject.ident, seen, now

    @staticmethod
    def _volumes(run: Run, subject: Subject, had: Properties) -> list[Json]:
        there = [one for one in had.get("volumes") or [] if run.disks.show(one["id"], subject.work) is not None]
        return [dict(one) for one in there]
