"""The store's memory of what was, and its running totals: right after any changes, kept or undone."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sandbox.clock import ManualClock
from sandbox.store import Store

KEPT_SECONDS = 5
IDS = ("a", "b", "c")

step = st.tuples(
    st.sampled_from(["put", "remove", "wait", "undo"]),
    st.sampled_from(IDS),
    st.sampled_from(["server", "volume"]),
    st.integers(0, 3),
)


@contextmanager
def new_store(path: Path | str = ":memory:") -> Iterator[tuple[Store, ManualClock]]:
    clock = ManualClock(1000.0)
    store = Store(path, clock)
    try:
        yield store, clock
    finally:
        store.close()


class UndoneError(Exception):
    pass


def put(store: Store, kind: str, record_id: str, number: int) -> None:
    body = {"id": record_id, "cores": number, "size": number or None, "name": f"n{number}"}
    (store.save if store.get(kind, record_id) else store.add)(kind, body)


def take(store: Store, steps: list[Any], clock: ManualClock) -> Iterator[None]:
    """Take the steps; yields after each one."""
    for what, record_id, kind, number in steps:
        if what == "wait":
            clock.advance(number + 0.5)
        elif what == "undo":
            with suppress(UndoneError), store.transaction(write=True):
                put(store, kind, record_id, number)
                raise UndoneError
        else:
            with store.transaction(write=True):
                if what == "put":
                    put(store, kind, record_id, number)
                else:
                    store.remove(kind, record_id)
        yield


def everything(store: Store) -> Any:
    by_id = {(kind, one): store.get(kind, one) for kind in ("server", "volume") for one in IDS}
    named = {number: store.all("server", name=f"n{number}") for number in range(4)}
    return copy.deepcopy((store.all("server"), store.all("volume"), by_id, named))


@given(st.lists(step, max_size=25))
def test_a_moment_is_seen_as_it_was(steps: list[Any]) -> None:
    with new_store() as (store, clock):
        with store.transaction(write=True):
            put(store, "server", "a", 1)
            store.keep_past(KEPT_SECONDS)
        seen = {clock.now(): everything(store)}
        for _ in take(store, steps, clock):
            seen[clock.now()] = everything(store)
        for moment, was in seen.items():
            if moment >= clock.now() - KEPT_SECONDS:
                with store.as_of(moment):
                    assert everything(store) == was
        assert everything(store) == seen[clock.now()]


def test_what_time_changes_by_itself_is_seen_as_it_was() -> None:
    with new_store() as (store, clock):
        store.keep_past(KEPT_SECONDS)
        store.add("server", {"id": "a", "status": "BUILD", "later": [{"at": 1003.0, "set": {"status": "ACTIVE"}}]})
        clock.advance(4)
        for moment, status in ((1002.0, "BUILD"), (1003.0, "ACTIVE")):
            with store.as_of(moment):
                assert [one["status"] for one in store.all("server")] == [status]


def test_nothing_of_the_past_is_kept_where_nobody_asked() -> None:
    with new_store() as (store, clock):
        store.keep_past(0)
        put(store, "server", "a", 1)
        clock.advance(1)
        store.keep_past(KEPT_SECONDS)
        clock.advance(1)
        put(store, "server", "b", 1)
        store.keep_past(0)
        assert store._db.execute("SELECT COUNT(*) FROM past").fetchone() == (0,)
        put(store, "server", "c", 1)
        assert store._db.execute("SELECT COUNT(*) FROM past").fetchone() == (0,)


def recounted(store: Store, kind: str) -> tuple[int, ...]:
    records = store.all(kind)
    return (len(records), *(sum(one.get(field) or 0 for one in records) for field in ("cores", "ram", "size")))


@given(st.lists(step, max_size=25))
def test_totals_are_what_counting_gives(steps: list[Any]) -> None:
    with new_store() as (store, clock):
        for _ in take(store, steps, clock):
            for kind in ("server", "volume", "port"):
                assert store.total(kind, "cores", "ram", "size") == recounted(store, kind)


def test_totals_of_a_file_from_before_there_were_any(tmp_path: Path) -> None:
    with new_store(tmp_path / "db") as (store, _):
        put(store, "server", "a", 1)
        put(store, "server", "b", 2)
        for trigger in ("new", "removed", "changed"):
            store._db.execute(f"DROP TRIGGER tally_of_{trigger}")
        store._db.execute("DROP TABLE tally")
        put(store, "volume", "c", 3)
    for _ in range(2):
        with new_store(tmp_path / "db") as (store, _):
            assert store.total("server", "cores", "size") == (2, 3, 3)
            assert store.total("volume", "size") == (1, 3)
