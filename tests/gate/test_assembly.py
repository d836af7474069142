"""What decides a verdict where the run itself went wrong, and what is counted: each case that a reviewer could be told wrongly."""

from __future__ import annotations

from typing import Any

import pytest

from gate.review import Answer, Effect, Verdict
from gate.values import Scrub
from tests.gate.events import after, judged, judged_whole, step, summary, told, urn, violation
from tests.gate.test_reading import CREATED, reviewed

ADVISORY = violation("ECS-211", "disk: stays. [ECS-211, Table 4, x]", "web", "advisory")
REFUSAL = violation("ECS-303", "networks[0].fixed_ip: is alone. [ECS-303, Table 6, fixed_ip]", "web")


def inside(event: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An event of a resource with something else in it."""
    for side in ("old", "new"):
        if event["resourcePreEvent"]["metadata"][side] is not None:
            event["resourcePreEvent"]["metadata"][side].update(more)
    return event


def test_a_run_that_failed_is_a_failure_whatever_a_rule_only_advised() -> None:
    made = reviewed(*CREATED[:-1], ADVISORY, summary("failed"), code=255, errors="error: the state cannot be read")
    assert (made.verdict, made.exit_code) == (Verdict.FAILED, 1)
    assert "the state cannot be read" in made.findings[0].text


def test_an_error_beside_a_refusal_is_told_as_one() -> None:
    made = reviewed(*CREATED[:-1], REFUSAL, told("error", "the plugin is broken"), summary("failed"), code=255)
    assert (made.verdict, made.exit_code) == (Verdict.FAILED, 1)
    assert {one.rule for one in made.findings if one.blocks} == {"ECS-303", ""}


def test_the_code_for_changes_alone_does_not_make_a_drift() -> None:
    assert reviewed(kind="drift", code=7, expect_no_changes=True).verdict is Verdict.FAILED
    found = (after("update", "web", {"a": 1}, {"a": 2}, ident="1"), summary("failed"))
    made = reviewed(*found, kind="drift", code=7)
    assert (made.verdict, made.exit_code) == (Verdict.CHANGED, 7)
    assert made.changes[0].says == ()


def test_a_failed_change_is_told_by_its_own_error_and_not_by_what_the_pack_did_not_see() -> None:
    error = told("error", "the cloud refuses the server", "web")
    made = reviewed(step("create", "web", after={}), error, summary("failed"), kind="apply", code=255)
    assert [one.text for one in made.findings if one.blocks] == ["the cloud refuses the server"]
    gone = reviewed(step("delete", "web", {}, ident="1"), summary(), kind="destroy")
    assert (gone.exit_code, gone.rules, gone.coverage.resources) == (0, (), 0)
    assert reviewed(step("same", "web", {}, {}), summary(), kind="destroy").coverage.missing == ()


def test_an_empty_state_has_nothing_to_be_judged() -> None:
    assert reviewed(summary(), kind="audit").exit_code == 0


def test_components_and_providers_are_no_change_of_the_cloud() -> None:
    component = inside(step("create", "web", after={}), custom=False)
    provider = step("update", "ours", {"cloud": "a"}, {"cloud": "b"}, type_="pulumi:providers:ecs", ident="1")
    assert reviewed(component, provider).changes == ()


def test_only_what_a_provider_says_without_alarm_is_its_word_on_a_change() -> None:
    line = "flavor_ref: in place, with a reboot: resized"
    made = reviewed(step("update", "web", {"a": 1}, {"a": 2}), told("warning", line, "web"))
    assert [(one.effect, one.says) for one in made.changes] == [(Effect.CHANGE, ())]


@pytest.mark.parametrize("kind", ["gate", "audit", "apply"])
def test_each_server_counts_once_and_only_where_the_rule_passed(kind: str) -> None:
    """A component and what it makes are one server; one that is undetermined, refused or switched off did not pass."""
    two = [(step("create", name, after={}), judged(name)) for name in ("web", "db", "job")]
    instance = "openstack:compute/instance:Instance"
    child = inside(step("create", "web", after={}, type_=instance), parent=urn("web"))
    own = judged("web")
    own["policyAnalyzeSummaryEvent"]["resourceUrn"] = urn("web", instance)
    open_ = violation("undetermined", "name: undetermined until apply. [ECS-303, Table 3, name]", "db", "advisory")
    events = [*(one for pair in two for one in pair), child, own, REFUSAL, open_, judged_whole(), summary()]
    rules = {one.rule: one for one in reviewed(*events, kind=kind).rules}
    assert (rules["ECS-303"].passed, rules["ECS-303"].failed, rules["ECS-303"].undetermined) == (1, 1, 1)
    assert rules["ECS-105"].passed == 3
    assert rules["ECS-122"].passed == 1, "a rule about the whole stack is asked once"


def test_what_the_engine_says_is_switched_off_is_told_as_such() -> None:
    made = reviewed(CREATED[0], judged("web", disabled=["ECS-303"]), *CREATED[2:])
    (rule,) = [one for one in made.rules if one.rule == "ECS-303"]
    assert (rule.level, rule.passed) == ("disabled", 0)


def test_another_pack_speaks_for_itself() -> None:
    other = violation("exempted", "names: are odd", "web", pack="another")
    noted = violation("exemptions", "policy/exemptions.yaml:3: has expired", level="advisory")
    made = reviewed(*CREATED, other, noted, code=255)
    assert [(one.rule, one.answer, one.blocks) for one in made.findings] == [
        ("exempted", Answer.FAILED, True), ("exemptions", Answer.NOTED, False),
    ]  # fmt: skip
    assert made.exit_code == 5


class TestFindings:
    """What was said, as findings."""

    def test_those_that_block_come_first_and_each_is_told_once(self) -> None:
        made = reviewed(*CREATED[:-1], ADVISORY, REFUSAL, REFUSAL, summary("failed"), code=255)
        assert [(one.rule, one.blocks) for one in made.findings] == [("ECS-303", True), ("ECS-211", False)]

    def test_an_exemption_never_blocks(self) -> None:
        text = "exempted: ECS-211 on web-*: kept for the migration"
        assert reviewed(*CREATED, violation("exempted", text, level="mandatory")).exit_code == 0

    def test_a_warning_is_noted(self) -> None:
        made = reviewed(*CREATED, told("warning", "a setting is old"), told("info", "it runs"))
        assert [(one.text, one.answer, one.blocks) for one in made.findings] == [
            ("a setting is old", Answer.NOTED, False)
        ]

    def test_another_pack_leaves_no_rule_of_ours_undetermined(self) -> None:
        said = violation("undetermined", "name: who knows. [ECS-303, Table 6]", "web", "advisory", pack="another")
        assert [one.rule for one in reviewed(*CREATED, said).rules if one.undetermined] == []

    def test_a_mistake_in_a_file_without_a_line_is_told_at_its_beginning(self) -> None:
        made = reviewed(told("error", "stacks/base.yaml: states nothing. State at least `config:`.\n"), code=255)
        assert [str(one.place) for one in made.findings if one.blocks] == ["stacks/base.yaml:1"]

    @pytest.mark.parametrize(
        "said",
        [
            violation("ECS-211", "disk: planted-1234 stays. [ECS-211, Table 4, x]", "web", "advisory"),
            violation("exempted", "exempted: ECS-211 on planted-1234: kept for the migration", level="advisory"),
            told("error", "the cloud does not like planted-1234", "web"),
            told("error", "stacks/Pulumi.dev.yaml:7: ecs-stacks:servers.web.name: 'planted-1234' is long. Cut it.\n"),
            told("info", "metadata: in place: planted-1234", "web"),
        ],
    )
    def test_a_known_secret_is_in_none(self, said: dict[str, Any]) -> None:
        made = reviewed(*CREATED, said, code=255, errors="error: planted-1234", scrub=Scrub(["planted-1234"]))
        assert "planted-1234" not in made.model_dump_json()
        assert "[secret]" in made.model_dump_json()
