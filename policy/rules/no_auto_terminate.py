"""auto_terminate_time is not supported yet; where a cloud supports it, it is a time that the cloud can keep."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from policy.rule import Finding, Rule
from policy.view import Request

SOONEST = timedelta(minutes=30)
YEARS = 3
_FORM = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_WRITE = "Write it in UTC as yyyy-MM-ddTHH:mm:ssZ, such as 2030-09-25T12:05:00Z"


def check(request: Request) -> Iterator[Finding]:
    """Refuse a time of automatic release; with the option `supported`, one that the cloud cannot keep."""
    server = request.server
    value = server.value("auto_terminate_time")
    if value is None:
        return
    path = server.path_of("auto_terminate_time")
    if request.options.get("ECS-107", {}).get("supported") is not True:
        yield Finding(path, "is not supported yet")
        return
    wrong = mistake(value, datetime.now(UTC))
    if wrong is not None:
        yield Finding(path, *wrong)


def mistake(value: object, now: datetime) -> tuple[str, str] | None:
    """Return what is wrong with a time of automatic release and its fix, where the cloud supports one; None for a good time.

    Seconds other than 00 count as those of the minute's beginning, since the cloud sets them to it, so that a time which is half an
    hour away only by its seconds is refused here and not there. `now` has a time zone.
    """
    if not isinstance(value, str) or not _FORM.fullmatch(value):
        return "is not a time in the form yyyy-MM-ddTHH:mm:ssZ", _WRITE
    try:
        stated = datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC, second=0)
    except ValueError:
        return "is no time of the calendar", _WRITE
    now = now.astimezone(UTC)
    if stated < now + SOONEST:
        return "is less than half an hour ahead", f"Give {_shown(_next_minute(now + SOONEST))} or later"
    latest = _years_later(now, YEARS)
    if stated > latest:
        return f"is more than {YEARS} years ahead", f"Give {_shown(latest)} or earlier"
    return None


def _next_minute(moment: datetime) -> datetime:
    full = moment.replace(second=0, microsecond=0)
    return full if full == moment else full + timedelta(minutes=1)


def _years_later(moment: datetime, years: int) -> datetime:
    try:
        return moment.replace(year=moment.year + years)
    except ValueError:
        return moment.replace(year=moment.year + years, day=28)


def _shown(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:00Z")


RULE = Rule(id="ECS-107", check=check, fix="Leave it out, and destroy the stack when its time has come")
