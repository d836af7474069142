"""The harness fails where a rule does: on a finding that is missing, on one on top, on a wrong path."""

from __future__ import annotations

import pytest

from policy.rule import Finding, Rule
from policy.testing import body, fails, judge, passes, undetermined
from policy.view import Request


def two(request: Request) -> list[Finding]:
    return [Finding("server.name", "is wrong"), Finding("server.flavorRef", "is wrong")]


RULE = Rule("ECS-101", check=two, fix="Mend it")


def test_it_accepts_exactly_what_the_rule_says() -> None:
    judge(RULE, fails("both", body(), "server.flavorRef", "server.name"))


@pytest.mark.parametrize(
    ("case", "complaint"),
    [
        (passes("nothing foreseen", body()), r"extra \[\('fail', 'server.flavorRef'\), \('fail', 'server.name'\)\]"),
        (fails("one foreseen", body(), "server.name"), r"missing \[\], extra \[\('fail', 'server.flavorRef'\)\]"),
        (fails("three", body(), "server.name", "server.flavorRef", "x"), r"missing \[\('fail', 'x'\)\], extra \[\]"),
        (fails("twice", body(), "server.name", "server.name", "server.flavorRef"), r"missing \[\], extra \[\]"),
        (undetermined("not a failure", body(), "server.name"), r"missing \[\('undetermined', 'server.name'\)\]"),
    ],
    ids=str,
)
def test_it_complains_of_everything_else(case: object, complaint: str) -> None:
    with pytest.raises(AssertionError, match=complaint):
        judge(RULE, case)  # type: ignore[arg-type]


@pytest.mark.parametrize("build", [fails, undetermined])
def test_a_case_that_foresees_nothing_is_refused(build: object) -> None:
    with pytest.raises(ValueError, match="at least one path"):
        build("empty", body())  # type: ignore[operator]
