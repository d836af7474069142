"""From the engine's events to a review: verdicts, effects, findings, and the proof that the pack ran."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gate.assembly import Run, review
from gate.places import Places
from gate.reading import Reading
from gate.review import Answer, Effect, Review, Verdict
from gate.values import Scrub
from tests.gate.events import after, judged, judged_whole, step, summary, told, violation


def reviewed(*events: dict[str, Any], **more: Any) -> Review:
    reading = Reading()
    for one in events:
        reading.event(one)
    places = Places(lambda path: ("stacks/Pulumi.dev.yaml", len(path)), Path("nowhere"), Path())
    run = {"kind": "gate", "project": "ecs-stacks", "stack": "dev", "places": places, "code": 0, **more}
    return review(reading, Run(**run))


CREATED = (step("create", "web", after={"name": "web"}), judged("web"), judged_whole(), summary())


@pytest.mark.parametrize(
    ("ops", "effect"),
    [
        (("same",), Effect.SAME),
        (("create",), Effect.CREATE),
        (("update",), Effect.CHANGE),
        (("delete",), Effect.DELETE),
        (("create-replacement", "replace", "delete-replaced"), Effect.REPLACE),
        (("delete-replaced", "replace", "create-replacement"), Effect.REPLACE),
        (("delete", "create"), Effect.REPLACE),
        (("read",), Effect.READ),
        (("import",), Effect.CHANGE),
        (("import-replacement",), Effect.REPLACE),
        (("discard",), Effect.DELETE),
        (("remove-pending-replace",), Effect.DELETE),
    ],
)
def test_what_the_engine_does_to_a_resource_is_one_effect(ops: tuple[str, ...], effect: Effect) -> None:
    made = reviewed(*[step(op, "web", {"name": "web"}, {"name": "web"}, ident="1") for op in ops])
    assert [one.effect for one in made.changes] == [effect]


def test_a_replacement_is_told_in_parts_and_known_as_a_whole() -> None:
    parts = (
        step("delete-replaced", "web", {"size": 1}, ident="1"),
        step("create-replacement", "web", after={"size": 2}),
    )
    for events in (parts, parts[::-1]):
        (change,) = reviewed(*events).changes
        assert [(one.path, one.before, one.after) for one in change.properties] == [("size", "1", "2")]


def test_what_is_only_for_who_debugs_is_not_told() -> None:
    passing = told("error", "still trying")
    passing["diagnosticEvent"]["ephemeral"] = True
    reading = Reading()
    for one in (passing, told("debug", "stacks/x.yaml: is read"), told("warning", "stays")):
        reading.event(one)
    assert [one.text for one in reading.told] == ["stays"]


@pytest.mark.parametrize(
    ("line", "effect"),
    [
        ("flavor_ref: in place, with a reboot: resized and confirmed; disks and addresses stay", Effect.REBOOT),
        (
            "boot.image_ref with on_image_change=rebuild: rebuild (wipes the system disk): id and addresses stay",
            Effect.REBUILD,
        ),
        ("metadata: in place: keys are set and removed", Effect.CHANGE),
        ("metadata: a name of somebody's, in place, with a reboot", Effect.CHANGE),
    ],
)
def test_a_reboot_and_a_rebuild_are_told_from_a_change(line: str, effect: Effect) -> None:
    made = reviewed(step("update", "web", {"a": 1}, {"a": 2}), told("info", line, "web"))
    assert [(one.effect, one.says) for one in made.changes] == [(effect, (line,))]


def test_that_a_disk_is_lost_by_a_change_in_place_is_known() -> None:
    lost = reviewed(
        step("update", "web", {"a": 1}, {"a": 2}),
        told("info", "disks[0]: detached, and is DELETED with its data", "web"),
    )
    kept = reviewed(
        step("update", "web", {"a": 1}, {"a": 2}), told("info", "disks[0]: detached, and is kept in the cloud", "web")
    )
    assert [one.destroys for one in (*lost.changes, *kept.changes)] == [True, False]


class TestTheProof:
    """A run in which the pack did not judge everything is a failure, whatever else it says."""

    def test_a_whole_run_passes(self) -> None:
        made = reviewed(*CREATED)
        assert (made.verdict, made.exit_code) == (Verdict.PASSED, 0)
        assert (made.coverage.resources, made.coverage.judged, made.coverage.whole_stack) == (1, 1, True)

    @pytest.mark.parametrize(
        "events",
        [
            (step("create", "web", after={}), judged_whole(), summary()),
            (step("create", "web", after={}), judged("web", pack="another"), judged_whole(), summary()),
            (step("create", "web", after={}), judged("web"), summary()),
            (step("create", "web", after={}), judged("web"), judged_whole("another"), summary()),
            (step("create", "web", after={}), step("create", "db", after={}), judged("web"), judged_whole(), summary()),
            (step("delete", "web", {}, ident="1"), judged_whole(), summary()),
            (summary(),),
            (),
        ],
    )
    def test_any_gap_is_a_failure(self, events: tuple[dict[str, Any], ...]) -> None:
        made = reviewed(*events)
        assert (made.verdict, made.exit_code) == (Verdict.FAILED, 1)
        assert made.findings[0].blocks

    def test_what_is_deleted_need_not_be_judged(self) -> None:
        assert reviewed(step("delete", "old", {}, ident="1"), *CREATED).verdict is Verdict.PASSED


class TestVerdicts:
    """Which of several answers decides."""

    REFUSAL = violation("ECS-303", "networks[0].fixed_ip: is alone. Name it. [ECS-303, Table 6, fixed_ip]", "web")
    OPEN = violation("undetermined", "name: undetermined until apply. [ECS-101, Table 3, name]", "web", "advisory")

    def test_a_mandatory_violation_refuses(self) -> None:
        made = reviewed(*CREATED[:-1], self.REFUSAL, told("error", "preview failed\n"), summary("failed"), code=1)
        assert (made.verdict, made.exit_code) == (Verdict.REFUSED, 5)
        (finding,) = [one for one in made.findings if one.blocks]
        assert (finding.rule, finding.resource) == ("ECS-303", "web")
        assert finding.text.startswith("networks[0].fixed_ip: is alone.")

    def test_an_advisory_one_does_not(self) -> None:
        advisory = violation("ECS-211", "disk: stays. [ECS-211, Table 4, x]", "web", "advisory")
        made = reviewed(*CREATED, advisory)
        assert made.verdict is Verdict.PASSED
        assert [(one.rule, one.failed, one.level) for one in made.rules if one.failed] == [("ECS-211", 1, "advisory")]

    def test_undetermined_counts_only_when_strict(self) -> None:
        assert reviewed(*CREATED, self.OPEN).exit_code == 0
        made = reviewed(*CREATED, self.OPEN, strict=True)
        assert (made.verdict, made.exit_code) == (Verdict.UNDETERMINED, 6)
        assert [(one.rule, one.undetermined) for one in made.rules if one.undetermined] == [("ECS-101", 1)]

    @pytest.mark.parametrize("levels", [{"undetermined": "disabled"}, {"all": "disabled", "undetermined": "advisory"}])
    def test_what_the_levels_keep_from_being_said_is_undetermined(self, levels: dict[str, str]) -> None:
        made = reviewed(*CREATED, levels=levels)
        assert made.exit_code == 0
        (finding,) = made.said_by(Answer.UNDETERMINED)
        assert "is disabled for this stack" in finding.text
        assert reviewed(*CREATED, levels=levels, strict=True).exit_code == 6

    def test_a_refusal_is_told_before_undetermined_and_changes(self) -> None:
        made = reviewed(*CREATED, self.OPEN, self.REFUSAL, strict=True, expect_no_changes=True)
        assert made.exit_code == 5

    def test_changes_that_were_not_expected(self) -> None:
        assert reviewed(*CREATED, expect_no_changes=True).exit_code == 7

    def test_what_the_engine_says_as_it_fails_is_an_error(self) -> None:
        made = reviewed(
            told("error", "the plugin is broken"), told("error", "preview failed"), summary("failed"), code=255
        )
        assert (made.verdict, made.exit_code) == (Verdict.FAILED, 1)
        assert [one.text for one in made.findings if one.blocks] == ["the plugin is broken"]
        alone = reviewed(told("error", "preview failed"), summary("failed"), code=255)
        assert [one.text for one in alone.findings if one.blocks] == ["preview failed"]

    def test_an_engine_that_dies_without_a_word_is_told_by_what_it_wrote(self) -> None:
        made = reviewed(code=255, errors="error: no stack named dev", scrub=Scrub(["nothing"]))
        assert made.exit_code == 1
        assert any("no stack named dev" in one.text for one in made.findings)

    def test_a_mistake_with_its_restriction_refuses_and_one_without_fails(self) -> None:
        with_one = told(
            "error",
            "stacks/Pulumi.dev.yaml:7: ecs-stacks:servers.web.name: is long. Cut it. [ECS-101, Table 3, name]\n",
        )
        without = told(
            "error", "stacks/Pulumi.dev.yaml:9: ecs-stacks:servers.web.nmae: is not a known key. Correct it.\n"
        )
        assert reviewed(with_one, summary("failed"), code=1).exit_code == 5
        assert reviewed(without, summary("failed"), code=1).exit_code == 1
        both = reviewed(with_one, without, summary("failed"), code=1)
        assert both.exit_code == 5
        assert sorted(str(one.place) for one in both.findings) == [
            "stacks/Pulumi.dev.yaml:7",
            "stacks/Pulumi.dev.yaml:9",
        ]


@pytest.mark.parametrize(
    ("levels", "level", "passed"),
    [
        ({}, "mandatory", 1),
        ({"ECS-303": "disabled"}, "disabled", 0),
        ({"all": "disabled"}, "disabled", 0),
        ({"all": "disabled", "ECS-303": "advisory"}, "advisory", 1),
    ],
)
def test_a_rule_that_is_switched_off_is_told_as_such(levels: dict[str, str], level: str, passed: int) -> None:
    made = reviewed(*CREATED, levels=levels)
    (rule,) = [one for one in made.rules if one.rule == "ECS-303"]
    assert (rule.level, rule.passed) == (level, passed)


def test_an_exemption_is_listed_and_counted() -> None:
    text = "exempted: ECS-211 on web-*: kept for the migration, approved by j.doe, until 2026-12-31 (2 resources)"
    made = reviewed(*CREATED, violation("exempted", text, level="advisory"))
    (finding,) = made.said_by(Answer.EXEMPTED)
    assert not finding.blocks
    assert finding.text.startswith("ECS-211 on web-*")
    assert [one.rule for one in made.rules if one.exempted] == ["ECS-211"]


def test_a_look_at_the_cloud_says_what_it_found_and_needs_no_pack() -> None:
    found = (
        step("refresh", "web", {"a": 1}, {"a": 1}, ident="1"),
        after("update", "web", {"a": 1}, {"a": 2}, ident="1"),
        step("refresh", "db", {"a": 1}, {"a": 1}, ident="2"),
        after("delete", "db", {"a": 1}, ident="2"),
        step("refresh", "lan", {"a": 1}, {"a": 1}, ident="3"),
        after("same", "lan", {"a": 1}, {"a": 1}, ident="3"),
        summary(),
    )
    made = reviewed(*found, kind="drift", code=7, expect_no_changes=True)
    assert (made.verdict, made.exit_code) == (Verdict.CHANGED, 7)
    assert {one.name: one.effect for one in made.changed()} == {"web": Effect.CHANGE, "db": Effect.DELETE}
    quiet = reviewed(*found[4:], kind="drift", expect_no_changes=True)
    assert quiet.exit_code == 0


def test_the_same_finding_has_the_same_fingerprint_and_another_has_not() -> None:
    def prints(text: str, name: str = "web") -> str:
        return reviewed(*CREATED, violation("ECS-303", text, name)).findings[0].fingerprint

    assert prints("a: has 3 disks 'x'") == prints("a: has 4 disks 'y'")
    assert len({prints("a: is alone"), prints("b: is alone"), prints("a: is alone", "db")}) == 3
