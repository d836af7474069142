"""`ecs:compute:ServerBatch` as the engine asks for it."""

from __future__ import annotations

from typing import NoReturn

from components.ecs.changes import BATCH, Effect
from provider.batch import members
from provider.batch.growth import REFUSALS, Growth, KeptError
from provider.context import Lazy, Run, Subject
from provider.difference import Difference, between, consent
from provider.failure import CancelledError, HalfMadeError, RefusedError, TooLateError
from provider.marker import KEY, Marker
from provider.nics import address
from provider.properties import UNKNOWN, Properties
from provider.requests import Json
from provider.server.request import too_old

COMPUTED = ("reservation_ids", "members", "active", "shortfall", "lost")


class Batches:
    """Batches."""

    type = "ecs:compute:ServerBatch"

    def __init__(self, run: Lazy) -> None:
        self._run = run

    def check(self, inputs: Properties) -> list[tuple[str, str]]:
        """What this cloud cannot do, by input."""
        return too_old(inputs, lambda: self._run().requests.version("compute"))

    def differ(self, subject: Subject, had: Properties, wanted: Properties) -> Difference:
        """What a change does, with what is missing of the members."""
        found = between(had, wanted, BATCH)
        _counts(found, subject.label, had, wanted)
        consent(found, subject.label, had, wanted)
        if found.hardest is Effect.REPLACE and not found.refused:
            self._run.consented.add(subject.urn)
        return found

    def previewed(self, inputs: Properties, had: Properties) -> Properties:
        """What is known of the outputs before apply."""
        computed = dict.fromkeys(("reservation_ids", "members", "active", "shortfall"), UNKNOWN)
        if had and had.get("max_count") == inputs.get("max_count") and had.get("active") == inputs.get("max_count"):
            computed = {key: had[key] for key in COMPUTED if key in had}
        return {**inputs, **computed}

    def create(self, subject: Subject, inputs: Properties) -> tuple[str, Properties]:
        """Make all members by one request; with fewer than `min_count` none stays."""
        run = self._run()
        record: Properties = {"name": inputs["name"], "reservation_ids": [], "lost": 0}
        growth = Growth(run, subject, inputs, record)
        try:
            left = self._left(run, growth)
            if not left:
                growth.ask(inputs["min_count"], inputs["max_count"])
            there = [*left, *growth.new]
            if left:
                self._metadata(run, subject, {}, inputs, left)
                there = self._filled(run, subject, inputs, record, left)
        except CancelledError as error:
            if not growth.number:
                raise
            told = f"batch {subject.label!r}: {error}; the next `up` goes on with it"
            raise HalfMadeError(_ident(record, subject), _outputs(inputs, record, []), told) from None
        except KeptError as error:
            told = f"batch {subject.label!r}: {error}. They are kept for a look (on_failure is keep); the next `up` replaces those in ERROR"
            raise HalfMadeError(_ident(record, subject), _outputs(inputs, record, growth.new), told) from None
        except (*REFUSALS, TooLateError) as error:
            self._refuse(run, subject, inputs, record, str(error))
        if growth.why_less:
            subject.work.say(_short(len(there), inputs, growth.why_less))
        return _ident(record, subject), _outputs(inputs, record, there)

    def update(self, subject: Subject, had: Properties, wanted: Properties) -> Properties:
        """Heal, shrink or grow until the members are as stated."""
        run = self._run()
        record: Properties = {
            "name": had["name"], "reservation_ids": list(had.get("reservation_ids") or []), "lost": had.get("lost") or 0,
        }  # fmt: skip
        there: list[Json] = []
        try:
            self._unrecorded(run, subject, record)
            there = self._healthy(run, subject, record)
            there = self._shrunk(run, subject, wanted, record, there)
            self._metadata(run, subject, had, wanted, there)
            there = self._filled(run, subject, wanted, record, there)
        except (*REFUSALS, KeptError, TooLateError, CancelledError) as error:
            told = f"batch {subject.label!r}: {error}. What was reached is on record; the next `up` goes on"
            raise HalfMadeError(subject.ident, _outputs(wanted, record, there), told) from None
        return _outputs(wanted, record, there)

    def delete(self, subject: Subject, had: Properties) -> None:
        """Delete all members."""
        if had.get("deletion_protection") and subject.urn not in self._run.consented:
            raise RefusedError(
                f"batch {subject.label!r} is protected (deletion_protection). To delete it, set deletion_protection to false, run `up` "
                "once, and then take it out"
            )
        run = self._run()
        members.remove(run, subject, members.there(run, subject, had), had)

    def read(self, subject: Subject, had: Properties, inputs: Properties) -> tuple[str, Properties, Properties] | None:
        """The members as they are now; None where none is left. Without state it is an import by reservation id."""
        run = self._run()
        if not had:
            return self._imported(run, subject)
        found = members.there(run, subject, had)
        if not found:
            return None
        record: Properties = {key: had[key] for key in ("reservation_ids", "lost") if key in had}
        return subject.ident, _outputs({**same_inputs(had), **inputs}, record, found), inputs

    def _left(self, run: Run, growth: Growth) -> list[Json]:
        """The members that an earlier run made and did not live to record; those that did not come up are deleted."""
        subject = growth.subject
        if not run.leftovers.marked(growth.marker, subject.work):
            return []
        # That list is as old as the run: a batch that was just deleted to be replaced still stands in it.
        ids = [one["id"] for one in run.leftovers.marked(growth.marker, subject.work)]
        there = members.by_ids(run, subject.work, ids)
        found = [one for one in there if growth.marker.made(one)]
        others = [one for one in there if not growth.marker.made(one)]
        strange = [one for one in others if one["status"] not in {"BUILD", "ERROR"}]
        if strange:
            told = " ".join(one["id"] for one in strange)
            raise RefusedError(
                f"members of batch {subject.label!r} are there already and in no state, made with other arguments. Delete them "
                f"(`openstack server delete {told}`) and run again"
            )
        members.remove(run, subject, others, {**growth.record, "lost": 1})
        if not found:
            return []
        subject.work.say(f"found {len(found)} members that an earlier run made: going on with them")
        growth.wait_for("", growth.marker, 0, len(found))
        return growth.new

    def _unrecorded(self, run: Run, subject: Subject, record: Properties) -> None:
        """Count the members in that a dead run asked for and did not live to record."""
        known = {one["id"] for one in members.there(run, subject, record)}
        marked = run.leftovers.marked(Marker.of(subject.urn, "batch", {}), subject.work)
        if any(one["id"] not in known for one in marked):
            record["lost"] = max(1, int(record["lost"] or 0))

    def _healthy(self, run: Run, subject: Subject, record: Properties) -> list[Json]:
        """The members that are up; those in ERROR are deleted, those still being built are waited for."""
        while True:
            found = members.there(run, subject, record)
            if not any(one["status"] == "BUILD" for one in found):
                break
            subject.work.wait("members are being built")
        broken = [one for one in found if one["status"] == "ERROR"]
        members.remove(run, subject, broken, record)
        return [one for one in found if one["status"] != "ERROR"]

    def _shrunk(
        self, run: Run, subject: Subject, wanted: Properties, record: Properties, there: list[Json]
    ) -> list[Json]:
        more = len(there) - wanted["max_count"]
        if more <= 0:
            return there
        named = wanted.get("remove") or []
        first = [one for one in there if one["id"] in named or one["name"] in named]
        rest = [one for one in reversed(there) if one not in first]
        victims = [*first, *rest][:more]
        members.remove(run, subject, victims, record)
        return [one for one in there if one not in victims]

    def _metadata(self, run: Run, subject: Subject, had: Properties, wanted: Properties, there: list[Json]) -> None:
        old, new = had.get("metadata") or {}, wanted.get("metadata") or {}
        if old == new:
            return
        for one in there:
            path = f"/servers/{one['id']}/metadata"
            for key in old.keys() - new.keys():
                run.requests.delete("compute", f"{path}/{key}", subject.work)
            if new:
                run.requests.post("compute", path, {"metadata": new}, subject.work, lambda: None)

    def _filled(
        self, run: Run, subject: Subject, wanted: Properties, record: Properties, there: list[Json]
    ) -> list[Json]:
        """Members up to the stated number; between the least and the most a shortfall is told and no failure."""
        missing = wanted["max_count"] - len(there)
        if missing <= 0:
            return there
        needed = wanted["min_count"] - len(there)
        growth = Growth(run, subject, wanted, record)
        try:
            growth.ask(max(1, needed), missing)
        except REFUSALS as error:
            if needed > 0:
                raise
            growth.why_less = str(error)
        there = [*there, *growth.new]
        if growth.why_less:
            subject.work.say(_short(len(there), wanted, growth.why_less))
        return there

    def _refuse(self, run: Run, subject: Subject, inputs: Properties, record: Properties, reason: str) -> NoReturn:
        """Take back whatever a failed creation may have left, and say so."""
        told = f"batch {subject.label!r}: {reason}"
        clean = Subject(subject.urn, subject.work.afresh(300.0))
        try:
            left = members.by_marker(run, clean.work, inputs["name"], Marker.of(subject.urn, "batch", {}))
            members.remove(run, clean, left, {**record, "lost": 1})
        except (*REFUSALS, TooLateError, CancelledError) as error:
            raise RefusedError(
                f"{told}. Rolling back failed too ({error}); the next `up` takes care of what is left"
            ) from None
        raise RefusedError(f"{told}. Rolled back: no member is left; the next `up` creates the batch afresh")

    def _imported(self, run: Run, subject: Subject) -> tuple[str, Properties, Properties] | None:
        found = members.by_reservation(run, subject.work, subject.ident)
        if not found:
            return None
        first = found[0]
        nics = run.nics.there(first["id"], subject.work)
        inputs = {
            "name": members.BASE.sub("", first["name"].rsplit("-", 1)[0]) if len(found) > 1 else first["name"],
            "flavorRef": first["flavor"].get("id"),
            "imageRef": first["image"]["id"] if isinstance(first.get("image"), dict) else None,
            "availability_zone": first.get("OS-EXT-AZ:availability_zone"),
            "key_name": first.get("key_name"),
            "metadata": {key: value for key, value in (first.get("metadata") or {}).items() if key != KEY},
            "networks": [{"uuid": one["net_id"]} for one in nics if address(one)],
            "min_count": len(found),
            "max_count": len(found),
            "on_failure": "rollback",
            "deletion_protection": False,
            "consent": [],
        }
        stated = {key: value for key, value in inputs.items() if value not in (None, {})}
        record = {"reservation_ids": [subject.ident], "lost": 0}
        return subject.ident, _outputs(stated, record, found), stated


