"""What a dead run made without the state knowing it: looked for in the cloud, and never guessed.

An object counts as made by the dead run if it has what the creation asked for, was created after that run began, and no state knows
its id.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from commands.failure import Failure
from takeover.lock import seconds
from takeover.processes import SLACK
from takeover.state import Begun

Json = Mapping[str, Any]
SECRET = "4dabf18193072939515e22adb298388d"  # noqa: S105 - the key by which the engine marks a secret
BUILDING = frozenset({"creating", "downloading", "build", "rebuild"})
BROKEN = frozenset({"error", "error_extending", "deleted"})
WAIT = 600.0
"""How long something that is still being built may take."""
ANSWER = 30.0
"""How long the cloud may take to answer."""
_TICK = 1.0
_OK, _MISSING = 200, 404


@dataclass(frozen=True, slots=True)
class Kind:
    """How objects of a type are found: where they are listed, and which inputs they show again in which field."""

    service: str
    path: str
    key: str
    same: Mapping[str, str]
    asked: Mapping[str, str]
    """What the list is narrowed by: parameter and input."""
    further: Callable[[Json, Json], bool] = lambda _inputs, _thing: True
    identity: Callable[[Json, Json], str] = lambda _inputs, thing: str(thing["id"])
    exact: bool = False
    """Whether the inputs alone say which object it is, so that it does not matter when it was made."""
    whole: bool = False
    """Whether an input that is not stated has to be empty in the cloud too."""


def _policies(inputs: Json, thing: Json) -> bool:
    # Nova tells no creation time of a group; one of a run that was killed while it made it has no member yet.
    stated = inputs.get("policies")
    wanted = [stated] if isinstance(stated, str) else list(stated or [])
    return wanted == list(thing.get("policies") or [thing.get("policy")]) and not thing.get("members")


def _port(inputs: Json, thing: Json) -> bool:
    addresses = {str(one.get("ip_address")) for one in thing.get("fixed_ips") or []}
    return all(one["ipAddress"] in addresses for one in inputs.get("fixedIps") or [] if one.get("ipAddress"))


def _joins(inputs: Json, thing: Json) -> bool:
    subnet, port = inputs.get("subnetId"), inputs.get("portId")
    return thing["id"] == port if port else any(one.get("subnet_id") == subnet for one in thing.get("fixed_ips") or [])


_NAME = {"name": "name"}
_RULE = {
    "direction": "direction",
    "ethertype": "ethertype",
    "protocol": "protocol",
    "portRangeMin": "port_range_min",
    "portRangeMax": "port_range_max",
    "remoteIpPrefix": "remote_ip_prefix",
    "remoteGroupId": "remote_group_id",
    "securityGroupId": "security_group_id",
}
_SUBNET = {"name": "name", "networkId": "network_id"}
KINDS: Mapping[str, Kind] = {
    "openstack:networking/network:Network": Kind("network", "/networks", "networks", _NAME, _NAME),
    "openstack:networking/subnet:Subnet": Kind("network", "/subnets", "subnets", _SUBNET, {"network_id": "networkId"}),
    "openstack:networking/secGroup:SecGroup": Kind("network", "/security-groups", "security_groups", _NAME, _NAME),
    "openstack:networking/secGroupRule:SecGroupRule": Kind(
        "network", "/security-group-rules", "security_group_rules", _RULE, {"security_group_id": "securityGroupId"}, whole=True
    ),
    "openstack:networking/port:Port": Kind(
        "network", "/ports", "ports", {"name": "name", "networkId": "network_id"}, {"network_id": "networkId"}, _port
    ),
    "openstack:networking/router:Router": Kind("network", "/routers", "routers", _NAME, _NAME),
    "openstack:networking/routerInterface:RouterInterface": Kind(
        "network", "/ports", "ports", {"routerId": "device_id"}, {"device_id": "routerId"}, _joins, exact=True
    ),
    "openstack:networking/floatingIp:FloatingIp": Kind(
        "network", "/floatingips", "floatingips", {"description": "description"}, {}, whole=True
    ),
    "openstack:blockstorage/volume:Volume": Kind(
        "block_storage", "/volumes/detail", "volumes", {**_NAME, "size": "size"}, _NAME
    ),
    "openstack:compute/serverGroup:ServerGroup": Kind("compute", "/os-server-groups", "server_groups", _NAME, {}, _policies),
    "openstack:compute/instance:Instance": Kind("compute", "/servers/detail", "servers", _NAME, _NAME),
    "openstack:compute/keypair:Keypair": Kind(
        "compute", "/os-keypairs/{name}", "keypair", {"publicKey": "public_key"}, {},
        identity=lambda _inputs, thing: str(thing["name"]),
    ),
    "openstack:compute/volumeAttach:VolumeAttach": Kind(
        "compute", "/servers/{instanceId}/os-volume_attachments", "volumeAttachments", {"volumeId": "volumeId"}, {},
        identity=lambda inputs, thing: f"{inputs['instanceId']}/{thing['volumeId']}", exact=True,
    ),
}  # fmt: skip
"""The types that a dead run's creation is looked for of."""


