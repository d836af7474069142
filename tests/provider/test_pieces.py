"""The pure pieces of the provider: properties, markers, which NIC is which, and what a change does."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.ecs.changes import BATCH, SERVER, Effect
from provider import identity
from provider.batch.members import age
from provider.marker import KEY, Marker
from provider.nics import paired
from provider.properties import SIGNATURE, UNKNOWN, guarded, read, written
from provider.server.delete import doomed
from provider.server.differ import differ
from provider.server.request import create_body

URN = "urn:pulumi:dev::p::ecs:compute:Server::web"

plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)


def without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_none(one) for key, one in value.items() if one is not None}
    return [without_none(one) for one in value] if isinstance(value, list) else value


@given(st.dictionaries(st.text(min_size=1, max_size=5), plain, max_size=4))
def test_properties_come_back_as_they_were(values: dict[str, Any]) -> None:
    assert read(written(values)) == without_none(values)


def test_secrets_are_marked_and_unknown_ones_stay_unknown() -> None:
    marked = guarded(
        {"adminPass": "p", "user_data": UNKNOWN, "metadata": {"admin_pass": "w", "role": "web"}, "name": "n"}
    )
    assert marked["adminPass"][SIGNATURE]
    assert marked["metadata"]["admin_pass"][SIGNATURE]
    assert (marked["user_data"], marked["metadata"]["role"], marked["name"]) == (UNKNOWN, "web", "n")


def test_the_identity_of_a_state_is_one_for_all_that_ask_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}")
    found: list[str] = []
    gate = threading.Barrier(8)

    def ask() -> None:
        gate.wait()
        found.append(identity.of_state())

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert set(found) == {identity.of_state()}
    assert [one.name for one in (tmp_path / ".pulumi").iterdir()] == [identity.FILE]


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("postgres://a:one@db/state?sslmode=disable", "postgres://b:two@db/state", True),
        ("postgres://a@db/state?table=t", "postgres://a@db/state?table=u", False),
        ("postgres://a@db/state", "postgres://a@db/other", False),
        ("s3://team/a?region=x", "s3://team/a?region=x&profile=p", True),
        ("s3://team/a", "s3://team/b", False),
    ],
)
def test_a_shared_state_is_the_same_whoever_comes_and_however(
    monkeypatch: pytest.MonkeyPatch, first: str, second: str, same: bool
) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", first)
    one = identity.of_state()
    monkeypatch.setenv("PULUMI_BACKEND_URL", second)
    assert (identity.of_state() == one) is same
    assert "one" not in one


def test_two_states_that_know_the_same_names_have_other_markers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    markers = []
    for url in (f"file://{tmp_path}/a", f"file://{tmp_path}/b", "s3://bucket/one", "postgres://me:pw@db/states"):
        monkeypatch.setenv("PULUMI_BACKEND_URL", url)
        markers.append(Marker.of(URN, "server", {}).owner)
    assert len(set(markers)) == 4
    monkeypatch.setenv("PULUMI_BACKEND_URL", "postgres://me:other@db/states")
    assert Marker.of(URN, "server", {}).owner == markers[-1], "a new password is the same state"


def test_a_marker_tells_whose_and_by_which_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}")
    mine, changed, other = (
        Marker.of(*args)
        for args in ((URN, "server", {"a": 1}), (URN, "server", {"a": 2}), (URN + "2", "server", {"a": 1}))
    )
    thing = {"metadata": {KEY: mine.text}}
    assert (mine.owns(thing), mine.made(thing)) == (True, True)
    assert (changed.owns(thing), changed.made(thing)) == (True, False)
    assert (other.owns(thing), other.made(thing)) == (False, False)
    assert not mine.owns({"metadata": {}})


def nic(port: str, network: str, address: str) -> dict[str, Any]:
    return {"port_id": port, "net_id": network, "fixed_ips": [{"ip_address": address}]}


interfaces = st.lists(
    st.tuples(st.sampled_from("ab"), st.integers(2, 250)), min_size=0, max_size=5, unique_by=lambda one: one
).map(lambda rows: [nic(f"port-{place}", net, f"10.0.0.{last}") for place, (net, last) in enumerate(rows)])


@given(interfaces, st.randoms())
def test_each_stated_nic_finds_its_own(there: list[dict[str, Any]], random: Any) -> None:
    stated = [
        random.choice(
            [{"port": one["port_id"]}, {"uuid": one["net_id"], "fixed_ip": one["fixed_ips"][0]["ip_address"]}]
        )
        for one in there
    ]
    shuffled = random.sample(there, len(there))
    pairs, rest = paired(stated, shuffled)
    assert rest == []
    assert [one["port_id"] for _, one in pairs if one] == [one["port_id"] for one in there]


@given(interfaces, st.lists(st.sampled_from("ab"), max_size=5))
def test_no_nic_is_two(there: list[dict[str, Any]], networks: list[str]) -> None:
    pairs, rest = paired([{"uuid": one} for one in networks], there)
    taken = [one["port_id"] for _, one in pairs if one]
    assert len(set(taken)) == len(taken)
    assert sorted(taken + [one["port_id"] for one in rest]) == sorted(one["port_id"] for one in there)
    for wanted, one in pairs:
        assert one is None or one["net_id"] == wanted["uuid"]
        if one is None:
            assert all(other["net_id"] != wanted["uuid"] for other in rest)


HAD: dict[str, Any] = {
    "name": "web", "flavorRef": "s3.medium", "availability_zone": "az1", "imageRef": "one", "networks": [{"uuid": "n"}],
    "disks": [{"name": "data", "source_type": "blank", "volume_size": 2, "delete_on_termination": True}], "status": "ACTIVE",
    "volumes": [{"name": "data", "id": "d", "made": True}], "on_failure": "rollback", "on_image_change": "replace",
    "deletion_protection": True, "consent": [],
}  # fmt: skip


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}")


def had() -> dict[str, Any]:
    return HAD | {"marker": Marker.of(URN, "server", {}).text}


def test_nothing_changes_nothing() -> None:
    found = differ(URN, "id", had(), HAD)
    assert (found.effects, found.lines, found.refused) == ({}, [], [])


@pytest.mark.parametrize("key", ["user_data", "key_name", "scheduler_hints", "imageRef"])
def test_a_protected_server_is_refused_its_replacement_only_where_it_is_certain(key: str) -> None:
    assert "consent: [replace]" in differ(URN, "id", had(), HAD | {key: "other"}).refused[0]
    unsure = differ(URN, "id", had(), HAD | {key: UNKNOWN})
    assert unsure.refused == []
    assert any("known after apply" in line for line in unsure.lines)
    assert differ(URN, "id", had(), HAD | {key: "other", "consent": ["replace"]}).refused == []


@pytest.mark.parametrize(
    "wanted", [{"disks": UNKNOWN, "user_data": "other"}, {"networks": UNKNOWN}, {"networks": [{"uuid": UNKNOWN}]}]
)
def test_unknown_lists_are_no_failure(wanted: dict[str, Any]) -> None:
    assert differ(URN, "id", had(), HAD | wanted | {"consent": ["replace"]}).effects


@given(
    st.sampled_from(
        [row for row in SERVER if row.inputs and row.effect in (Effect.STATE, Effect.IN_PLACE, Effect.REBOOT)]
    )
)
def test_what_the_table_calls_in_place_never_replaces(row: Any) -> None:
    value: Any = {
        "metadata": {"a": "b"},
        "networks": [{"uuid": "m"}],
        "disks": [],
        "tags": ["t"],
        "consent": ["rebuild"],
    }.get(row.inputs[0], "x")
    found = differ(URN, "id", had(), HAD | {row.inputs[0]: value})
    assert found.replaces == []
    assert found.effects[row.inputs[0]] is row.effect


def test_another_zone_is_refused_while_a_data_disk_would_have_to_follow() -> None:
    elsewhere = HAD | {"availability_zone": "az2", "consent": ["replace"]}
    assert "ECS-212" in differ(URN, "id", had(), elsewhere).refused[0]
    assert differ(URN, "id", had(), elsewhere | {"disks": [HAD["disks"][0] | {"name": "fresh"}]}).refused == []
    assert differ(URN, "id", had(), HAD | {"availability_zone": UNKNOWN}).refused == []


def test_a_disk_that_only_lives_longer_is_left_alone() -> None:
    found = differ(URN, "id", had(), HAD | {"disks": [HAD["disks"][0] | {"delete_on_termination": False}]})
    assert found.effects == {"disks": Effect.STATE}
    assert found.lines == [
        "disks[].delete_on_termination: nothing in the cloud: it holds when the disk or the server goes"
    ]


@pytest.mark.parametrize("rows", [SERVER, BATCH])
def test_each_input_has_one_row(rows: Any) -> None:
    inputs = [key for row in rows for key in row.inputs]
    assert len(set(inputs)) == len(inputs)


@pytest.mark.parametrize("goes", [True, False])
@pytest.mark.parametrize("made", [True, False])
@pytest.mark.parametrize("moves", [True, False])
def test_a_disk_goes_only_if_it_was_made_here_may_go_and_does_not_move(goes: bool, made: bool, moves: bool) -> None:
    server = HAD | {
        "disks": [HAD["disks"][0] | {"delete_on_termination": goes}],
        "volumes": [{"name": "data", "id": "d", "made": made}],
    }
    gone = doomed(server, {"data"} if moves else set())
    assert [one["id"] for one in gone] == (["d"] if goes and made and not moves else [])


def test_the_request_is_the_documented_one_and_leaves_out_what_is_not_stated() -> None:
    body = create_body(
        {
            "name": "web",
            "flavorRef": "f",
            "imageRef": "i",
            "networks": [{"uuid": "n"}],
            "scheduler_hints": {"group": "g"},
        },
        Marker("o", "r"),
    )
    assert body == {
        "server": {
            "name": "web",
            "flavorRef": "f",
            "imageRef": "i",
            "networks": [{"uuid": "n"}],
            "metadata": {KEY: "o.r"},
        },
        "os:scheduler_hints": {"group": "g"},
    }


def test_members_are_sorted_by_time_then_number() -> None:
    rows = [{"name": f"pool-{number}", "created": "2026-01-01"} for number in (10, 2, 1)] + [
        {"name": "pool-r2-1", "created": "2026-01-02"}
    ]
    assert [one["name"] for one in sorted(rows, key=age)] == ["pool-1", "pool-2", "pool-10", "pool-r2-1"]
