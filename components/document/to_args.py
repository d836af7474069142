"""A documented request as the arguments of `Server`, and what of it is sent otherwise than written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from components.document.tables import BlockDevice, CreateRequest, NetworkEntry, ServerTable
from components.problems import ArgumentError, Problem, checked

ARGUMENT = {
    "flavor_ref": "flavorRef",
    "admin_pass": "adminPass",
    "boot.image_ref": "imageRef",
    "disk_config": "OS-DCF:diskConfig",
    "user_data_base64": "user_data",
}


@dataclass(frozen=True)
class Note:
    """A field that is not sent as written: its path in the request, why, and the restriction where there is one."""

    path: str
    reason: str
    restriction: str | None = None


@dataclass
class Converted:
    """The arguments (plain values; the secrets apart, by argument name) and the notes."""

    arguments: dict[str, Any]
    secrets: dict[str, str]
    notes: list[Note] = field(default_factory=list)


def convert(request: dict[str, Any], path: str) -> Converted:
    """The arguments that state a documented request; raises `ArgumentError` with every mistake in it."""
    read: CreateRequest = checked(CreateRequest.model_validate, request, f"{path}: ", CreateRequest)
    server = read.server
    problems = [problem.under(f"{path}: ") for problem in _batch(server)]
    if problems:
        raise ArgumentError(problems)
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
        "personality": server.personality,
        "config_drive": None if str(server.config_drive).lower() in {"none", "false", ""} else server.config_drive,
    }
    result.arguments = {key: value for key, value in plain.items() if value is not None}
    for name, secret in (("admin_pass", server.admin_pass), ("user_data_base64", server.user_data)):
        if secret is not None:
            result.secrets[name] = secret.get_secret_value()
    result.arguments["networks"] = [_nic(nic, n, result) for n, nic in enumerate(server.networks or [])]
    _disks(server, result, path)
    _groups(server, result)
    if read.hints is not None:
        result.arguments["scheduler_hints"] = read.hints.model_dump(exclude_none=True)
    for name in ("min_count", "max_count", "return_reservation_id"):
        if getattr(server, name) is not None:
            result.notes.append(Note(f"server.{name}", "one ECS is the default, so it is left out", "ECS-401"))
    return result


def _batch(server: ServerTable) -> list[Problem]:
    counts = [count for count in (server.min_count, server.max_count) if count is not None]
    if any(count < 1 for count in counts):
        return [Problem("server.min_count", "is below 1", "Use 1 or more", "ECS-401")]
    if any(count > 1 for count in counts):
        wrong = "asks for a batch, which one server of a stack cannot be"
        return [Problem("server.max_count", wrong, "State each server, or leave the counts out", "ECS-401")]
    return []


def _nic(nic: NetworkEntry, number: int, result: Converted) -> dict[str, Any]:
    here = f"server.networks[{number}]"
    if nic.port is None:
        return nic.model_dump(exclude_none=True)
    for name in ("uuid", "fixed_ip"):
        if getattr(nic, name) is not None:
            result.notes.append(Note(f"{here}.{name}", "the port decides, so it has no effect beside one", "ECS-304"))
    return {"port": nic.port}


def _groups(server: ServerTable, result: Converted) -> None:
    names = [group.name for group in server.security_groups or []]
    if not names:
        return
    if all(nic.port is not None for nic in server.networks or []):
        reason = "every NIC names a port, where it has no effect; the plugin would put it on the ports later"
        result.notes.append(Note("server.security_groups", reason, "ECS-109"))
        return
    result.arguments["security_groups"] = names
    result.notes.append(Note("server.security_groups", "they are put on the ports of the NICs instead", "ECS-109"))


def _disks(server: ServerTable, result: Converted, path: str) -> None:
    mappings = list(enumerate(server.block_device_mapping_v2 or []))
    boots = [(number, disk) for number, disk in mappings if disk.boot_index == 0]
    where = f"{path}: server.block_device_mapping_v2"
    if len(boots) > 1:
        wrong = f"is a second boot disk beside [{boots[0][0]}]"
        raise ArgumentError([Problem(f"{where}[{boots[1][0]}]", wrong, "Leave one with boot_index 0", "ECS-206")])
    if server.image_ref is not None and boots:
        wrong = "is a boot disk beside imageRef"
        raise ArgumentError([Problem(f"{where}[{boots[0][0]}]", wrong, "Keep one boot source", "ECS-104")])
    if server.image_ref is not None:
        result.arguments["boot"] = {"image_ref": server.image_ref}
    elif boots:
        result.arguments["boot"] = _disk(boots[0][1], boots[0][0], result, boot=True)
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
    elif not boot:
        reason = "a data disk is attached as soon as the ECS is active, so that it can be removed without replacing it"
        result.notes.append(Note(here, reason))
    elif disk.volume_type is not None:
        reason = "the disk is made with its type first, and the ECS boots from it: the plugin sends a type with microversion 2.67 only"
        result.notes.extend(
            Note(f"{here}.{name}", reason) for name in ("source_type", "uuid", "volume_size", "volume_type")
        )
    return stated
