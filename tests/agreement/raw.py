"""A documented request as the inputs of a raw `openstack.compute.Instance`, as far as that resource can say it."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from typing import Any

from components.document.values import empty, flag, whole

SERVER = {
    "name": "name",
    "imageRef": "imageId",
    "availability_zone": "availabilityZone",
    "key_name": "keyPair",
    "adminPass": "adminPass",
    "metadata": "metadata",
    "hypervisor_hostname": "hypervisorHostname",
}
DISK = {
    "source_type": "sourceType",
    "uuid": "uuid",
    "guest_format": "guestFormat",
    "volume_type": "volumeType",
}
NIC = {"port": "port", "uuid": "uuid", "fixed_ip": "fixedIpV4"}
EXTRA_HINTS = ("tenancy", "dedicated_host_id", "cidr", "force_hosts", "force_nodes", "query")
COUNTS = ("min_count", "max_count")


class CannotSayError(Exception):
    """The resource has no input for it, or none of this type."""


def instance(body: dict[str, Any]) -> dict[str, Any]:
    """The inputs; raises `CannotSayError` where there are none that mean the same."""
    server, hints = body.get("server"), body.get("os:scheduler_hints", {})
    _need(isinstance(server, dict) and isinstance(hints, dict) and body.keys() <= {"server", "os:scheduler_hints"})
    left = {key: value for key, value in server.items() if value is not None}
    made = _renamed(left, SERVER, lambda key, value: _metadata(value) if key == "metadata" else _text(value))
    # Without a name the engine gives it one.
    _need("name" in made)
    if "flavorRef" in left:
        flavor = left.pop("flavorRef")
        made["flavorId"] = flavor if isinstance(flavor, str) else str(_whole(flavor))
    if "config_drive" in left:
        made["configDrive"] = _flag(left.pop("config_drive"))
    if "user_data" in left:
        made["userData"] = _plain(left.pop("user_data"))
    for key in COUNTS:
        _need(_whole(left.pop(key, 1)) == 1)
    _flag(left.pop("return_reservation_id", False))
    for group in _list(left.pop("security_groups", [])):
        _need(isinstance(group, dict) and group.keys() == {"name"})
        made.setdefault("securityGroups", []).append(_text(group["name"]))
    made["networks"] = [_nic(nic) for nic in _list(left.pop("networks", []))]
    disks = [_disk(disk) for disk in _list(left.pop("block_device_mapping_v2", []))]
    if disks:
        # It sends an image and disks beside it in no way at all, which is a mistake of its own.
        _need(empty(made.get("imageId")) or any(disk["bootIndex"] == 0 for disk in disks))
        made["blockDevices"] = disks
    _need(not left)
    if stated := {key: value for key, value in hints.items() if value is not None}:
        made["schedulerHints"] = [_hints(stated)]
    return made


def _need(sayable: bool) -> None:
    if not sayable:
        raise CannotSayError


def _renamed(left: dict[str, Any], names: dict[str, str], read: Callable[[str, Any], Any]) -> dict[str, Any]:
    return {names[key]: read(key, left.pop(key)) for key in list(left) if key in names}


def _text(value: Any) -> str:
    _need(isinstance(value, str))
    return str(value)


def _list(value: Any) -> list[Any]:
    _need(isinstance(value, list))
    return list(value)


def _whole(value: Any) -> int:
    number = whole(value)
    _need(number is not None)
    return number or 0


def _flag(value: Any) -> bool:
    try:
        return bool(flag(None)(value))
    except ValueError:
        raise CannotSayError from None


def _metadata(value: Any) -> dict[str, str]:
    _need(isinstance(value, dict))
    return {key: _text(item) for key, item in value.items()}


def _plain(value: Any) -> str:
    """The text, which the plugin encodes unless it looks encoded already, when it sends other bytes than these."""
    try:
        plain = base64.b64decode(_text(value), validate=True).decode()
    except ValueError:
        raise CannotSayError from None
    _need(re.fullmatch(r"[\sA-Za-z0-9+/=]*", plain) is None or not plain)
    return plain


def _nic(nic: Any) -> dict[str, str]:
    _need(isinstance(nic, dict) and nic.keys() <= NIC.keys())
    return {NIC[key]: _text(value) for key, value in nic.items() if value is not None}


def _disk(disk: Any) -> dict[str, Any]:
    _need(isinstance(disk, dict))
    left = {key: value for key, value in disk.items() if value is not None}
    made: dict[str, Any] = _renamed(left, DISK, lambda _, value: _text(value))
    made["destinationType"] = _text(left.pop("destination_type", "volume"))
    index, size = left.pop("boot_index", ""), left.pop("volume_size", "")
    made["bootIndex"] = -1 if index == "" else _whole(index)
    if size != "":
        made["volumeSize"] = _whole(size)
    if "delete_on_termination" in left:
        made["deleteOnTermination"] = _flag(left.pop("delete_on_termination"))
    left.pop("device_name", None)
    # It cannot leave these out.
    _need(not left and "sourceType" in made and made["destinationType"] != "")
    return made


def _hints(hints: dict[str, Any]) -> dict[str, Any]:
    left = dict(hints)
    made: dict[str, Any] = {}
    if "group" in left:
        made["group"] = _text(left.pop("group"))
        # It takes an empty text for none, and compares ids as they are written.
        _need(made["group"] == made["group"].lower() != "")
    for key, name in (("different_host", "differentHosts"), ("same_host", "sameHosts")):
        if key in left:
            made[name] = [_text(one) for one in _list(left.pop(key))]
    if "build_near_host_ip" in left:
        made["buildNearHostIp"] = _text(left.pop("build_near_host_ip"))
    extra = {key: _text(left.pop(key)) for key in EXTRA_HINTS if key in left}
    _need(not left)
    return {**made, "additionalProperties": extra} if extra else made
