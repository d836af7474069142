"""The facts that a rule can ask for: first of the stack, then of the cloud.

Every call may raise `NotYetKnownError` (a value that nothing has produced yet and that no resource of the stack explains),
`SilentError` (the cloud does not say) or `PendingError` (it has not answered yet; the rule is simply asked again). A thing that the
cloud does not have is no thing at all: one rule says so (ECS-120), and the others have nothing to say about it.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from policy.facts import kinds
from policy.facts.asking import Question
from policy.facts.cloud import Reader
from policy.facts.doomed import Doomed, disks_of
from policy.facts.kinds import Kind
from policy.facts.members import SERVERS, Member, Stack
from policy.facts.previous import Kept, Previous
from policy.facts.thing import Thing
from policy.native import NATIVE, NATIVE_BATCH
from policy.unknown import UNKNOWN, NotYetKnownError
from policy.view import Request, View, whole

STACKS_OWN = "::pulumi:providers:ecs::ecs"
"""How the URN of the provider ends that our components make from the settings of pulumi-openstack: the same cloud as its default one."""


class Phase(enum.Enum):
    """What the engine is doing: previewing, changing the cloud, or reading a saved state."""

    PREVIEW = "preview"
    UPDATE = "update"
    STATE = "state"


class Facts:
    """What is known beside a request. One a run."""

    def __init__(self, stack: Stack, reader: Reader, phase: Phase, previous: Previous | None = None) -> None:
        self.stack = stack
        self.phase = phase
        self.previous = previous or Previous.none()
        self._reader = reader
        self._users: dict[str, list[Member]] | None = None
        self._kept: dict[str, Kept] | None = None

    def things(self, member: Member, view: View, key: str, kind: Kind) -> list[Thing]:
        """Return what `key` of a view refers to: one thing, several where an unknown value may be any of them, none where none is there."""
        path = view.path_of(key)
        if view.unknown or not view.known(key):
            return self._behind(member, path, kind)
        if not view.given(key):
            return []
        by_name = kind is kinds.KEY_PAIR or path.endswith(("Name", "name"))
        return self._called(member, str(view.value(key)), kind, by_name=by_name)

    def input(self, member: Member, key: str, kind: Kind) -> list[Thing]:
        """Return what an input of a resource other than a server refers to, as `things` does."""
        value = member.inputs.get(key)
        if value is UNKNOWN:
            return self._behind(member, key, kind)
        return self._called(member, value, kind) if isinstance(value, str) and value else []

    def networks(self, member: Member, nic: View) -> Iterator[Thing]:
        """Yield the network of a NIC: of its port where it names one, else the one it names."""
        if nic.given("port"):
            for port in self.things(member, nic, "port", kinds.PORT):
                yield from self.network_of(port)
        else:
            yield from self.things(member, nic, "uuid", kinds.NETWORK)

    def network_of(self, port: Thing) -> list[Thing]:
        """Return the network that a port is on."""
        if port.member is not None:
            return self.input(port.member, "networkId", kinds.NETWORK)
        return self._called(port.asker, str(port.said("network_id") or ""), kinds.NETWORK)

    def snapshot_volume(self, snapshot: Thing) -> list[Thing]:
        """Return the disk that a snapshot was taken of."""
        return self._called(snapshot.asker, str(snapshot.said("volume_id") or ""), kinds.VOLUME)

    def extra_specs(self, flavor: Thing) -> Mapping[str, Any]:
        """Return the extra specs of a flavor."""
        if flavor.member is not None:
            stated = flavor.stated("extraSpecs")
            return stated if isinstance(stated, dict) else {}
        shown = flavor.said("extra_specs")
        if isinstance(shown, dict):
            return shown
        path = f"{kinds.FLAVOR.by_id(str(flavor.id)).path}{kinds.FLAVOR_SPECS}"
        return self.ask(flavor.asker, Question("compute", path, "extra_specs")) or {}

    def snapshots_of(self, member: Member, volume: str) -> list[Mapping[str, Any]]:
        """Return the snapshots of a disk of the cloud."""
        path = kinds.SNAPSHOTS_OF.format(volume)
        found = self.ask(member, Question("block_storage", path, "snapshots", paged=True)) or []
        # A cloud that does not know the filter shows all.
        return [snapshot for snapshot in found if snapshot.get("volume_id") == volume]

    def server(self, member: Member) -> Mapping[str, Any] | None:
        """Return the ECS that a resource is in the cloud; None where there is none."""
        ident = self.ident(member)
        if ident is None:
            return None
        found: Mapping[str, Any] | None = self.ask(member, kinds.SERVER.by_id(ident))
        return found

    def ident(self, member: Member) -> str | None:
        """Return the id of a resource; while the cloud is being changed, the one that it had before."""
        if member.id is None and self.phase is Phase.UPDATE:
            kept = self.before(member)
            return None if kept is None else kept.id
        return member.id

    def is_new(self, member: Member) -> bool:
        """Say whether a resource is being created.

        While the cloud is being changed the engine gives no ids, so what the state held before counts as there, also what is replaced.
        """
        return member.id is None and (self.phase is not Phase.UPDATE or self.before(member) is None)

    def before(self, member: Member) -> Kept | None:
        """Return what the state held of a resource before this change. Raises `SilentError` where the state is not known."""
        if self._kept is None:
            self._kept = {kept.urn: kept for kept in self.previous.resources()}
        return self._kept.get(member.urn)

    def may_be_new(self, member: Member) -> bool:
        """Say whether a resource is being created, or is a native one, whose NICs, disks and flavor change in place."""
        return self.is_new(member) or (member.type == NATIVE and self.phase is not Phase.STATE)

    def fresh(self, member: Member, view: View, key: str) -> bool:
        """Say whether what `key` refers to is new to an ECS: it is created with it, or does not have it by its state."""
        if self.is_new(member):
            return True
        if not view.known(key):
            return True
        kept = self.before(member)
        return kept is None or view.value(key) not in _texts(kept.outputs.get(_first(view.path_of(key))))

    def images(self, member: Member) -> Iterator[tuple[str, Thing]]:
        """Yield every image that an ECS is made from, with its path: its own, its disks', and that of a boot disk of this stack."""
        server = member.asked.server
        for image in self.things(member, server, "imageRef", kinds.IMAGE):
            yield server.path_of("imageRef"), image
        for disk in disks(member.asked):
            source = disk.value("source_type")
            path = disk.path_of("uuid")
            if source == "image":
                yield from ((path, image) for image in self.things(member, disk, "uuid", kinds.IMAGE))
            elif source == "volume":
                for volume in self.things(member, disk, "uuid", kinds.VOLUME):
                    if volume.member is not None:
                        yield from ((path, one) for one in self.input(volume.member, "imageId", kinds.IMAGE))

    def is_bms(self, flavor: Thing) -> bool:
        """Say whether a flavor is one of bare metal servers."""
        specs = self.extra_specs(flavor)
        return "ironic" in (specs.get("resource_type"), specs.get("capabilities:hypervisor_type"))

    def users(self, thing: Thing) -> list[Member]:
        """Return the servers of this stack that name a port or a disk, and the attachments that give it to one."""
        if self._users is None:
            self._users = {}
            attached = [one for one in self.stack.members.values() if one.type == kinds.ATTACHED_DISK]
            for user in [*self._servers(), *attached]:
                for key in _names(self, user):
                    self._users.setdefault(key, []).append(user)
        key = thing.member.urn if thing.member is not None else str(thing.id)
        return self._users.get(key, [])

    def other_user(self, member: Member, thing: Thing) -> str | None:
        """Name another user of the same port or disk in this stack; None where there is none."""
        others = [one for one in self.users(thing) if one.urn != member.urn] if self.stack.whole else []
        if not others:
            return None
        word = "ECS" if others[0].type in SERVERS else "attachment"
        return f"the {word} {others[0].name!r} of this stack"

    def goes_away(self, server: str) -> bool:
        """Say whether the ECS that holds something is the one that this change replaces or deletes."""
        if self.stack.whole and any(one.id == server for one in self._servers()):
            return False
        return any(kept.id == server for kept in self.previous.resources())

    def going(self) -> Iterator[Doomed]:
        """Yield the disks that this change deletes. Raises `SilentError` where the state before is not known."""
        for kept in self.previous.resources() if self.phase is Phase.PREVIEW else ():
            member = self.stack.members.get(kept.urn)
            if kept.type in kinds.VOLUME.types:
                if not kept.retained and (member is None or member.id is None):
                    yield Doomed(kept.name, kept.id, kept.urn)
            elif kept.type == NATIVE:
                wanted = None if member is None else member.inputs
                yield from disks_of(kept, wanted, replaced=member is not None and member.id is None)

    def asker(self, gone: Doomed) -> Member:
        """Return a resource whose cloud is asked for what is no longer stated: the stack's own where none is left."""
        same = self.stack.members.get(gone.urn)
        none = Member(gone.urn, kinds.VOLUME.types[0], gone.name, {})
        return same or next((one for one in self.stack.members.values() if one.provider is not None), none)

    def new_members(self) -> list[Member]:
        """Return what this change creates; what it replaces is there already, and takes no more room."""
        if self.phase is not Phase.PREVIEW:
            return []
        new = [member for member in self.stack.judged() if member.id is None]
        before = {kept.urn for kept in self.previous.resources()} if new else set()
        return [member for member in new if member.urn not in before]

    def added(self) -> list[tuple[Member, int]]:
        """Return the servers that this change creates, each with how many ECSs: a batch that exists may grow."""
        new = [one for one in self.new_members() if one.type in SERVERS and one.request is not None]
        found = [(member, self.count(member.asked)) for member in new]
        for member in self.natives_that_stay(NATIVE_BATCH):
            kept = self.before(member)
            there = kept.outputs.get("members") if kept is not None else None
            if isinstance(there, list) and (more := self.count(member.asked) - len(there)) > 0:
                found.append((member, more))
        return found

    def natives_that_stay(self, type: str) -> list[Member]:  # noqa: A002 - the engine's word
        """Return the native servers, or batches, that a change leaves, and may change in place."""
        if self.phase is not Phase.PREVIEW:
            return []
        return [
            one for one in self.stack.judged() if one.type == type and one.id is not None and one.request is not None
        ]

    def by_cloud(self, members: Iterable[Member]) -> list[list[Member]]:
        """Sort resources by the provider that makes them, those first that have one; a component is made by the stack's own."""
        found: dict[str, list[Member]] = {}
        for member in sorted(members, key=lambda one: one.provider is None):
            urn = "" if member.provider is None else member.provider.urn
            default = urn.rpartition("::")[2].startswith("default") or urn.endswith(STACKS_OWN)
            found.setdefault("" if default else urn, []).append(member)
        return list(found.values())

    def count(self, request: Request) -> int:
        """Return how many ECSs a request asks for at most."""
        server = request.server
        counts = [whole(server.value(key)) for key in ("max_count", "min_count") if server.given(key)]
        return max([1, *(count for count in counts if count is not None)])

    def ask(self, member: Member, question: Question) -> Any:
        """Ask the cloud of a resource's own provider."""
        return self._reader.ask(member.provider, question)

    def called(self, member: Member, text: str, kind: Kind, *, by_name: bool) -> list[Thing]:
        """Return the thing of this id, or the things of this name."""
        return self._called(member, text, kind, by_name=by_name)

    def _servers(self) -> list[Member]:
        return [one for one in self.stack.judged() if one.type in SERVERS and one.request is not None]

    def _behind(self, member: Member, path: str, kind: Kind) -> list[Thing]:
        found = self.stack.behind(member, path, kind.types)
        if not found:
            raise NotYetKnownError(path)
        return [Thing(kind, one, None, member) for one in found]

    def _called(self, member: Member, text: str, kind: Kind, *, by_name: bool = False) -> list[Thing]:
        if not text:
            return []
        # A flavor and an image may be given as a URL.
        ident = text if by_name else text.rstrip("/").rsplit("/", 1)[-1]
        own = self.stack.named(kind.types, ident) if by_name else self.stack.with_id(kind.types, ident)
        if own is not None:
            return [Thing(kind, own, None, member)]
        if not by_name or kind is kinds.KEY_PAIR:
            body = self.ask(member, kind.by_id(ident))
            return [Thing(kind, None, body, member)] if isinstance(body, dict) else []
        found = self.ask(member, kind.by_name(ident)) or []
        return [Thing(kind, None, body, member) for body in found if body.get("name") == ident]


