"""All mishaps of one cloud: kept in its store, and in memory those that can still happen."""

from collections.abc import Iterable

from sandbox.faults import Fault
from sandbox.mishaps.mishap import Mishap, from_record, read
from sandbox.store import Store

MOST = 200
_KIND = "mishap"


class Mishaps:
    """The mishaps of the cloud that `store` remembers.

    `live` are those that can still happen, oldest first: a cloud without any looks at one empty tuple a request.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self.live: tuple[Mishap, ...] = ()
        self.load()

    def load(self) -> None:
        """Read from the store what can still happen; needed after a transaction that changed it was undone."""
        self.live = tuple(one for one in self.all() if not one.spent)
        self._store.keep_past(max((one.seconds or 0.0 for one in self.live if one.kind == "lag"), default=0.0))

    def all(self) -> list[Mishap]:
        """Return every mishap, the spent ones too, oldest first."""
        return [from_record(record) for record in self._store.all(_KIND)]

    def add(self, given: object) -> Mishap:
        """Read and keep one more; raises a `Fault`: 400 for what cannot be, 409 where there are too many."""
        there = self.all()
        made = read(given, str(1 + max((int(one.id) for one in there), default=0)))
        if len(there) >= MOST:
            raise Fault(409, f"there are {MOST} faults already; clear some first")
        self._store.add(_KIND, made.as_json())
        self.load()
        return made

    def clear(self, mishap_id: str | None = None) -> None:
        """Forget one, or all; raises a `Fault` (404) for an id that none has."""
        there = {one.id for one in self.all()}
        if mishap_id is not None and mishap_id not in there:
            raise Fault(404, f"there is no fault {mishap_id!r}; {_choices(there)}")
        for one in there if mishap_id is None else (mishap_id,):
            self._store.remove(_KIND, one)
        self.load()

    def count(self, seen: Iterable[Mishap]) -> None:
        """Note in the store that a request fitted each of `seen`, and in memory what is left of them."""
        for one in seen:
            self._store.save(_KIND, one.after_one_more().as_json())
        self.load()


def _choices(ids: Iterable[str]) -> str:
    there = sorted(ids, key=int)
    return f"choose one of: {', '.join(there)}" if there else "there is none at all"