@dataclass(frozen=True, slots=True)
class Made:
    """Something that the dead run made: its id, whether it came out broken, and its outputs where no refresh is to fill them."""

    identity: str
    broken: bool = False
    outputs: Mapping[str, Any] | None = None


def find(connection: Any, one: Begun, since: float, known: Callable[[str], bool], stack: str) -> Made | None:
    """What the dead run made of a creation that it had begun, once it is built; None where it made nothing.

    Raises `Failure` where that cannot be said: several things fit, or nothing tells them apart.
    """
    kind = KINDS.get(one.type)
    if kind is None:
        raise Failure(
            f"a killed run was creating {one.told}, and things of this type cannot be looked for ({one.type}). See in the cloud whether it "
            f"is there, and type `pulumi refresh --stack {stack} --import-pending-creates {one.urn} --import-pending-creates <its id>`, "
            f"or `pulumi refresh --stack {stack} --clear-pending-creates` where it is not."
        )
    if any(isinstance(one.inputs.get(name), Mapping) and SECRET in one.inputs[name] for name in _needed(kind)):
        raise Failure(
            f"a killed run was creating {one.told}, and what it would be found by is a secret. Look for it by hand."
        )
    fitting = [
        thing for thing in _listed(connection, kind, one.inputs) if _fits(connection, kind, one.inputs, thing, since)
    ]
    fitting = [thing for thing in fitting if not known(kind.identity(one.inputs, thing))]
    if len(fitting) > 1:
        ids = ", ".join(kind.identity(one.inputs, thing) for thing in fitting)
        raise Failure(
            f"a killed run was creating {one.told}, and {len(fitting)} things in the cloud may be it: {ids}. Nothing was changed. "
            "Delete or rename all but the one that is this stack's, and type the same command again."
        )
    if not fitting:
        return None
    if one.type.endswith(":Keypair") and not one.inputs.get("publicKey"):
        name = one.inputs["name"]
        raise Failure(
            f"a killed run created the key pair {name!r}, and its private key was lost with the run. "
            f"Type `openstack keypair delete {name}`, and the same command again."
        )
    identity = kind.identity(one.inputs, fitting[0])
    return Made(identity, _built(connection, kind, one, identity) in BROKEN)


def finish(connection: Any, one: Begun, made: Made) -> None:
    """Do what the dead run had still to do, where the next run would not: the default rules of a group that wants none."""
    if not one.type.endswith(":SecGroup") or one.inputs.get("deleteDefaultRules") is not True:
        return
    # No rule of the stack can be there: a rule is made when its group's id is known to the state.
    answer = connection.network.get("/security-group-rules", params={"security_group_id": made.identity})
    for rule in answer.json().get("security_group_rules", []):
        connection.network.delete(f"/security-group-rules/{rule['id']}")


def _needed(kind: Kind) -> Iterable[str]:
    return {*kind.same, *kind.asked.values(), "name"}


def _listed(connection: Any, kind: Kind, inputs: Json) -> Sequence[Json]:
    path = kind.path.format_map({key: str(value) for key, value in inputs.items()})
    params = {parameter: inputs[name] for parameter, name in kind.asked.items() if inputs.get(name)}
    answer = getattr(connection, kind.service).get(path, params=params, raise_exc=False)
    if answer.status_code == _MISSING:
        return []
    if answer.status_code != _OK:
        raise Failure(
            f"the cloud does not say what a killed run made: it answers {answer.status_code}. Nothing was changed."
        )
    found = answer.json()[kind.key]
    return found if isinstance(found, list) else [found]


def _fits(connection: Any, kind: Kind, inputs: Json, thing: Json, since: float) -> bool:
    for name, field in kind.same.items():
        stated, shown = _text(inputs.get(name)), _text(thing.get(field))
        if stated != shown and (stated or kind.whole):
            return False
    owner = thing.get("project_id") or thing.get("tenant_id") or thing.get("os-vol-tenant-attr:tenant_id")
    if owner and owner != connection.current_project_id:
        return False
    made = thing.get("created_at") or thing.get("created")
    # A cloud's clock may be behind this machine's by some seconds.
    if made and not kind.exact and seconds(str(made)) < since - SLACK:
        return False
    return kind.further(inputs, thing)


def _text(value: object) -> str:
    return "" if value is None else str(value).strip()


def _built(connection: Any, kind: Kind, one: Begun, identity: str) -> str:
    """Its status, once it is not being built any more; empty for what is there at once."""
    if kind.key not in ("volumes", "servers"):
        return ""
    end = time.monotonic() + WAIT
    while True:
        shown = next(
            (thing for thing in _listed(connection, kind, one.inputs) if thing["id"] == identity), {"status": "deleted"}
        )
        status = str(shown["status"]).lower()
        if status not in BUILDING:
            return status
        if time.monotonic() > end:
            raise Failure(
                f"{one.told} ({identity}), which a killed run made, is {status} for more than {WAIT:.0f} s. Nothing was changed."
            )
        time.sleep(_TICK)
