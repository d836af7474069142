"""How values are shown: no secret, no sentinel, and every difference at its own path."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.values import LATER, LONGEST, SECRET, UNKNOWNS, Scrub, differences, masked, shown

PLANTED = "planted-1234"
MARKED = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "[secret]"}
"""How the engine's events write a secret inside a map."""

SECRET_NAMES = (
    "adminPass",
    "admin_pass",
    "userData",
    "user_data",
    "user_data_base64",
    "personality",
    "dbPassword",
    "api_token",
)

names = st.sampled_from(["name", "flavorRef", "metadata", "networks", "disks", "size", "role"])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


def plant(inner: Any, name: str) -> Any:
    return {"server": {"metadata": {name: PLANTED}, "disks": [{name: [PLANTED]}], "other": inner}}


@given(values, st.sampled_from(SECRET_NAMES))
def test_what_is_a_secret_by_its_name_is_shown_nowhere(inner: Any, name: str) -> None:
    found = [
        *differences({}, plant(inner, name)),
        *differences(plant(inner, name), {}),
        *differences(plant(inner, name), plant(1, "x")),
    ]
    assert PLANTED not in "".join(f"{one.before} {one.after}" for one in found if one.path.split(".")[-1] != "x")
    assert PLANTED not in json.dumps(masked(plant(inner, name)))


@given(values, values)
def test_equal_values_do_not_differ_and_others_do(one: Any, other: Any) -> None:
    assert list(differences({"a": one}, {"a": one})) == []
    if one != other and (one is not None or other is not None):
        assert list(differences({"a": one}, {"a": other}))


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ({"a": 1}, {"a": 2}, [("a", "change", "1", "2")]),
        ({}, {"a": "x"}, [("a", "add", None, "x")]),
        ({"a": "x"}, {}, [("a", "remove", "x", None)]),
        ({"d": [{"size": 1}, {"size": 2}]}, {"d": [{"size": 1}, {"size": 3}]}, [("d[1].size", "change", "2", "3")]),
        ({"d": [1]}, {"d": [1, 2]}, [("d", "change", "[1]", "[1, 2]")]),
        ({"a": "x", "__defaults": []}, {"a": "x"}, []),
        ({"a": SECRET}, {"a": "what it is now"}, [("a", "change", SECRET, SECRET)]),
        ({"a": {"b": MARKED}}, {"a": {"b": "what it is now"}}, [("a.b", "change", SECRET, SECRET)]),
        ({"a": {}}, {"a": {"b": MARKED}}, [("a.b", "add", None, SECRET)]),
        ({}, {"a": {"b": MARKED}}, [("a", "add", None, '{"b": "[secret]"}')]),
    ],
)
def test_each_difference_has_its_path(before: Any, after: Any, found: list[tuple[Any, ...]]) -> None:
    assert [(one.path, one.kind, one.before, one.after) for one in differences(before, after)] == found


@pytest.mark.parametrize("sentinel", sorted(UNKNOWNS))
def test_what_is_not_known_yet_says_so(sentinel: str) -> None:
    assert shown(sentinel, "networks[0].uuid") == LATER
    assert sentinel not in str(shown([{"uuid": sentinel}], "networks"))


def test_a_long_value_is_cut() -> None:
    assert len(str(shown("x" * 1000, "name"))) == LONGEST


def test_known_secrets_are_taken_out_of_a_text_also_as_base64() -> None:
    scrub = Scrub([PLANTED, "short"])
    text = f"a {PLANTED} b {base64.b64encode(PLANTED.encode()).decode()} c short"
    assert scrub(text) == f"a {SECRET} b {SECRET} c short"


def test_the_engines_words_about_a_violated_plan_are_cut() -> None:
    said = "resource urn:x violates plan: properties changed: ++adminPass[{&{{alphaSECRET}}}!={&{{betaSECRET}}}], ~~name[{a}!={b}]"
    told = Scrub()(said)
    assert "alphaSECRET" not in told
    assert "betaSECRET" not in told
    assert told.startswith("resource urn:x violates plan: properties changed")
