from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.rules.no_auto_terminate import RULE, mistake
from policy.testing import (
    UNKNOWN,
    Case,
    body,
    fails,
    instance,
    judge,
    passes,
    undetermined,
)

CASES = [
    passes("none", body()),
    passes("a raw instance cannot say it", instance()),
    fails("a time", body(auto_terminate_time="2020-09-25T12:05:00Z"), "server.auto_terminate_time"),
    undetermined("not known yet", body(auto_terminate_time=UNKNOWN), "server.auto_terminate_time"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_no_auto_terminate(case: Case) -> None:
    judge(RULE, case)


NOW = datetime(2026, 11, 25, 12, 0, 0, tzinfo=UTC)
WRITE = "Write it in UTC as yyyy-MM-ddTHH:mm:ssZ, such as 2030-09-25T12:05:00Z"
FORM = ("is not a time in the form yyyy-MM-ddTHH:mm:ssZ", WRITE)
SOON = ("is less than half an hour ahead", "Give 2026-11-25T12:30:00Z or later")
LATE = ("is more than 3 years ahead", "Give 2029-11-25T12:00:00Z or earlier")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-11-25T12:30:00Z", None),
        ("2026-11-25T12:30:59Z", None),
        ("2026-11-25T12:29:59Z", SOON),
        ("2020-09-25T12:05:00Z", SOON),
        ("2029-11-25T12:00:00Z", None),
        ("2029-11-25T12:00:30Z", None),
        ("2029-11-25T12:01:00Z", LATE),
        ("9999-12-31T23:59:59Z", LATE),
        ("2027-02-29T00:00:00Z", ("is no time of the calendar", WRITE)),
        ("2027-01-01T24:00:00Z", ("is no time of the calendar", WRITE)),
        ("0000-01-01T00:00:00Z", ("is no time of the calendar", WRITE)),
        ("2027-01-01T00:00:00", FORM),
        ("2027-01-01T00:00:00+00:00", FORM),
        ("2027-01-01 00:00:00Z", FORM),
        ("2027-01-01T00:00Z", FORM),
        ("2027-01-01T00:00:00z", FORM),
        ("2027-01-01T00:00:00Z\n", FORM),
        ("٢٠٢٧-01-01T00:00:00Z", FORM),
        (20270101, FORM),
        (True, FORM),
        ("", FORM),
    ],
)
def test_a_time_where_the_cloud_supports_one(value: object, expected: tuple[str, str] | None) -> None:
    assert mistake(value, NOW) == expected


@pytest.mark.parametrize(
    ("now", "value", "expected"),
    [
        pytest.param(
            NOW + timedelta(seconds=30), "2026-11-25T12:30:59Z", "Give 2026-11-25T12:31:00Z or later", id="in a minute"
        ),
        pytest.param(
            datetime(2028, 2, 29, 8, tzinfo=UTC),
            "2031-03-01T00:00:00Z",
            "Give 2031-02-28T08:00:00Z or earlier",
            id="leap",
        ),
        pytest.param(
            NOW.astimezone(timezone(timedelta(hours=8))), "2026-11-25T12:29:00Z", SOON[1], id="another time zone"
        ),
    ],
)
def test_the_fix_is_a_time_that_is_good(now: datetime, value: str, expected: str) -> None:
    found = mistake(value, now)
    assert found is not None
    assert found[1] == expected
    assert mistake(found[1].split()[1], now) is None


@given(
    later=st.timedeltas(timedelta(0), timedelta(days=400)),
    ahead=st.timedeltas(timedelta(0), timedelta(hours=1)) | st.timedeltas(timedelta(days=1_095), timedelta(days=1_097)),
)
def test_a_time_is_good_exactly_between_half_an_hour_and_three_years(later: timedelta, ahead: timedelta) -> None:
    now = NOW + later
    value = now + ahead
    latest = now.replace(year=now.year + 3)
    found = mistake(value.strftime("%Y-%m-%dT%H:%M:%SZ"), now)
    assert (found is None) == (now + timedelta(minutes=30) <= value.replace(second=0, microsecond=0) <= latest)
