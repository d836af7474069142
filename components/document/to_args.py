"""A documented request as the arguments of `Server` or `ServerBatch`, and what of it is sent otherwise than written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from components.document.foreign import foreign
from components.document.tables import BlockDevice, CreateRequest, Hints, NetworkEntry, ServerTable
from components.document.values import empty
from components.ecs.batch_args import BatchArgs
from components.ecs.server_args import ServerArgs
from components.problems import ArgumentError, Problem, checked

ARGUMENT = {
    "flavor_ref": "flavorRef",
    "admin_pass": "adminPass",
    "boot.image_ref": "imageRef",
    "disk_config": "OS-DCF:diskConfig",
    "user_data_base64": "user_data",
}
RESERVED = ("different_host", "same_host", "cidr", "build_near_host_ip")


@dataclass(frozen=True)
class Note:
    """A field that is not sent as written: its path in the request, why, and the restriction where there is one."""

    path: str
    reason: str
    restriction: str | None = None


@dataclass
class Converted:
    """The arguments (plain values; the secrets apart, by argument name), whether of a batch, and the notes."""

    arguments: dict[str, Any]
    secrets: dict[str, str]
    notes: list[Note] = field(default_factory=list)
    batch: bool = False


def convert(request: dict[str, Any], path: str) -> Converted:
    """The arguments that state a documented request, valid ones: of `ServerBatch` for more than one ECS, else of `Server`.

    Raises `ArgumentError` with every mistake in it, or with those of the tables alone where it does not have their types.
    """
    found = [problem.under(f"{path}: ") for problem in foreign(request)]
    told = [f"{problem.path}." for problem in found]
    try:
        read: CreateRequest = checked(CreateRequest.model_validate, request, f"{path}: ", CreateRequest)
    except ArgumentError as error:
        # That such a field is unknown besides would be a second word on the same mistake.
        others = [one for one in error.problems if not any(path.startswith(f"{one.path}.") for path in told)]
        raise ArgumentError([*found, *others]) from None
    server = read.server
    found += [problem.under(f"{path}: ") for check in CHECKS for problem in check(server)]
    result = Converted({}, {})
    plain = {
        "name": server.name,
        "flavor_ref": server.flavor_ref,
        "availability_zone": server.availability_zone,
        "key_name": server.key_name,
        "metadata": server.metadata,
        "description": server.description,
        "disk_config": server.disk_config,
        "auto_terminate_time": server.auto_terminate_time,
        "personality": None if server.personality == [] else server.personality,
        "config_drive": None if server.config_drive is False else server.config_drive,
    }
    result.arguments = {key: value for key, value in plain.items() if value is not None}
    for name, secret in (("admin_pass", server.admin_pass), ("user_data_base64", server.user_data)):
        if secret is not None:
            result.secrets[name] = secret.get_secret_value()
    result.arguments["networks"] = [_nic(nic, n, result) for n, nic in enumerate(server.networks or [])]
    _disks(server, result)
    _groups(server, result)
    if read.hints is not None:
        result.arguments["scheduler_hints"] = _hints(read.hints)
    try:
        # A member of a batch is judged as one ECS, besides what the checks say of a batch.
        checked(ServerArgs.model_validate, result.arguments | result.secrets, f"{path}: server", ServerArgs)
    except ArgumentError as error:
        found += error.problems
    if found:
        raise ArgumentError(found)
    _counts(server, result)
    if result.batch:
        checked(BatchArgs.model_validate, result.arguments | result.secrets, f"{path}: server", BatchArgs)
    return result


def _name(server: ServerTable) -> Iterator[Problem]:
    if server.name is None:
        yield Problem("server.name", "is missing", "Give it a text of 1 to 255 characters", "ECS-101")


def _most(server: ServerTable) -> int:
    """The larger of the two counts."""
    return max(server.min_count or 1, server.max_count or 1)


def _batch(server: ServerTable) -> Iterator[Problem]:
    """What is wrong with the counts, and what a batch cannot have."""
    least, most = server.min_count or 1, server.max_count or server.min_count or 1
    if least > most:
        wrong = f"is {most}, less than min_count, which is {least}"
        yield Problem("server.max_count", wrong, "Use 1 <= min_count <= max_count", "ECS-401")
    if _most(server) <= 1:
        return
    disks = server.block_device_mapping_v2 or []
    boots = any(disk.boot_index == 0 for disk in disks)
    if boots and server.image_ref is None and all(disk.source_type != "image" for disk in disks):
        wrong = "asks for more than one ECS without an image"
        yield Problem("server.max_count", wrong, "Name the image in imageRef, or create one ECS", "ECS-402")
    elif disks:
        wrong, fix = (
            "names disks for more than one ECS",
            "Boot the batch from imageRef without disks, or state each server",
        )
        yield Problem("server.block_device_mapping_v2", wrong, fix, "ECS-403")
    for place, nic in enumerate(server.networks or []):
        for key in ("port", "fixed_ip"):
            if getattr(nic, key) is not None:
                wrong, fix = (
                    "belongs to one ECS, but more than one is asked for",
                    "Name networks by uuid alone in a batch",
                )
                yield Problem(f"server.networks[{place}].{key}", wrong, fix, "ECS-405")


def _addresses(server: ServerTable) -> Iterator[Problem]:
    for place, nic in enumerate(server.networks or []):
        if nic.port is not None and nic.uuid is None and nic.fixed_ip is not None:
            wrong, fix = "is set, but the network's uuid is not", "Leave it out: the port has an address of its own"
            yield Problem(f"server.networks[{place}].fixed_ip", wrong, fix, "ECS-303")


def _boots(server: ServerTable) -> Iterator[Problem]:
    here = "server.block_device_mapping_v2"
    disks = server.block_device_mapping_v2 or []
    boots = [place for place, disk in enumerate(disks) if disk.boot_index == 0]
    for place in boots[1:]:
        wrong = f"is a second boot disk beside [{boots[0]}]"
        yield Problem(f"{here}[{place}]", wrong, "Leave one with boot_index 0", "ECS-206")
    if server.image_ref is not None and boots:
        yield Problem(f"{here}[{boots[0]}]", "is a boot disk beside imageRef", "Keep one boot source", "ECS-104")
    volumes = [place for place, disk in enumerate(disks) if disk.source_type == "volume"]
    if server.image_ref is None and not boots and volumes:
        wrong = "comes from a volume, but no disk has a boot_index of 0"
        yield Problem(f"{here}[{volumes[0]}]", wrong, "Set boot_index to 0 on the disk to boot from", "ECS-206")


CHECKS: tuple[Callable[[ServerTable], Iterator[Problem]], ...] = (_name, _batch, _addresses, _boots)
"""What several fields of a request decide together, where the arguments have no way to say it."""


def _counts(server: ServerTable, result: Converted) -> None:
    """Make the arguments of one ECS, which are right, those of a batch where more than one is asked for."""
    result.batch = _most(server) > 1
    if not result.batch:
        for name in ("min_count", "max_count", "return_reservation_id"):
            if getattr(server, name) is not None:
                result.notes.append(Note(f"server.{name}", "one ECS is the default, so it is left out", "ECS-401"))
        return
    counts = {"min_count": server.min_count, "max_count": server.max_count}
    result.arguments |= result.arguments.pop("boot") | {
        key: value for key, value in counts.items() if value is not None
    }
    if server.return_reservation_id is False:
        reason = "a batch always asks for its reservation id, by which its members are found"
        result.notes.append(Note("server.return_reservation_id", reason, "ECS-404"))


def _hints(hints: Hints) -> dict[str, Any]:
    """The hints that say something; an empty tenancy or group is no default but a mistake."""
    stated = hints.model_dump(exclude_none=True)
    silent = {key for key in RESERVED if empty(stated.get(key))}
    silent |= {"dedicated_host_id"} if stated.get("dedicated_host_id") == "" else set()
    return {key: value for key, value in stated.items() if key not in silent}


def _nic(nic: NetworkEntry, number: int, result: Converted) -> dict[str, Any]:
    here = f"server.networks[{number}]"
    if nic.port is None:
        return nic.model_dump(exclude_none=True)
    for name in ("uuid", "fixed_ip"):
        if getattr(nic, name) is not None:
            result.notes.append(Note(f"{here}.{name}", "the port decides, so it has no effect beside one", "ECS-304"))
    return {"port": nic.port}


def _groups(server: ServerTable, result: Converted) -> None:
    names = [group.name for group in server.security_groups or [] if group.name is not None]
    if not names:
        return
    if all(nic.port is not None for nic in server.networks or []):
        reason = "every NIC names a port, which keeps its own groups, so it has no effect and is left out"
        result.notes.append(Note("server.security_groups", reason, "ECS-109"))
        return
    result.arguments["security_groups"] = names


def _disks(server: ServerTable, result: Converted) -> None:
    mappings = list(enumerate(server.block_device_mapping_v2 or []))
    boots = [(number, disk) for number, disk in mappings if disk.boot_index == 0]
    if server.image_ref is not None:
        result.arguments["boot"] = {"image_ref": server.image_ref}
    elif boots:
        result.arguments["boot"] = _disk(boots[0][1], boots[0][0], result, boot=True)
    elif volumes := [(number, disk) for number, disk in mappings if disk.source_type == "volume"]:
        # That nothing boots is told already; a boot source stands in, so that it is told once.
        result.arguments["boot"] = _disk(volumes[0][1], volumes[0][0], result, boot=True)
    data = [_disk(disk, number, result, boot=False) for number, disk in mappings if disk.boot_index != 0]
    if data:
        result.arguments["disks"] = data


def _disk(disk: BlockDevice, number: int, result: Converted, *, boot: bool) -> dict[str, Any]:
    here = f"server.block_device_mapping_v2[{number}]"
    stated = disk.model_dump(exclude_none=True, exclude={"boot_index", "destination_type", "device_name"})
    if not boot:
        stated["name"] = f"data-{number}"
    if disk.destination_type != "volume":
        stated["destination_type"] = disk.destination_type
    if disk.device_name is not None:
        result.notes.append(Note(f"{here}.device_name", "the system names the device", "ECS-204"))
    if disk.source_type == "volume":
        for name in ("volume_size", "volume_type"):
            if stated.pop(name, None) is not None:
                result.notes.append(Note(f"{here}.{name}", "an existing volume has its own"))
    if not boot:
        reason = "a data disk is attached as soon as the ECS is active, so that it can be removed without replacing it"
        result.notes.append(Note(here, reason))
    elif disk.source_type in {"image", "snapshot"} and disk.volume_type is not None:
        reason = "a boot disk with a type is made first: the native API takes a type with microversion 2.67 only"
        changed = ["source_type", "uuid", "volume_type"]
        changed += ["volume_size"] if disk.volume_size is not None else []
        result.notes.extend(Note(f"{here}.{name}", reason) for name in changed)
        if disk.delete_on_termination:
            reason = "the disk was not made by the cloud, so the provider deletes it after the ECS"
            result.notes.append(Note(f"{here}.delete_on_termination", reason))
    return stated
