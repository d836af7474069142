"""The stack as its rules see it: every resource, what it was stated with, its id where it exists, and what it refers to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from policy.forms import BATCH, INSTANCE, SERVER
from policy.native import NATIVE, NATIVE_BATCH
from policy.view import Request

COMPONENTS = frozenset({SERVER, BATCH})
NATIVES = frozenset({NATIVE, NATIVE_BATCH})
"""What our components make, one each; it may also stand alone."""
SERVERS = COMPONENTS | NATIVES | {INSTANCE}


@dataclass(frozen=True, slots=True)
class Provider:
    """The provider of a resource: its URN and its settings, in which an unknown value is `UNKNOWN`."""

    urn: str
    settings: Mapping[str, object]


@dataclass(slots=True)
class Member:
    """One resource of the stack.

    `inputs` are what its author stated; `id` is None while it does not exist (or will be replaced); `shown` is what is known of its
    outputs; `sources` names, for each input, the resources whose outputs went into it. `request` is there for a server only.
    """

    urn: str
    type: str
    name: str
    inputs: Mapping[str, object]
    parent: str | None = None
    provider: Provider | None = None
    request: Request | None = None
    id: str | None = None
    shown: Mapping[str, object] = field(default_factory=dict)
    sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    depends: tuple[str, ...] = ()

    @property
    def asked(self) -> Request:
        """The request of a server. Raises `LookupError` for a resource that is none, or whose request could not be read."""
        if self.request is None:
            raise LookupError(self.type)
        return self.request

    @property
    def made_by_component(self) -> bool:
        """Whether a component of ours made it: its author wrote the component's arguments."""
        types = self.urn.split("::")[2].split("$") if self.urn.count("::") > 1 else []
        return len(types) > 1 and types[-2] in COMPONENTS


@dataclass(slots=True)
class Stack:
    """Every resource of the stack, by URN, in the order in which the program stated them."""

    members: dict[str, Member] = field(default_factory=dict)
    whole: bool = False
    """Whether all resources are there, with their ids and sources: before that an unknown value cannot be followed."""
    _by_id: dict[tuple[str, str], Member] = field(default_factory=dict)
    _by_name: dict[tuple[str, str], Member] = field(default_factory=dict)
    _parents: set[str] = field(default_factory=set)

    def complete(self, members: Iterable[Member]) -> None:
        """Take in the whole stack."""
        self.members = {member.urn: member for member in members}
        self._by_id = {(member.type, member.id): member for member in self.members.values() if member.id}
        self._by_name = {}
        for member in self.members.values():
            stated = member.inputs.get("name")
            if isinstance(stated, str):
                self._by_name.setdefault((member.type, stated), member)
        self._parents = {member.parent for member in self.members.values() if member.parent and member.type in NATIVES}
        self.whole = True

    def with_id(self, types: Iterable[str], ident: str) -> Member | None:
        """Return the resource of one of these types that has this id."""
        return next((found for kind in types if (found := self._by_id.get((kind, ident)))), None)

    def named(self, types: Iterable[str], name: str) -> Member | None:
        """Return the first resource of one of these types that is stated with this name."""
        return next((found for kind in types if (found := self._by_name.get((kind, name)))), None)

    def behind(self, member: Member, path: str, types: tuple[str, ...]) -> list[Member]:
        """Return the resources of these types whose outputs are in the input that `path` begins with, directly or through others.

        An output that passed through another resource (a subnet's `network_id`) names that one too, so only those of the wanted types
        count.
        """
        first = path.partition(".")[0].partition("[")[0]
        return [
            found
            for urn in member.sources.get(first, ())
            if (found := self.members.get(urn)) is not None and found.type in types
        ]

    def waits_for(self, member: Member, other: Member) -> bool:
        """Say whether a resource is made after another, directly or through others."""
        seen: set[str] = set()
        ahead = list(member.depends)
        while ahead:
            urn = ahead.pop()
            if urn in (other.urn, self.above(other)):
                return True
            if urn not in seen:
                seen.add(urn)
                ahead += self.members[urn].depends if urn in self.members else ()
        return False

    def judged(self) -> Iterator[Member]:
        """Yield what the rules judge: a component is judged by the native resource that it made."""
        for member in self.members.values():
            if member.type in COMPONENTS and member.urn in self._parents:
                continue
            yield member

    def above(self, member: Member) -> str:
        """Return the URN of what the author wrote: the component where one of ours made a native server or batch."""
        return member.parent if member.type in NATIVES and member.made_by_component and member.parent else member.urn