def disks(request: Request) -> Iterator[View]:
    """Yield the disks of a server's request. Raises `NotYetKnownError` where the list is not known yet."""
    yield from request.server.each("block_device_mapping_v2")


def _names(facts: Facts, server: Member) -> Iterator[str]:
    """Yield the ports and disks that a server or an attachment names without doubt: by URN where this stack makes them, else by id."""
    if server.type == kinds.ATTACHED_DISK:
        yield from _attached(facts, server)
        return
    request = server.asked
    for listed, key, kind in (("networks", "port", kinds.PORT), ("block_device_mapping_v2", "uuid", kinds.VOLUME)):
        if not request.server.known(listed):
            continue
        for entry in request.server.each(listed):
            if entry.unknown or not entry.given(key):
                continue
            if kind is kinds.VOLUME and not (entry.known("source_type") and entry.value("source_type") == "volume"):
                continue
            if entry.known(key):
                ident = str(entry.value(key))
                own = facts.stack.with_id(kind.types, ident)
                yield ident if own is None else own.urn
            else:
                behind = facts.stack.behind(server, entry.path_of(key), kind.types)
                if len(behind) == 1:
                    yield behind[0].urn


def _first(path: str) -> str:
    return path.partition(".")[0].partition("[")[0]


def _texts(value: object) -> set[object]:
    """Return every text in a value of the state."""
    if isinstance(value, dict):
        return {text for inner in value.values() for text in _texts(inner)}
    if isinstance(value, list):
        return {text for inner in value for text in _texts(inner)}
    return {value} if isinstance(value, str) else set()


def _attached(facts: Facts, attachment: Member) -> Iterator[str]:
    value = attachment.inputs.get("volumeId")
    if isinstance(value, str) and value:
        own = facts.stack.with_id(kinds.VOLUME.types, value)
        yield value if own is None else own.urn
    elif value is UNKNOWN:
        behind = facts.stack.behind(attachment, "volumeId", kinds.VOLUME.types)
        if len(behind) == 1:
            yield behind[0].urn
