"""Networks, servers and disks as they are drawn: read from the steps of a run, and from the plan for what has no id yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gate.places import type_of
from gate.reading import Reading, Step
from gate.review import Drawing, DrawnDisk, DrawnNetwork, DrawnNic, DrawnServer, Effect
from gate.values import UNKNOWNS

Json = Mapping[str, Any]

NATIVE = "ecs:compute:Server"
BATCH = "ecs:compute:ServerBatch"
RAW = "openstack:compute/instance:Instance"
NETWORK = "openstack:networking/network:Network"
SUBNET = "openstack:networking/subnet:Subnet"
DISK = "openstack:blockstorage/volume:Volume"


class Sources:
    """Which resources each input of a resource comes from, as a saved plan of the engine says."""

    def __init__(self, plan: Json) -> None:
        self._plans: Json = plan.get("resourcePlans") or {}

    def of(self, urn: str, key: str) -> tuple[str, ...]:
        """The URNs behind one input; empty where the plan does not say."""
        goal = (self._plans.get(urn) or {}).get("goal") or {}
        return tuple((goal.get("propertyDependencies") or {}).get(key) or ())


def drawn(reading: Reading, says: Mapping[str, tuple[str, ...]], plan: Json) -> Drawing:
    """The drawing of what is there after the change, with what the change deletes. `plan` may be empty: then lines are missing."""
    steps = list({**reading.drifted, **reading.steps}.values())
    return _Artist(steps, says, Sources(plan)).draw()


class _Artist:
    def __init__(self, steps: Iterable[Step], says: Mapping[str, tuple[str, ...]], sources: Sources) -> None:
        self._steps = [one for one in steps if one.custom]
        self._says = says
        self._sources = sources
        self._of_id = {one.id: one.urn for one in self._steps if one.type in (NETWORK, DISK) and one.id}
        self._strangers: dict[str, DrawnNetwork] = {}
        self._attached: set[str] = set()

    def draw(self) -> Drawing:
        cidrs = dict(self._cidrs())
        networks = [
            DrawnNetwork(key=one.urn, label=one.name, cidr=cidrs.get(one.urn, ""), effect=one.effect)
            for one in self._steps
            if one.type == NETWORK
        ]
        servers = [self._server(one) for one in self._steps if one.type in (NATIVE, BATCH, RAW)]
        disks = [self._disk(one) for one in self._steps if one.type == DISK and one.urn not in self._attached]
        return Drawing(networks=(*networks, *self._strangers.values()), servers=tuple(servers), disks=tuple(disks))

    def _cidrs(self) -> Iterator[tuple[str, str]]:
        for one in self._steps:
            if one.type == SUBNET:
                inputs = one.after or one.before
                network = self._network(inputs.get("networkId"), one.urn, "networkId")
                yield network, str(inputs.get("cidr") or "")

    def _server(self, step: Step) -> DrawnServer:
        inputs = step.after or step.before
        raw = step.type == RAW
        count = ""
        if step.type == BATCH:
            least, most = inputs.get("min_count"), inputs.get("max_count")
            count = _number(least) if least == most else f"{_number(least)}-{_number(most)}"
        return DrawnServer(
            name=step.name,
            effect=step.effect,
            flavor=_text(inputs.get("flavorName" if raw else "flavorRef") or inputs.get("flavorId")),
            zone=_text(inputs.get("availabilityZone" if raw else "availability_zone")),
            count=count,
            nics=tuple(self._nic(nic, step) for nic in inputs.get("networks") or () if isinstance(nic, Mapping)),
            disks=tuple(self._raw_disks(step, inputs) if raw else self._disks(step, inputs)),
            says=self._says.get(step.urn, ()),
        )

    def _nic(self, nic: Json, step: Step) -> DrawnNic:
        port = nic.get("port")
        address = nic.get("fixed_ip") or nic.get("fixedIpV4")
        if port:
            return DrawnNic(network="", label="port" if port in UNKNOWNS else f"port {_short(str(port))}")
        return DrawnNic(network=self._network(nic.get("uuid"), step.urn, "networks"), label=_text(address))

    def _network(self, ident: Any, urn: str, key: str) -> str:
        """The key of the network that an input names: by its id, or by where the value comes from."""
        if isinstance(ident, str) and ident and ident not in UNKNOWNS:
            if ident in self._of_id:
                return self._of_id[ident]
            self._strangers.setdefault(
                ident, DrawnNetwork(key=ident, label=f"network {_short(ident)}", ours=False)
            )  # fmt: skip
            return ident
        behind = [one for one in self._sources.of(urn, key) if type_of(one) == NETWORK]
        # The engine names all that a list comes from; with several it cannot be told which NIC is on which.
        return behind[0] if len(behind) == 1 else ""

    def _disks(self, step: Step, inputs: Json) -> Iterator[DrawnDisk]:
        boot = inputs.get("boot")
        if isinstance(boot, Mapping):
            yield _drawn_disk("boot", boot, step.effect)
        elif inputs.get("imageRef"):
            yield DrawnDisk(label="boot", effect=_boot(step.effect))
        stated = inputs.get("disks") or ()
        before = {one.get("name") for one in (step.before.get("disks") or ()) if isinstance(one, Mapping)}
        after = {one.get("name") for one in (step.after.get("disks") or ()) if isinstance(one, Mapping)}
        for disk in stated if isinstance(stated, list) else ():
            if isinstance(disk, Mapping):
                fresh = step.effect in _STAYS and disk.get("name") not in before
                yield _drawn_disk(
                    str(disk.get("name") or ""), disk, Effect.CREATE if fresh else _inner(step.effect)
                )  # fmt: skip
                self._own(disk.get("uuid"), step.urn)
        if step.effect in _STAYS:
            for disk in step.before.get("disks") or ():
                if isinstance(disk, Mapping) and disk.get("name") not in after:
                    yield _drawn_disk(str(disk.get("name") or ""), disk, Effect.DELETE)

    def _own(self, ident: Any, urn: str) -> None:
        if isinstance(ident, str) and ident in self._of_id:
            self._attached.add(self._of_id[ident])
        self._attached.update(one for one in self._sources.of(urn, "disks") if type_of(one) == DISK)

    def _raw_disks(self, step: Step, inputs: Json) -> Iterator[DrawnDisk]:
        if inputs.get("imageId") or inputs.get("imageName"):
            yield DrawnDisk(label="boot", effect=_boot(step.effect))
        for number, disk in enumerate(inputs.get("blockDevices") or ()):
            if isinstance(disk, Mapping):
                size = disk.get("volumeSize")
                yield DrawnDisk(
                    label="boot" if disk.get("bootIndex") == 0 else str(number),
                    size=int(size) if isinstance(size, int | float) else None,
                    type=_text(disk.get("volumeType")),
                    kept=disk.get("deleteOnTermination") is not True,
                    effect=_inner(step.effect),
                )

    def _disk(self, step: Step) -> DrawnDisk:
        inputs = step.after or step.before
        size = inputs.get("size")
        return DrawnDisk(
            label=step.name, size=int(size) if isinstance(size, int | float) else None,
            type=_text(inputs.get("volumeType")), kept=True, effect=step.effect,
        )  # fmt: skip


_STAYS = (Effect.SAME, Effect.CHANGE, Effect.REBOOT, Effect.REBUILD)


def _inner(effect: Effect) -> Effect:
    """What happens to a data disk of a server to which `effect` happens."""
    return Effect.SAME if effect in _STAYS else effect


def _boot(effect: Effect) -> Effect:
    """What happens to the system disk of a server to which `effect` happens: a rebuild wipes it."""
    return effect if effect is Effect.REBUILD else _inner(effect)


def _drawn_disk(label: str, disk: Json, effect: Effect) -> DrawnDisk:
    size = disk.get("volume_size")
    shown = _boot(effect) if label == "boot" else effect
    return DrawnDisk(
        label=label, size=int(size) if isinstance(size, int | float) else None, type=_text(disk.get("volume_type")),
        kept=disk.get("delete_on_termination") is not True, effect=shown,
    )  # fmt: skip


def _text(value: Any) -> str:
    return value if isinstance(value, str) and value not in UNKNOWNS else ""


def _number(value: Any) -> str:
    return str(int(value)) if isinstance(value, int | float) else "?"


def _short(ident: str) -> str:
    return ident[:8]
