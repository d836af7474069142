"""The documented create request out of the inputs of a server or a batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from provider.marker import KEY, Marker
from provider.properties import Properties
from provider.requests import Json

DESCRIBED = (2, 19)
TAGGED = (2, 26)
HIDDEN = ("adminPass",)
"""What the marker says nothing about."""


def too_old(inputs: Properties, newest: Callable[[], tuple[int, int]]) -> list[tuple[str, str]]:
    """What the cloud is too old for, by input; `newest` asks for its newest microversion, and only where something needs one."""
    wrong = []
    for key, needed, fix in (
        ("description", DESCRIBED, "say it in `metadata` (ECS-108)"),
        ("tags", TAGGED, "use `metadata`"),
    ):
        if inputs.get(key) and (has := newest()) < needed:
            said = f"this cloud's newest is {has[0]}.{has[1]}" if any(has) else "this cloud does not say which it has"
            wrong.append((key, f"needs microversion {needed[0]}.{needed[1]}, and {said}. Leave it out, or {fix}"))
    return wrong


def made_with(inputs: Properties) -> Properties:
    """What tells one creation from another: the inputs that cannot be brought in place."""
    keys = (
        "flavorRef", "availability_zone", "imageRef", "boot", "networks", "key_name", "user_data", "scheduler_hints",
        "min_count", "max_count",
    )  # fmt: skip
    return {key: inputs[key] for key in keys if key in inputs}


def create_body(inputs: Properties, marker: Marker, boot_disk: str | None = None) -> Json:
    """The request (Tables 2, 3, 4, 6 and 7); `boot_disk` is the disk that was made for a boot source with a type."""
    server: dict[str, Any] = {
        "name": inputs["name"],
        "flavorRef": inputs["flavorRef"],
        "imageRef": inputs.get("imageRef"),
        "availability_zone": inputs.get("availability_zone"),
        "networks": inputs.get("networks"),
        "security_groups": [{"name": group} for group in inputs.get("security_groups") or []] or None,
        "key_name": inputs.get("key_name"),
        "adminPass": inputs.get("adminPass"),
        "user_data": inputs.get("user_data"),
        "metadata": {**(inputs.get("metadata") or {}), KEY: marker.text},
        "description": inputs.get("description") or None,
        "min_count": inputs.get("min_count"),
        "max_count": inputs.get("max_count"),
        "return_reservation_id": True if "max_count" in inputs else None,
    }
    if (boot := inputs.get("boot")) is not None:
        server["block_device_mapping_v2"] = [boot_mapping(boot, boot_disk)]
    body: Json = {"server": {key: value for key, value in server.items() if value is not None}}
    if hints := inputs.get("scheduler_hints"):
        body["os:scheduler_hints"] = hints
    return body


def boot_mapping(boot: Json, disk: str | None) -> Json:
    """The boot disk as Table 4 has it: what the cloud makes itself, or the disk that was made for it."""
    mapping = {"boot_index": 0, "destination_type": "volume"}
    if disk is not None:
        return {**mapping, "source_type": "volume", "uuid": disk, "delete_on_termination": False}
    size = {"volume_size": boot["volume_size"]} if boot.get("volume_size") and boot["source_type"] != "volume" else {}
    lasting = {"delete_on_termination": bool(boot.get("delete_on_termination"))}
    return {**mapping, **size, **lasting, "source_type": boot["source_type"], "uuid": boot["uuid"]}


def version_for(inputs: Properties) -> str | None:
    """The microversion that the request needs, or None for the first."""
    return "{}.{}".format(*DESCRIBED) if inputs.get("description") else None


def own_boot_disk(inputs: Properties) -> bool:
    """Whether the boot disk is made here first: the native API takes a disk type with microversion 2.67 only."""
    boot = inputs.get("boot")
    return boot is not None and boot["source_type"] in {"image", "snapshot"} and bool(boot.get("volume_type"))