def same_inputs(had: Properties) -> Properties:
    """The inputs that are echoed in the outputs."""
    return {key: value for key, value in had.items() if key not in COMPUTED}


def _outputs(inputs: Properties, record: Properties, there: list[Json]) -> Properties:
    shown = [members.shown(one) for one in sorted(there, key=members.age)]
    active = sum(one["status"] != "ERROR" for one in shown)
    return {
        **same_inputs(inputs),
        "reservation_ids": list(record.get("reservation_ids") or []),
        "lost": record.get("lost") or 0,
        "members": shown,
        "active": active,
        "shortfall": max(0, inputs["max_count"] - active),
    }


def _ident(record: Properties, subject: Subject) -> str:
    known = record["reservation_ids"]
    return str(known[0]) if known else f"batch-{Marker.of(subject.urn, 'batch', {}).owner[:12]}"


def _short(there: int, inputs: Properties, why: str) -> str:
    return f"{there} of {inputs['max_count']} members are there (at least {inputs['min_count']} are needed): {why}. The next `up` tops up"


def _counts(found: Difference, label: str, had: Properties, wanted: Properties) -> None:
    """Tell members that are missing or broken, which the next run makes, and those that go."""
    most = wanted.get("max_count")
    active = had.get("active")
    if not isinstance(most, int) or not isinstance(active, int):
        return
    if active < most or any(one["status"] == "ERROR" for one in had.get("members") or []):
        found.effects["members"] = Effect.IN_PLACE
        found.lines.append(f"members: {active} of {most} are up; {most - active} more by one request")
    if active > most:
        named = wanted.get("remove") or []
        names = [one["name"] for one in had.get("members") or []]
        unknown = [one for one in named if one not in names and all(one != member["id"] for member in had["members"])]
        if unknown:
            found.refused.append(
                f"{label!r}: remove names {', '.join(unknown)}, which is no member ({', '.join(names)})"
            )
        first = [
            one for one in names if one in named or any(m["id"] in named for m in had["members"] if m["name"] == one)
        ]
        going = [*first, *[one for one in reversed(names) if one not in first]][: active - most]
        found.lines.append(f"members: {', '.join(going)} will be DELETED")
        if had.get("deletion_protection") and "replace" not in (wanted.get("consent") or []):
            found.refused.append(
                f"{label!r} is protected (deletion_protection), and {active - most} members would be deleted. If that is meant, add "
                "`consent: [replace]` to it in the stack's settings, and take it out again afterwards"
            )
