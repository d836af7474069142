"""What differs between two environments, and that writing it leaves no difference."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stacks.inheritance import merged
from stacks.promotion import NOTHING, Difference, differences, needed, put, secrets_in

SECURE = {"secure": "v1:abc"}
VALUES = st.recursive(
    st.integers(0, 3) | st.booleans() | st.lists(st.integers(0, 1), max_size=2),
    lambda inner: st.dictionaries(st.sampled_from(["a", "b", "c"]), inner, max_size=3),
)
THINGS = st.dictionaries(st.sampled_from(["web", "db", "x.y"]), VALUES, max_size=3)
SECTIONS = st.dictionaries(st.sampled_from(["networks", "servers"]), THINGS, max_size=2)


def shown(source: dict[str, Any], target: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one.change, one.path) for one in differences(source, target)]


@given(SECTIONS, SECTIONS, SECTIONS)
def test_what_is_written_leaves_no_difference(
    source: dict[str, Any], inherited: dict[str, Any], own: dict[str, Any]
) -> None:
    """Whatever is inherited and whatever the file said before, and a second time there is nothing to write."""
    before = merged(inherited, own)
    found = differences(source, before)
    written = copy.deepcopy(own)
    for one in found:
        put(written, inherited, one)
    assert differences(source, merged(inherited, written)) == []
    if not found:
        assert written == own


@given(SECTIONS, SECTIONS)
def test_what_is_not_chosen_stays_as_it_was(source: dict[str, Any], target: dict[str, Any]) -> None:
    found = differences(source, target)
    written = copy.deepcopy(target)
    for one in found[:1]:
        put(written, {}, one)
    assert differences(source, written) == found[1:]


@given(VALUES, VALUES)
def test_the_least_that_is_needed_makes_what_is_wanted(inherited: Any, wanted: Any) -> None:
    said = needed(inherited, wanted)
    whole = inherited if said is NOTHING else merged(inherited, said)
    assert json.dumps(whole, sort_keys=True) == json.dumps(wanted, sort_keys=True)
    assert (said is NOTHING) == (differences({"x": {"y": inherited}}, {"x": {"y": wanted}}) == [])


def test_maps_are_compared_key_by_key_and_lists_whole() -> None:
    source = {"servers": {"web": {"flavor": "l", "nics": [1, 2], "metadata": {"a": "1", "b": "2"}}, "new": {"x": 1}}}
    target = {"servers": {"web": {"flavor": "s", "nics": [1], "metadata": {"a": "1", "c": "3"}}, "old": {"x": 1}}}
    assert shown(source, target) == [
        ("changed", "servers.web.flavor"),
        ("changed", "servers.web.nics"),
        ("added", "servers.web.metadata.b"),
        ("removed", "servers.web.metadata.c"),
        ("added", "servers.new"),
        ("removed", "servers.old"),
    ]


def test_true_is_not_one() -> None:
    assert shown({"servers": {"web": {"a": True}}}, {"servers": {"web": {"a": 1}}}) == [("changed", "servers.web.a")]


def test_what_is_each_environments_own_is_left_alone() -> None:
    source = {
        "protection": {"servers": False},
        "consent": {"web": ["replace"]},
        "cells": ["a"],
        "keeps": ["x"],
        "inherits": "base",
        "servers": {"web": {"cell": "a", "consent": ["rebuild"], "deletion_protection": False}},
    }
    target = {"servers": {"web": {"cell": "b", "deletion_protection": True}}}
    assert shown(source, target) == []


@pytest.mark.parametrize(("cells", "kept"), [({"cells": ["a"]}, {"cell": "a", "x": 1}), ({}, {"x": 1})])
def test_a_new_thing_brings_its_cell_where_there_are_cells(cells: dict[str, Any], kept: dict[str, Any]) -> None:
    new = {"x": 1, "cell": "a", "consent": ["rebuild"], "deletion_protection": False}
    (found,) = differences({"servers": {"web": new}}, cells)
    assert (found.change, found.wanted) == ("added", kept)


@pytest.mark.parametrize(
    ("wanted", "there", "found"),
    [
        pytest.param({"admin_pass": SECURE}, {}, [("secret", "servers.web.admin_pass")], id="to be set"),
        pytest.param({"admin_pass": SECURE}, {"admin_pass": {"secure": "v1:other"}}, [], id="each has one"),
        pytest.param({}, {"admin_pass": SECURE}, [], id="only the other has one"),
        pytest.param({"user_data": "#cloud"}, {}, [("secret", "servers.web.user_data")], id="in clear"),
        pytest.param({"user_data": "#cloud"}, {"user_data": "#other"}, [], id="in clear in both"),
        pytest.param(
            {"metadata": {"admin_pass": "x"}},
            {},
            [("added", "servers.web.metadata"), ("secret", "servers.web.metadata.admin_pass")],
            id="in metadata",
        ),
        pytest.param({"tags": ["x", SECURE]}, {}, [("secret", "servers.web.tags")], id="in a list"),
        pytest.param(
            {"flavor_ref": SECURE},
            {"flavor_ref": "x"},
            [("secret", "servers.web.flavor_ref")],
            id="encrypted there only",
        ),
    ],
)
def test_secrets_are_named_and_nothing_more(wanted: Any, there: Any, found: list[tuple[str, str]]) -> None:
    told = differences({"servers": {"web": wanted | {"x": 1}}}, {"servers": {"web": there | {"x": 1}}})
    assert [(one.change, one.path) for one in told] == found
    assert "v1:" not in repr(told)
    assert "#cloud" not in repr(told)


def test_a_new_server_comes_without_its_secrets() -> None:
    web = {"flavor_ref": "s", "admin_pass": SECURE, "metadata": {"admin_pass": SECURE, "role": "web"}}
    assert differences({"servers": {"web": web}}, {}) == [
        Difference(("servers", "web"), "added", {"flavor_ref": "s", "metadata": {"role": "web"}}),
        Difference(("servers", "web", "admin_pass"), "secret"),
        Difference(("servers", "web", "metadata", "admin_pass"), "secret"),
    ]
    assert secrets_in({"servers": {"web": web}}) == [
        ("servers", "web", "admin_pass"),
        ("servers", "web", "metadata", "admin_pass"),
    ]


def test_a_file_says_no_more_than_it_must() -> None:
    own = {"servers": {"web": {"flavor": "l"}}}
    put(own, {"servers": {"web": {"flavor": "s"}}}, Difference(("servers", "web", "flavor"), "changed", "s", "l"))
    assert own == {}
    own = {}
    put(own, {"servers": {"old": {"a": 1}}}, Difference(("servers", "old"), "removed"))
    assert own == {"servers": {"old": None}}
