"""The report for code hosts, held against the official schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import jsonschema
import pytest
from hypothesis import given, settings

from gate.reports import sarif
from gate.reports.sarif import render
from gate.review import Answer, Place, Review
from tests.gate import extremes, reviews
from tests.gate.hostile import TEXTS

OFFICIAL = json.loads((Path(__file__).parent / "schemas/sarif-2.1.0-rtm.5.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft4Validator(OFFICIAL)
Json = dict[str, Any]


def run(review: Review) -> Json:
    log = json.loads(render(review))
    assert [error.message for error in VALIDATOR.iter_errors(log)] == []
    (only,) = log["runs"]
    return dict(only)


def result(review: Review, rule: str) -> Json:
    (found,) = [one for one in run(review)["results"] if one["ruleId"] == rule]
    return dict(found)


def test_it_fits_the_official_schema(any_review: Review) -> None:
    assert len(run(any_review)["results"]) == len(any_review.findings)


def test_the_official_schema_is_one_that_refuses() -> None:
    log = json.loads(render(reviews.refused()))
    log["runs"][0]["results"][0]["level"] = "fatal"
    assert not VALIDATOR.is_valid(log)


@pytest.mark.parametrize(
    ("rule", "level"),
    [
        ("ECS-303", "error"),
        ("ECS-211", "warning"),
        ("undetermined", "warning"),
        ("ECS-110", "note"),
        ("exemptions", "note"),
    ],
)
def test_a_finding_has_the_level_of_what_it_does(rule: str, level: str) -> None:
    assert result(reviews.refused(), rule)["level"] == level


def test_what_refuses_is_an_error_even_where_it_is_undetermined() -> None:
    one = reviews.finding("undetermined", "not known", Answer.UNDETERMINED, blocks=True)
    assert result(reviews.review(findings=(one,)), "undetermined")["level"] == "error"


def test_a_result_points_at_the_line_of_the_yaml_and_at_its_resource() -> None:
    (location,) = result(reviews.refused(), "ECS-105")["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "stacks/Pulumi.dev.yaml", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 47},
    }
    assert location["logicalLocations"] == [
        {"name": "web-2", "fullyQualifiedName": reviews.urn("web-2"), "kind": "resource"}
    ]


def test_a_result_without_a_place_points_at_the_top_of_its_stack() -> None:
    """A code host drops a whole upload for one result without a location."""
    (location,) = result(reviews.refused(), "undetermined")["locations"]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == "stacks/Pulumi.dev.yaml"
    assert location["physicalLocation"]["region"] == {"startLine": 1}


def test_a_file_is_a_uri_that_is_relative_to_the_root() -> None:
    one = reviews.finding("ECS-303", "no", place=Place(file="stacks/c:a b#1%.yaml", line=2))
    (location,) = result(reviews.review(findings=(one,)), "ECS-303")["locations"]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == "stacks/c%3Aa%20b%231%25.yaml"


def test_each_policy_that_has_an_answer_is_a_rule() -> None:
    rules = {one["id"]: one for one in run(reviews.refused())["tool"]["driver"]["rules"]}
    assert list(rules) == [one.rule for one in reviews.RULES]
    assert rules["ECS-105"]["defaultConfiguration"] == {"enabled": True, "level": "error"}
    assert rules["ECS-211"]["defaultConfiguration"] == {"enabled": True, "level": "warning"}
    assert rules["ECS-502"]["defaultConfiguration"]["enabled"] is False
    assert rules["ECS-105"]["properties"]["place"] == "Table 3, config_drive"
    assert "This function is not supported." in rules["ECS-105"]["fullDescription"]["text"]
    assert "docs/restrictions.md#ecs-105" in rules["ECS-105"]["help"]["text"]


def test_each_result_names_a_rule_that_is_there(any_review: Review) -> None:
    made = run(any_review)
    rules = made["tool"]["driver"]["rules"]
    assert all(rules[one["ruleIndex"]]["id"] == one["ruleId"] for one in made["results"])
    assert len({one["id"] for one in rules}) == len(rules)


def test_a_restriction_that_the_arguments_refused_is_described_without_the_pack() -> None:
    made = run(reviews.review(rules=(), findings=(reviews.finding("ECS-105", "no", blocks=True),)))
    (rule,) = made["tool"]["driver"]["rules"]
    assert rule["shortDescription"]["text"] == "config_drive is not supported."


def test_an_error_without_a_rule_is_shown_too() -> None:
    made = run(reviews.failed())
    (found,) = made["results"]
    assert (found["ruleId"], found["level"]) == ("engine", "error")
    assert made["invocations"][0]["executionSuccessful"] is False
    assert made["invocations"][0]["exitCode"] == 1


def test_a_refusal_is_a_run_that_worked() -> None:
    (invocation,) = run(reviews.refused())["invocations"]
    assert invocation["executionSuccessful"] is True
    assert invocation["exitCode"] == 5


def test_an_exempted_finding_is_suppressed_with_its_reason() -> None:
    (suppression,) = result(reviews.refused(), "ECS-110")["suppressions"]
    assert (suppression["kind"], suppression["status"]) == ("external", "accepted")
    assert "j.doe" in suppression["justification"]
    others = [one for one in run(reviews.refused())["results"] if one["ruleId"] != "ECS-110"]
    assert not any("suppressions" in one for one in others)


def test_uploads_of_two_stacks_do_not_replace_one_another() -> None:
    ids = [
        run(one)["automationDetails"]["id"]
        for one in (reviews.refused(), reviews.drifted(), reviews.review(stack="prod"))
    ]
    assert ids == ["ecs-gate/dev/", "ecs-drift/dev/", "ecs-gate/prod/"]


def test_a_finding_is_known_again_by_its_mark_and_not_by_its_words_or_line() -> None:
    before = reviews.finding("ECS-303", "fixed_ip 10.0.0.1 is wrong")
    after = before.model_copy(update={"text": "fixed_ip 10.0.0.2 is wrong", "place": Place(file="f.yaml", line=99)})
    marks = [result(reviews.review(findings=(one,)), "ECS-303")["partialFingerprints"] for one in (before, after)]
    assert marks[0] == marks[1]


@pytest.mark.parametrize("fingerprint", ["", "the-same"])
def test_two_findings_never_have_one_mark(fingerprint: str) -> None:
    both = tuple(
        reviews.finding("ECS-208", text).model_copy(update={"fingerprint": fingerprint}) for text in ("a", "b")
    )
    marks = {
        one["partialFingerprints"]["primaryLocationLineHash"] for one in run(reviews.review(findings=both))["results"]
    }
    assert len(marks) == 2


def test_of_more_findings_than_a_code_host_shows_the_hardest_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sarif.MOST == 5000
    monkeypatch.setattr(sarif, "MOST", 50)
    made = run(extremes.many(70))
    assert len(made["results"]) == 50
    assert [one["level"] for one in made["results"]] == ["error"] * 35 + ["warning"] * 15
    (told,) = made["invocations"][0]["toolExecutionNotifications"]
    assert told["message"]["text"].startswith("20 findings more")


@settings(max_examples=30)
@given(TEXTS)
def test_it_is_sarif_whatever_things_are_called(name: str) -> None:
    made = run(extremes.named(name))
    for one in made["results"]:
        uri = one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert (urlsplit(uri).scheme, urlsplit(uri).netloc) == ("", "")
        assert unquote(uri) == name.lstrip("/")
        assert one["message"]["text"]
