"""Exemptions: what a file may say, every mistake at once, what applies to what, and what was needed."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from components.restrictions import catalogue
from policy.exemptions import FILE, Exemption, Exemptions, load

TODAY = date(2026, 11, 25)
WRITE_A_DATE = "Write the last day as year-month-day, such as 2026-12-31."
TYPE = "ecs:index:Server$openstack:compute/instance:Instance"
GOOD: dict[str, Any] = {
    "rule": "ECS-211",
    "resource": "web-*",
    "stacks": ["dev", "staging-*"],
    "reason": "kept for the migration",
    "approver": "j.doe",
    "expires": "2026-12-31",
}


def urn(name: str, kind: str = TYPE, stack: str = "dev") -> str:
    return f"urn:pulumi:{stack}::ecs-stacks::{kind}::{name}"


def exemption(**changes: Any) -> Exemption:
    fields = {**GOOD, "stacks": tuple(GOOD["stacks"]), "expires": date.fromisoformat(GOOD["expires"])}
    return Exemption(**{**fields, **changes})


def loaded(tmp_path: Path, text: str | bytes) -> Exemptions:
    file = tmp_path / "exemptions.yaml"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return load(file, TODAY)


def file_of(*entries: Any) -> str:
    return yaml.safe_dump({"exemptions": list(entries)}, sort_keys=False)


def mistakes(tmp_path: Path, text: str | bytes) -> list[str]:
    found = loaded(tmp_path, text)
    assert found.entries == ()
    return [mistake.removeprefix(f"{tmp_path / 'exemptions.yaml'}:") for mistake in found.mistakes]


def test_an_entry_is_read(tmp_path: Path) -> None:
    found = loaded(tmp_path, "# who\nexemptions:\n  - " + file_of(GOOD).split("- ", 1)[1].replace("\n  ", "\n    "))
    assert (found.mistakes, found.entries) == ((), (exemption(),))
    assert found.entries[0].place == f"{tmp_path / 'exemptions.yaml'}:3"
    assert str(found.entries[0]) == "ECS-211 on web-*: kept for the migration, approved by j.doe, until 2026-12-31"


def test_the_file_that_is_shipped_exempts_nothing_and_teaches_a_form_that_works(tmp_path: Path) -> None:
    shipped = load(FILE, TODAY)
    assert (shipped.entries, shipped.mistakes, shipped.source) == ((), (), "policy/exemptions.yaml")
    lines = FILE.read_text(encoding="utf-8").splitlines()
    taught = [line.removeprefix("#   ") for line in lines if line.startswith("#   ")]
    assert loaded(tmp_path, "\n".join(taught)).entries == (exemption(),)


@pytest.mark.parametrize(
    "text", ["", "\n", "# nothing\n", "exemptions:\n", "exemptions: []\n", "exemptions: [ ] # none\n", "---\n"]
)
def test_nothing_is_no_mistake(tmp_path: Path, text: str) -> None:
    found = loaded(tmp_path, text)
    assert (found.entries, found.mistakes) == ((), ())


def test_no_file_is_no_exemption(tmp_path: Path) -> None:
    found = load(tmp_path / "none.yaml", TODAY)
    assert (found.entries, found.mistakes) == ((), ())


def test_every_mistake_is_told_at_once_with_its_line(tmp_path: Path) -> None:
    text = (
        "exemptions:\n"
        "  - rule: ECS-2111\n"
        "    resource: ''\n"
        "    stacks: dev\n"
        "    reason: because\n"
        "    aprover: j.doe\n"
        "    expires: 2027-11-26\n"
        "  - rule: ECS-302\n"
        "    resource: web\n"
        "    stacks: []\n"
        "    reason: the port comes later\n"
        "    approver: j.doe\n"
        "    expires: 2026-02-30\n"
        "exceptions: []\n"
    )
    assert mistakes(tmp_path, text) == [
        "2: exemptions[0].rule: names no restriction of the catalogue: 'ECS-2111'. Did you mean ECS-211?",
        "2: exemptions[0].approver: is missing. Add it.",
        "3: exemptions[0].resource: is empty. Fill it in.",
        "4: exemptions[0].stacks: is not a list. Write the stacks' names as a list, such as [dev].",
        "5: exemptions[0].reason: has 7 characters. Say in 10 or more why the finding is accepted.",
        "6: exemptions[0].aprover: is not a known key. Did you mean `approver`?",
        "7: exemptions[0].expires: is more than a year ahead: 2027-11-26. Give 2027-11-25 or earlier, and renew it then.",
        "8: exemptions[1].rule: names ECS-302, which the cloud itself refuses. Remove the entry, and mend the resource.",
        "10: exemptions[1].stacks: is an empty list. Write the stacks' names as a list, such as [dev].",
        f"13: exemptions[1].expires: is no day of the calendar: 2026-02-30. {WRITE_A_DATE}",
        "14: exceptions: is not a known key. Did you mean `exemptions`?",
    ]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"rule": "211"}, "names no restriction of the catalogue: '211'. `ecs restrictions` lists them."),
        ({"rule": "ecs-211"}, "Did you mean ECS-211?"),
        ({"rule": "ECS-119"}, "names ECS-119, which no rule refuses. Remove the entry."),
        ({"rule": "ECS-602"}, "names ECS-602, which no rule refuses. Remove the entry."),
        ({"rule": ["ECS-211"]}, "rule: is not text"),
        ({"expires": "31.12.2026"}, "expires: is not a date."),
        ({"expires": "2026-12-31T00:00:00Z"}, "expires: is not a date."),
        ({"expires": ""}, "expires: is not a date."),
        ({"expires": "20261231"}, "expires: is not a date."),
        ({"stacks": [["dev"]]}, "stacks[0]: is not text"),
        ({"stacks": ["dev", " "]}, "stacks[1]: is empty."),
        ({"reason": "a       b"}, "reason: has 9 characters."),
        ({"ticket": "X-1"}, "ticket: is not a known key. The keys are: rule, resource, stacks,"),
        ({"\x1b[31m": "x"}, "exemptions[0]. [31m: is not a known key."),
    ],
)
def test_a_mistake(tmp_path: Path, change: dict[str, Any], says: str) -> None:
    (told,) = mistakes(tmp_path, file_of(GOOD | change))
    assert says in told
    assert told.isprintable()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("exemptions: [\n", "2: is not YAML: "),
        ("exemptions:\n\t- rule\n", "2: is not YAML: found character '\\t' that cannot start any token."),
        ("exemptions: 3\n", "1: exemptions: is not a list."),
        ("- rule: ECS-211\n", "1: is not a map with the key `exemptions`."),
        ("just text\n", "1: is not a map with the key `exemptions`."),
        (
            "exemptions: [ECS-211]\n",
            "1: exemptions[0]: is not an entry. Write its keys: rule, resource, stacks, reason,",
        ),
        ("a: &a [1]\nexemptions: *a\n", "2: uses an alias (*). Write the entry out."),
        ("exemptions: []\nexemptions: []\n", "2: exemptions: is there twice. Keep one of them."),
        ("? [a]\n: 1\n", "1: has a key that is not text."),
        ("a: 1\n---\nb: 2\n", "2: is not YAML: but found another document."),
        ("exemptions: " + "[" * 3_000 + "]" * 3_000, "is nested too deeply."),
        (b"exemptions: [\xff]", " byte 14 is not UTF-8. Save it as UTF-8."),
        ("exemptions: ['\x00']", "is not YAML: special characters are not allowed."),
    ],
)
def test_what_is_no_file_of_exemptions(tmp_path: Path, text: str | bytes, says: str) -> None:
    assert any(says in told for told in mistakes(tmp_path, text))


def test_a_folder_in_its_place_is_told(tmp_path: Path) -> None:
    assert load(tmp_path, TODAY).mistakes == (f"{tmp_path}: cannot be read: Is a directory. Make it readable.",)


def test_the_same_twice_is_told(tmp_path: Path) -> None:
    again = GOOD | {"stacks": ["staging-*", "dev"], "reason": "another reason"}
    (told,) = mistakes(tmp_path, file_of(GOOD, GOOD | {"resource": "db", "stacks": ["dev"]}, again))
    assert "exemptions[2]: is about the same rule, resource and stacks as exemptions[0]. Keep one of them." in told


def test_one_mistake_and_nothing_is_exempted(tmp_path: Path) -> None:
    found = loaded(tmp_path, file_of(GOOD, GOOD | {"rule": "ECS-000"}))
    assert found.covering("ECS-211", urn("web-1"), "dev", TODAY) is None
    assert len(found.mistakes) == 1


@pytest.mark.parametrize("today", [date(2027, 2, 28), date(2028, 2, 29)])
def test_a_year_ahead_is_the_most(tmp_path: Path, today: date) -> None:
    file = tmp_path / "exemptions.yaml"
    last = date(today.year + 1, 2, 28)
    for day, wrong in ((last, 0), (last + timedelta(1), 1)):
        file.write_text(file_of(GOOD | {"expires": day.isoformat()}), encoding="utf-8")
        assert len(load(file, today).mistakes) == wrong


def test_what_has_expired_is_no_mistake_of_the_file(tmp_path: Path) -> None:
    found = loaded(tmp_path, file_of(GOOD | {"expires": "2020-01-01"}))
    assert (found.mistakes, len(found.expired(TODAY))) == ((), 1)


@pytest.mark.parametrize(
    ("pattern", "resource", "covered"),
    [
        ("web-*", urn("web-1"), True),
        ("web-*", urn("Web-1"), False),
        ("web-*", urn("api-web-1"), False),
        ("web-[12]", urn("web-2"), True),
        ("Instance::web-*", urn("web-1"), True),
        ("openstack:compute/instance:Instance::web-1", urn("web-1"), True),
        ("openstack:*::web-1", urn("web-1"), True),
        ("Server::web-*", urn("web-1"), False),
        ("Server::*", urn("web-1", "ecs:index:Server"), True),
        ("Volume::web-*", urn("web-1"), False),
        ("*::web-1", urn("web-1"), True),
        ("Instance::a::b", urn("a::b"), True),
        ("Instance::web-*", "web-1", False),
        ("web-*", "web-1", True),
        ("web-*", "", False),
    ],
)
def test_which_resource(pattern: str, resource: str, covered: bool) -> None:
    found = Exemptions([exemption(resource=pattern)])
    assert (found.covering("ECS-211", resource, "dev", TODAY) is not None) == covered


@pytest.mark.parametrize(("stack", "covered"), [("dev", True), ("staging-2", True), ("devel", False), ("prod", False)])
def test_which_stack(stack: str, covered: bool) -> None:
    found = Exemptions([exemption()])
    assert (found.covering("ECS-211", urn("web-1", stack=stack), stack, TODAY) is not None) == covered


def test_another_rule_is_not_covered() -> None:
    assert Exemptions([exemption()]).covering("ECS-110", urn("web-1"), "dev", TODAY) is None


def test_the_last_day_counts_and_the_next_does_not() -> None:
    found = Exemptions([exemption()])
    assert found.covering("ECS-211", urn("web-1"), "dev", date(2026, 12, 31)) is not None
    assert found.covering("ECS-211", urn("web-1"), "dev", date(2027, 1, 1)) is None
    assert (found.expired(date(2026, 12, 31)), len(found.expired(date(2027, 1, 1)))) == ((), 1)
    assert found.expired(date(2027, 1, 1), "prod") == ()


def test_what_was_needed_is_counted_and_the_rest_is_told() -> None:
    first, second, other = exemption(place="f:2"), exemption(rule="ECS-110", place="f:8"), exemption(stacks=("prod",))
    old = exemption(expires=date(2026, 1, 1), resource="db", place="f:20")
    found = Exemptions([first, second, other, old])
    for name in ("web-1", "web-2", "web-2"):
        assert found.covering("ECS-211", urn(name), "dev", TODAY) is first
    assert found.used() == {first: 2}
    assert found.unused("dev", TODAY) == (second,)
    assert found.unused("dev") == (second, old)
    run = found.run("dev", TODAY)
    assert run.covers("ECS-211", urn("web-3"))
    assert not run.covers("ECS-211", urn("db"))
    assert run.listed() == [f"{first} (3 resources)"]
    assert run.told() == [
        ("exemptions", f"f:20: has expired, so it applies no more ({old}). Renew or remove it."),
        ("exemptions", f"f:8: stack 'dev' did not need it ({second}). Remove it, or narrow `stacks`."),
    ]


@pytest.mark.parametrize(
    ("stacks", "stack", "holds", "told"),
    [
        (("prod",), "prod.a", True, False),
        (("prod*",), "prod.a", True, False),
        (("prod.a",), "prod.a", True, True),
        (("prod.b",), "prod.a", False, False),
        (("prod.a",), "prod", False, False),
        (("prod",), "production", False, False),
        (("prod",), "prod", True, True),
    ],
)
def test_what_holds_in_an_environment_holds_in_its_cells_and_need_not_be_needed_in_each(
    stacks: tuple[str, ...], stack: str, holds: bool, told: bool
) -> None:
    one = exemption(stacks=stacks)
    assert Exemptions([one]).unused(stack, TODAY) == ((one,) if told else ())
    assert (Exemptions([one]).covering("ECS-211", urn("web-1"), stack, TODAY) is not None) == holds


def test_the_mistakes_of_the_file_are_told_in_every_run(tmp_path: Path) -> None:
    found = loaded(tmp_path, file_of(GOOD | {"approver": ""}))
    assert found.run("dev", TODAY).told() == [("exemptions", mistake) for mistake in found.mistakes]


def test_nothing_is_imported_for_a_file_that_lists_nothing() -> None:
    program = (
        "import sys; from policy.exemptions import load; found = load(); assert not found.mistakes;"
        "print(*sorted({'pydantic', 'difflib', 'yaml'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert ran.stdout.strip() == ""


NAMES = st.text("ab-*?[]!:", min_size=1, max_size=8)
DAYS = st.dates(date(2026, 1, 1), date(2027, 11, 25))


@given(pattern=NAMES, name=NAMES, stack=NAMES, stacks=st.lists(NAMES, min_size=1, max_size=3), expires=DAYS, today=DAYS)
def test_it_covers_what_the_patterns_and_the_date_say(
    *, pattern: str, name: str, stack: str, stacks: list[str], expires: date, today: date
) -> None:
    found = Exemptions([exemption(resource=pattern, stacks=tuple(stacks), expires=expires)])
    kind, separator, rest = pattern.partition("::")
    types = ("openstack:compute/instance:Instance", "Instance")
    fits = (
        fnmatchcase(name, rest) and any(fnmatchcase(one, kind) for one in types)
        if separator
        else fnmatchcase(name, pattern)
    )
    expected = fits and any(fnmatchcase(stack, one) for one in stacks) and today <= expires
    assert (found.covering("ECS-211", urn(name), stack, today) is not None) == expected
    assert bool(found.used()) == expected


WORDS = st.text(st.characters(min_codepoint=33, max_codepoint=0x24F, exclude_characters="\x7f"), min_size=1).filter(
    lambda text: text.isprintable() and text.strip() == text
)
ENTRIES = st.fixed_dictionaries(
    {
        "rule": st.sampled_from([row.id for row in catalogue().values() if row.exemptable]),
        "resource": WORDS,
        "stacks": st.lists(WORDS, min_size=1, max_size=3),
        "reason": st.text("reason .", min_size=10, max_size=40).filter(lambda text: len(text.strip()) >= 10),
        "approver": WORDS,
        "expires": DAYS.map(date.isoformat),
    }
)


@given(entry=ENTRIES)
def test_whatever_is_right_is_read_as_it_is_written(
    entry: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> None:
    found = loaded(tmp_path_factory.getbasetemp(), yaml.safe_dump({"exemptions": [entry]}, allow_unicode=True))
    assert found.mistakes == ()
    (read,) = found.entries
    assert (read.rule, read.resource, list(read.stacks)) == (entry["rule"], entry["resource"], entry["stacks"])
    assert (read.reason, read.approver) == (entry["reason"].strip(), entry["approver"])
    assert (read.expires.isoformat(), str(read).count("\n")) == (entry["expires"], 0)


ANYTHING = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=12), st.sampled_from([*GOOD, *catalogue()])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from([*GOOD, "exemptions", "x"]), inner, max_size=6)
    ),
    max_leaves=12,
)


@given(value=ANYTHING)
def test_any_yaml_is_read_or_told(value: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    found = loaded(tmp_path_factory.getbasetemp(), yaml.safe_dump({"exemptions": value}))
    assert not (found.entries and found.mistakes)
    assert all(mistake.isprintable() for mistake in found.mistakes)


@given(text=st.text() | st.binary())
def test_any_text_is_read_or_told(text: str | bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    found = loaded(tmp_path_factory.getbasetemp(), text if isinstance(text, bytes) else text.encode("utf-8", "replace"))
    assert found.entries == ()
    assert all(mistake.count("\n") == 0 for mistake in found.mistakes)
