"""The report for lists of tests, held against the schema that Jenkins reads such files with."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import xmlschema
from hypothesis import given, settings

from gate.reports.junit import render
from gate.review import Answer, Coverage, Review, Verdict
from tests.gate import extremes, reviews
from tests.gate.hostile import TEXTS

SCHEMA = xmlschema.XMLSchema(Path(__file__).parent / "schemas/junit-10.xsd")


def suite(review: Review) -> ET.Element:
    text = render(review)
    SCHEMA.validate(text)
    (only,) = ET.fromstring(text)  # noqa: S314 - it was written here
    return only


def cases(review: Review) -> dict[str, ET.Element]:
    """Return the cases by the first word of their name, or by all of it where it is no policy's."""
    found = {}
    for one in suite(review).iter("testcase"):
        name = one.get("name", "")
        found[name.split(" ")[0] if name[:3] in ("ECS", "und", "exe") else name] = one
    return found


def ends(review: Review) -> dict[str, str]:
    """Return how each case ended."""
    kinds = ("error", "failure", "skipped")
    return {
        name: next((kind for kind in kinds if one.find(kind) is not None), "passed")
        for name, one in cases(review).items()
    }


def test_it_fits_the_schema_and_counts_what_is_in_it(any_review: Review) -> None:
    made = suite(any_review)
    found = list(made.iter("testcase"))
    for kind, attribute in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        assert made.get(attribute) == str(sum(one.find(kind) is not None for one in found))
    assert made.get("tests") == str(len(found))
    assert made.get("name") == "ecs-stacks/dev"


def test_the_schema_is_one_that_refuses() -> None:
    assert not SCHEMA.is_valid(render(reviews.refused()).replace("<testcase name=", "<testcase title=", 1))


def test_each_policy_is_a_case_that_ends_as_it_answered() -> None:
    assert ends(reviews.refused()) == {
        "ECS-105": "failure",
        "ECS-110": "passed",
        "ECS-211": "passed",
        "ECS-303": "failure",
        "ECS-502": "skipped",
        "undetermined": "skipped",
        "exemptions": "passed",
        "every resource was judged": "passed",
        "the run came to an end as expected": "passed",
    }


def test_a_failure_says_where_and_what() -> None:
    (failure,) = cases(reviews.refused())["ECS-105"].iter("failure")
    assert (failure.text or "").startswith("stacks/Pulumi.dev.yaml:47: web-2: config_drive: is not supported")
    assert failure.get("message") == failure.text


def test_a_skipped_case_says_what_could_not_be_decided() -> None:
    (skipped,) = cases(reviews.refused())["undetermined"].iter("skipped")
    assert "known at creation only" in (skipped.get("message") or "")


def test_what_only_warns_is_told_in_a_case_that_passed() -> None:
    out = cases(reviews.refused())["ECS-211"].findtext("system-out") or ""
    assert "outlives its server" in out
    assert "exempted: " in (cases(reviews.refused())["ECS-110"].findtext("system-out") or "")


def test_what_strict_does_not_allow_is_no_skipped_case() -> None:
    """Else the list of tests would be green where the gate ends with 6."""
    one = reviews.finding("undetermined", "not known", Answer.UNDETERMINED)
    strict = reviews.review(verdict=Verdict.UNDETERMINED, findings=(one,), strict=True)
    assert ends(strict)["undetermined"] == "failure"
    assert ends(strict.model_copy(update={"strict": False}))["undetermined"] == "skipped"


def test_an_error_of_the_engine_is_an_error() -> None:
    found = cases(reviews.failed())
    assert ends(reviews.failed())["the run came to an end as expected"] == "error"
    (error,) = found["the run came to an end as expected"].iter("error")
    assert "server group 'spread' is not defined" in (error.text or "")
    (failure,) = found["every resource was judged"].iter("failure")
    assert reviews.urn("web-2") in (failure.text or "")


def test_a_run_that_failed_without_a_finding_is_an_error_too() -> None:
    failed = reviews.review(verdict=Verdict.FAILED, findings=())
    assert ends(failed)["the run came to an end as expected"] == "error"


def test_a_preview_without_the_pack_is_not_green() -> None:
    bare = reviews.review(verdict=Verdict.PASSED, findings=(), rules=(), coverage=Coverage(resources=3))
    assert ends(bare) == {"every resource was judged": "skipped", "the run came to an end as expected": "passed"}


def test_a_preview_whose_rules_about_the_whole_stack_did_not_run_is_not_green() -> None:
    part = reviews.COVERAGE.model_copy(update={"whole_stack": False})
    assert ends(reviews.review(coverage=part))["every resource was judged"] == "skipped"


def test_a_policy_that_was_never_asked_did_not_pass() -> None:
    silent = (reviews.rule("ECS-101", "The name has 1 to 255 characters."), reviews.rule("ECS-105", "No.", failed=1))
    refused = (reviews.finding("ECS-105", "no", blocks=True),)
    early = reviews.review(
        changes=(), rules=silent, findings=refused, coverage=Coverage(pack="p", resources=1, judged=1)
    )
    assert ends(early)["ECS-101"] == "skipped"
    assert ends(early)["ECS-105"] == "failure"
    assert ends(early.model_copy(update={"coverage": reviews.COVERAGE}))["ECS-101"] == "passed"


def test_a_drift_is_a_failure_that_lists_what_differs() -> None:
    assert ends(reviews.drifted()) == {"the run came to an end as expected": "failure"}
    (failure,) = suite(reviews.drifted()).iter("failure")
    assert "Server old-1: gone from the cloud" in (failure.text or "")


def test_a_finding_of_a_rule_that_did_not_answer_is_a_case_of_its_own() -> None:
    one = reviews.finding("ECS-105", "no", blocks=True)
    assert ends(reviews.review(rules=(), findings=(one,)))["ECS-105"] == "failure"


def test_a_case_with_thousands_of_findings_stays_small() -> None:
    (failure,) = cases(extremes.many(5000))["ECS-303"].iter("failure")
    assert (failure.text or "").endswith("and 2,300 more")
    assert len(render(extremes.many(5000))) < 200_000


@pytest.mark.parametrize("made", ["2026-11-26T04:00:00Z", "2026-11-26T04:00:00+00:00", "2026-11-26T04:00:00.123456Z"])
def test_the_time_is_in_the_form_that_readers_take(made: str) -> None:
    assert suite(reviews.review(made=made)).get("timestamp") == "2026-11-26T04:00:00"


@settings(max_examples=30)
@given(TEXTS)
def test_it_is_junit_whatever_things_are_called(name: str) -> None:
    assert len(suite(extremes.named(name))) == len(suite(extremes.named("x")))
