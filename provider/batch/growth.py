"""More members: one request, waited for as a whole, taken back where too few of them come up."""

from __future__ import annotations

from dataclasses import dataclass, field

from provider.batch import members
from provider.context import Run, Subject
from provider.failure import CloudError, LostError, NoAnswerError, TooLateError
from provider.marker import Marker
from provider.properties import Properties
from provider.requests import Json
from provider.server.request import create_body, made_with, version_for


class ShortError(Exception):
    """Fewer members than the least came up; none of the request is left."""


class KeptError(Exception):
    """Fewer members than the least came up; all stay for a look."""


@dataclass
class Growth:
    """One request for more members. `record` is what is known of the batch: its name and reservations."""

    run: Run
    subject: Subject
    inputs: Properties
    record: Properties
    new: list[Json] = field(default_factory=list)
    """The members that came up."""
    why_less: str = ""
    """Why fewer came up than were asked for."""

    @property
    def marker(self) -> Marker:
        """Whose the members are, and by which request of the batch."""
        return Marker.of(self.subject.urn, "batch", [made_with(same(self.inputs)), self.inputs["name"], self.number])

    @property
    def number(self) -> int:
        """How many requests the batch has had."""
        return len(self.record["reservation_ids"]) + int(self.record.get("lost") or 0)

    def ask(self, least: int, most: int) -> None:
        """Send the request and wait for all; raises `ShortError` where fewer than `least` come up, after they are taken back."""
        name = self.inputs["name"] if not self.number else f"{self.inputs['name']}-r{self.number + 1}"
        wanted = {**self.inputs, "name": name, "min_count": least, "max_count": most}
        marker = self.marker
        body = create_body(wanted, marker)
        made = self.run.requests.post(
            "compute", "/servers", body, self.subject.work, lambda: self._lost(marker), version=version_for(self.inputs)
        )
        self.wait_for(str(made.get("reservation_id") or ""), marker, least, most)

    def wait_for(self, reservation: str, marker: Marker, least: int, most: int) -> None:
        """Wait until no member of a request is being built any more."""
        if reservation:
            self.record["reservation_ids"].append(reservation)
        else:
            self.record["lost"] = int(self.record.get("lost") or 0) + 1
        found: list[Json] = []
        late = ""
        try:
            while True:
                self.subject.work.wait(f"{len(found) or most} members are being built")
                found = self._of(reservation, marker)
                if found and not any(one["status"] == "BUILD" for one in found):
                    break
        except TooLateError as error:
            late = str(error)
        self.settle(found, least, late)

    def settle(self, found: list[Json], least: int, late: str = "") -> None:
        """Keep the members that came up and delete the others; with fewer than `least`, delete all."""
        self.new = [one for one in found if one["status"] not in {"ERROR", "BUILD"}]
        broken = [one for one in found if one["status"] in {"ERROR", "BUILD"}]
        if broken:
            reasons = [members.faults([one for one in broken if one["status"] == "ERROR"]), late]
            self.why_less = "; ".join(one for one in reasons if one)
        clean = Subject(self.subject.urn, self.subject.work.afresh(300.0), self.subject.ident)
        if len(self.new) < least:
            came = len(self.new)
            if self.inputs.get("on_failure") == "keep":
                self.new = found
                raise KeptError(
                    f"{came} of at least {least} members came up: {self.why_less or 'the cloud made no more'}"
                )
            members.remove(self.run, clean, found, self.record)
            self.new = []
            raise ShortError(
                f"{came} of at least {least} members came up: {self.why_less or late or 'the cloud made no more'}"
            )
        members.remove(self.run, clean, broken, self.record)

    def _of(self, reservation: str, marker: Marker) -> list[Json]:
        if reservation:
            return members.by_reservation(self.run, self.subject.work, reservation)
        found = members.by_marker(self.run, self.subject.work, self.inputs["name"], marker)
        return [one for one in found if marker.made(one)]

    def _lost(self, marker: Marker) -> Json | None:
        """Whether a request whose answer was lost made its members; looked for twice, since a list may be a moment late."""
        for attempt in range(2):
            if attempt:
                self.subject.work.pause(self.subject.work.poll)
            found = members.by_marker(self.run, self.subject.work, self.inputs["name"], marker)
            if any(marker.made(one) for one in found):
                return {"reservation_id": ""}
        return None


def same(inputs: Properties) -> Properties:
    """What all requests of a batch have in common."""
    return {key: value for key, value in inputs.items() if key not in {"min_count", "max_count"}}


REFUSALS = (CloudError, NoAnswerError, LostError, ShortError)
