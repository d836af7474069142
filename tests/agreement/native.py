"""A documented request as the flat inputs of our provider's own resources, as far as these can say it."""

from __future__ import annotations

from typing import Any

from components.document.values import whole
from policy.native import BESIDE, NATIVE, NATIVE_BATCH
from tests.agreement.raw import CannotSayError

COUNTS = ("min_count", "max_count")
NEVER = BESIDE | {"return_reservation_id"}


def native(body: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The type and the inputs; raises `CannotSayError` where there are none that mean the same."""
    server, hints = body.get("server"), body.get("os:scheduler_hints", {})
    _need(isinstance(server, dict) and isinstance(hints, dict) and body.keys() <= {"server", "os:scheduler_hints"})
    made = {key: value for key, value in server.items() if value is not None}
    _need(not made.keys() & NEVER)
    disks = made.pop("block_device_mapping_v2", [])
    _need(isinstance(disks, list))
    batch = any(key in made for key in COUNTS)
    # A batch has no disks, and what boots it is an image.
    _need(not (batch and disks))
    if "security_groups" in made:
        made["security_groups"] = [_group(one) for one in _list(made["security_groups"])]
    for place, disk in enumerate(disks):
        boots, flat = _disk(disk)
        _need(not boots or place == 0)
        if boots:
            made["boot"] = flat
        else:
            made.setdefault("disks", []).append({"name": str(place), **flat})
    if hints:
        made["scheduler_hints"] = hints
    return NATIVE_BATCH if batch else NATIVE, made


def _need(sayable: bool) -> None:
    if not sayable:
        raise CannotSayError


def _list(value: Any) -> list[Any]:
    _need(isinstance(value, list))
    return list(value)


def _group(group: Any) -> str:
    _need(isinstance(group, dict) and group.keys() == {"name"} and isinstance(group["name"], str))
    return str(group["name"])


def _disk(disk: Any) -> tuple[bool, dict[str, Any]]:
    """Whether the disk boots, which its place says here, and what it is besides."""
    _need(isinstance(disk, dict))
    flat = {key: value for key, value in disk.items() if value is not None}
    index = flat.pop("boot_index", "")
    _need(index == "" or whole(index) in (0, -1))
    _need(flat.pop("destination_type", "volume") == "volume")
    return index != "" and whole(index) == 0, flat
