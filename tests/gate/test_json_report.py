"""The report for programs, and its published schema."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given

from gate.reports.json_report import render, schema, schema_text
from gate.review import Review
from tests.gate import extremes, reviews
from tests.gate.hostile import TEXTS

PUBLISHED = Path(__file__).parents[2] / "docs/review.schema.json"


def test_the_published_schema_is_fresh() -> None:
    assert PUBLISHED.read_text(encoding="utf-8") == schema_text(), "run `make schema`"


def test_it_is_the_whole_review_and_fits_its_schema(any_review: Review) -> None:
    text = render(any_review)
    assert Review.model_validate_json(text) == any_review
    jsonschema.Draft202012Validator(schema()).validate(json.loads(text))


def test_the_schema_itself_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("spoil", ["verdict", "changes", "format"])
def test_the_schema_wants_what_is_always_there(spoil: str) -> None:
    made = json.loads(render(reviews.refused()))
    del made[spoil]
    assert [error.validator for error in jsonschema.Draft202012Validator(schema()).iter_errors(made)] == ["required"]


def test_the_schema_knows_every_word() -> None:
    made = json.loads(render(reviews.refused()))
    made["changes"][0]["effect"] = "explode"
    made["more"] = 1
    found = {error.validator for error in jsonschema.Draft202012Validator(schema()).iter_errors(made)}
    assert found == {"enum", "additionalProperties"}


@given(TEXTS)
def test_every_text_comes_back_as_it_was(name: str) -> None:
    assert Review.model_validate_json(render(extremes.named(name))) == extremes.named(name)
