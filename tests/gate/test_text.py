"""The report for a terminal."""

from __future__ import annotations

import re

from hypothesis import given

from gate.reports.text import SHOWN, render
from gate.review import Review, Verdict
from tests.gate import extremes, reviews
from tests.gate.hostile import TEXTS


def lines(review: Review) -> list[str]:
    return render(review, colour=False).splitlines()


def order(text: str, *parts: str) -> bool:
    """Whether `parts` stand in `text` one after the other."""
    places = [text.find(part) for part in parts]
    return -1 not in places and places == sorted(places)


def test_the_verdict_is_the_first_line(any_review: Review) -> None:
    assert any_review.said in lines(any_review)[0]


def test_the_hardest_is_told_first_with_what_the_provider_says_and_each_property() -> None:
    text = render(reviews.refused(), colour=False)
    assert order(text, "- destroyed (2)", "Server old-1", "± replaced (1)", "Server db-1", "! rebuilt (1)", "app-1")
    assert order(
        text,
        "! rebuilt",
        "↻ changed with a reboot (1)",
        "Server web-1",
        "~ changed in place (1)",
        "Server web-2",
        "+ created (2)",
    )
    assert "flavor_ref: in place, with a reboot: resized and confirmed; disks and addresses stay" in text
    assert "~ flavorRef: s3.medium → s3.large" in text
    assert "+ metadata.role: web" in text
    assert "- metadata.owner: j.doe" in text
    assert "~ adminPass: [secret] → [secret]" in text


def test_what_refuses_comes_before_every_other_finding_and_has_its_line() -> None:
    text = render(reviews.refused(), colour=False)
    assert order(
        text, "Refused by (2)", "Warnings (1)", "Not decided yet (1)", "Let pass by an exemption (1)", "Notes (1)"
    )
    assert "✗ stacks/Pulumi.dev.yaml:47  web-2  ECS-105\n      config_drive: is not supported" in text


def test_a_place_is_told_once() -> None:
    (said,) = [line for line in lines(reviews.refused()) if "gives a fixed_ip" in line]
    assert said.strip().startswith("ecs-stacks:servers.web-1.networks[0]: gives")


def test_it_is_short_when_nothing_happens() -> None:
    assert len(lines(reviews.passed())) <= 8
    assert "What changes: nothing; 9 unchanged." in lines(reviews.passed())


def test_a_drift_is_told_in_the_words_of_a_drift() -> None:
    text = render(reviews.drifted(), colour=False)
    assert "- gone from the cloud (1)" in text
    assert "~ changed in the cloud (1)" in text
    assert "destroyed" not in text
    assert "deleted" not in text
    assert "nothing was judged" in text


def test_an_audit_has_no_changes() -> None:
    text = render(reviews.audited(), colour=False)
    assert "unchanged" not in text
    assert "What is there" not in text
    assert "Refused by (2)" in text


def test_a_run_that_failed_does_not_claim_that_nothing_changes() -> None:
    text = render(reviews.failed(), colour=False)
    assert "What changes: not known" in text
    assert "judged 1 of 3 resources" in text
    assert f"not judged: {reviews.urn('web-2')}" in text


def test_a_refusal_before_anything_is_registered_does_not_claim_it_either() -> None:
    early = reviews.review(changes=(), coverage=reviews.Coverage(pack="ecs-stacks 0.1.0", resources=1, judged=1))
    assert "What changes: not known" in render(early, colour=False)
    empty = early.model_copy(update={"coverage": reviews.COVERAGE})
    assert "What changes: nothing; no resources." in render(empty, colour=False)


def test_an_error_is_no_refusal() -> None:
    text = render(reviews.failed(), colour=False)
    assert "Errors (1)" in text
    assert "Refused" not in text


def test_a_preview_without_the_pack_says_so() -> None:
    bare = reviews.review(verdict=Verdict.PASSED, findings=(), coverage=reviews.Coverage(resources=3))
    assert "No policy pack ran, so nothing was judged." in render(bare, colour=False)


def test_all_that_refuses_is_told_and_what_else_is_long_is_counted() -> None:
    text = render(extremes.many(400), colour=False)
    assert text.count("✗ stacks") == 200
    assert text.count("• stacks") == SHOWN
    assert "and 170 more, which the other reports list" in text
    assert text.count("      Server server-") == 4 * SHOWN


def test_colours_are_there_only_if_asked_for(any_review: Review) -> None:
    plain, coloured = render(any_review, colour=False), render(any_review, colour=True)
    assert "\x1b" not in plain
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == plain


@given(TEXTS)
def test_no_name_moves_the_cursor_or_makes_a_line(name: str) -> None:
    text = render(extremes.named(name), colour=False)
    assert all(one.isprintable() or one == "\n" for one in text)
    assert len(text.splitlines()) == len(render(extremes.named("x"), colour=False).splitlines())
