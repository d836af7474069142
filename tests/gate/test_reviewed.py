"""What makes a reviewed plan void, and what does not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.assembly import Run, review
from gate.places import Places
from gate.reading import Reading
from gate.reviewed import Plan, done, fingerprint, otherwise, outdated, plan
from tests.gate.events import judged_whole, step, summary, violation

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
FILES = {"stacks/__main__.py": "1", "stacks/Pulumi.dev.yaml": "2"}
VERSIONS = {"pulumi": "3.253.0"}
WHERE = {"state": "s3://states", "cloud": "https://keystone.example.com RegionOne demo"}
DAY = timedelta(days=1)


def read(*events: dict[str, Any]) -> tuple[Reading, Any]:
    reading = Reading()
    for one in (*events, judged_whole(), summary()):
        reading.event(one)
    places = Places(lambda _: ("stacks/Pulumi.dev.yaml", 1), Path("nowhere"), Path())
    run = Run("gate", "ecs-stacks", "dev", places, 0, versions=VERSIONS)
    return reading, review(reading, run)


def saved(*events: dict[str, Any]) -> Plan:
    return plan(*read(*events), FILES, WHERE, DAY)


def differs(made: Plan, *events: dict[str, Any]) -> list[str]:
    return otherwise(made, *read(*events))


CREATE = step("create", "web", after={"name": "web", "networks": [{"uuid": UNKNOWN}]})
CHANGE = step("update", "db", {"flavorRef": "s"}, {"flavorRef": "m"}, ident="7")
GO = step("delete", "old", {"name": "old"}, ident="8")
STAY = step("same", "lan", {"cidr": "10"}, {"cidr": "10"}, ident="9")
REPLACE = step("replace", "key", {"key": "a"}, {"key": "b"}, ident="10")
ALL = (CREATE, CHANGE, GO, STAY, REPLACE)


def test_the_same_again_is_no_difference() -> None:
    assert differs(saved(*ALL), *ALL) == []


@given(st.sets(st.sampled_from(range(len(ALL)))))
def test_what_is_left_of_it_is_no_difference(left: set[int]) -> None:
    made = saved(*ALL)
    assert differs(made, *[ALL[number] for number in sorted(left)]) == []
    reading, _ = read(*[ALL[number] for number in sorted(left)])
    assert len(done(made, reading)) == 4 - len(left - {3})


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (step("create", "more", after={}), "Server more: create, which was not reviewed"),
        (step("delete", "lan", {"cidr": "10"}, ident="9"), "Server lan: delete, which was not reviewed"),
        (step("replace", "db", {"flavorRef": "s"}, {"flavorRef": "m"}, ident="7"), "replace, and change was reviewed"),
        (step("delete", "db", {"flavorRef": "s"}, ident="7"), "delete, and change was reviewed"),
        (
            step("replace", "web", {}, {"name": "web", "networks": [{"uuid": UNKNOWN}]}, ident="9"),
            "replace, and create was reviewed",
        ),
        (
            step("update", "db", {"flavorRef": "s"}, {"flavorRef": "l"}, ident="7"),
            "Server db: flavorRef: not what was reviewed",
        ),
        (
            step("create", "web", after={"name": "web", "networks": [{"uuid": "1"}, {"uuid": "2"}]}),
            "Server web: networks: not what was reviewed",
        ),
        (step("create", "web", after={"name": "web"}), "Server web: networks: not what was reviewed"),
    ],
)
def test_anything_else_is(now: dict[str, Any], said: str) -> None:
    found = differs(saved(*ALL), now)
    assert len(found) == 1
    assert said in found[0]


def test_what_was_not_known_at_the_review_may_be_anything_by_now() -> None:
    known = step("create", "web", after={"name": "web", "networks": [{"uuid": "11111111-aaaa"}]})
    assert differs(saved(*ALL), known) == []


def test_what_was_known_must_not_become_unknown() -> None:
    vague = step("update", "db", {"flavorRef": "s"}, {"flavorRef": UNKNOWN}, ident="7")
    assert differs(saved(*ALL), vague)


def test_what_came_out_broken_since_the_review_is_made_again() -> None:
    again = step("replace", "web", {"name": "web"}, {"name": "web", "networks": [{"uuid": "1"}]}, ident="made since")
    assert differs(saved(*ALL), again) == []


def test_what_a_killed_apply_has_begun_is_gone_on_with() -> None:
    inputs = {"name": "web", "networks": [{"uuid": "1"}]}
    begun = step("update", "web", inputs, inputs, ident="made since")
    assert differs(saved(*ALL), begun) == []
    other = step("update", "web", inputs, {**inputs, "name": "another"}, ident="made since")
    assert len(differs(saved(*ALL), other)) == 1
    assert len(differs(saved(*ALL), step("update", "web", inputs, inputs, ident="9"))) == 1


def test_what_a_replacement_has_left_is_part_of_it() -> None:
    assert differs(saved(*ALL), step("create", "key", after={"key": "b"})) == []


def test_a_rule_that_says_more_than_it_did_is_a_difference_and_one_that_says_less_is_none() -> None:
    said = violation("ECS-211", "disk: stays. [ECS-211, Table 4, x]", "web", "advisory")
    assert len(differs(saved(*ALL), *ALL, said)) == 1
    assert differs(saved(*ALL, said), *ALL) == []
    assert differs(saved(*ALL, said), *ALL, said) == []


def test_the_plan_holds_no_secret() -> None:
    made = saved(
        step(
            "create",
            "web",
            after={"adminPass": "planted-1", "metadata": {"admin_pass": "planted-2"}, "user_data": "planted-3"},
        )
    )
    assert "planted" not in made.model_dump_json()


def test_a_secret_is_no_difference() -> None:
    event = step("create", "web", after={"adminPass": "planted-1", "metadata": {"role": "web"}})
    assert differs(saved(event), event) == []


def test_of_a_replacement_the_deletion_may_be_what_is_left() -> None:
    assert differs(saved(*ALL), step("delete", "key", {"key": "a"}, ident="10")) == []


def test_what_is_deleted_without_an_id_was_to_be_reviewed_too() -> None:
    assert differs(saved(*ALL), step("delete", "more", {"name": "more"})) != []


def test_a_component_and_an_exemption_are_no_difference() -> None:
    component = step("create", "group", after={})
    component["resourcePreEvent"]["metadata"]["new"]["custom"] = False
    exempted = violation("exempted", "exempted: ECS-211 on web-*: kept for the migration", level="advisory")
    assert differs(saved(*ALL), *ALL, component, exempted) == []


class TestOutdated:
    """What can be said without the engine."""

    NOW = datetime.now(UTC)

    def said(
        self, files: dict[str, str] = FILES, versions: dict[str, str] = VERSIONS, now: datetime | None = None,
        where: dict[str, str] = WHERE,
    ) -> list[str]:  # fmt: skip
        return outdated(saved(*ALL), files, versions, where, now or datetime.now(UTC))

    def test_a_fresh_one_is_not(self) -> None:
        assert self.said() == []

    def test_every_reason_is_told(self) -> None:
        files = {"stacks/__main__.py": "other", "policy/new.py": "3"}
        found = self.said(files, {"pulumi": "3.254.0"}, self.NOW + 2 * DAY)
        assert found[0].startswith("it was valid until ")
        assert found[1:] == [
            "stacks/__main__.py was changed since",
            "policy/new.py was added since",
            "stacks/Pulumi.dev.yaml is gone since",
            "pulumi is 3.254.0, and was 3.253.0",
        ]

    def test_it_is_valid_until_then_and_no_longer(self) -> None:
        made = saved(*ALL)
        until = made.valid_until
        assert outdated(made, FILES, VERSIONS, WHERE, until - timedelta(seconds=1)) == []
        assert len(outdated(made, FILES, VERSIONS, WHERE, until)) == 1

    def test_it_holds_for_one_state_and_one_cloud(self) -> None:
        assert self.said(where=WHERE | {"state": "s3://others"}) == [
            "it is of another state: of s3://states, and this is s3://others"
        ]
        assert self.said(where={"state": "s3://states", "cloud": ""}) == [
            f"it is of another cloud: of {WHERE['cloud']}, and this is none that is named"
        ]

    def test_a_plan_of_the_future_is_void(self) -> None:
        assert "one of the two clocks is wrong" in self.said(now=self.NOW - DAY)[0]


def test_the_fingerprint_is_of_program_policies_and_own_settings(tmp_path: Path) -> None:
    for name in ("stacks/__main__.py", "stacks/Pulumi.dev.yaml", "stacks/Pulumi.prod.yaml", "policy/rules/one.py", "policy/exemptions.yaml",
                 "policy/levels/dev.json", "policy/levels/prod.json", "stacks/first-boot.yaml", "stacks/files/setup.sh",
                 "stacks/.Pulumi.dev.yaml.new", "stacks/sandbox.passphrase",
                 "Pulumi.yaml", "docs/a.md", "policy/__pycache__/x.py"):  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name, encoding="utf-8")
    found = fingerprint(
        tmp_path, [tmp_path / "stacks" / "Pulumi.dev.yaml", tmp_path / "policy" / "levels" / "dev.json"]
    )
    assert set(found) == {
        "stacks/__main__.py", "stacks/Pulumi.dev.yaml", "policy/rules/one.py", "policy/exemptions.yaml", "policy/levels/dev.json",
        "Pulumi.yaml", "stacks/first-boot.yaml", "stacks/files/setup.sh",
    }  # fmt: skip
    (tmp_path / "policy" / "exemptions.yaml").write_text("other", encoding="utf-8")
    assert fingerprint(tmp_path, [])["policy/exemptions.yaml"] != found["policy/exemptions.yaml"]


def test_the_salt_that_the_engine_writes_decides_nothing(tmp_path: Path) -> None:
    file = tmp_path / "Pulumi.dev.yaml"
    found = []
    for salt in ("", "encryptionsalt: v1:abc\n", "encryptionsalt: v1:xyz\n"):
        file.write_text(f"config: {{}}\n{salt}", encoding="utf-8")
        found.append(fingerprint(tmp_path, [file]))
    assert found[0] == found[1] == found[2] != {}


def test_a_digest_changes_with_the_plan() -> None:
    made = saved(*ALL)
    assert made.digest() == made.model_copy().digest()
    assert made.digest() != made.model_copy(update={"strict": True}).digest()
    assert Plan.model_validate_json(made.model_dump_json()).digest() == made.digest()
