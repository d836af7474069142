"""What the document refuses although plain Nova would take it, as far as the request alone decides.

A check reads the body as it came, with any type anywhere, and yields a sentence for each thing that is wrong. The ids
are those of the project's catalogue of restrictions; they stand in every refusal.
"""

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from typing import Any

from sandbox.faults import Fault, Json
from sandbox.nova.asked import Asked, absent, boot_index_of, flag, number, objects
from sandbox.nova.wanted import LONGEST, hints_of, is_base64
from sandbox.routing import Call

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_HOST_KEYS = ("host", "hypervisor_hostname", "OS-EXT-SRV-ATTR:host", "OS-EXT-SRV-ATTR:hypervisor_hostname")
_HOST_HINTS = ("force_hosts", "force_nodes")
_RESERVED_HINTS = ("different_host", "same_host", "cidr", "build_near_host_ip")
_EIP_KEYS = ("publicip", "public_ip", "eip", "floating_ip", "floatingip")
_SPOT_KEYS = ("marketType", "market_type", "spotPrice", "spot_price", "spot", "interruption_policy")
_PERIOD_KEYS = ("chargingMode", "charging_mode", "periodType", "period_type", "periodNum", "period_num", "isAutoRenew")
_PAY_PER_USE = (None, "", "postPaid", "0", 0)


Check = Callable[[Asked], Iterator[str]]


def name(asked: Asked) -> Iterator[str]:
    """ECS-101."""
    value = asked.server.get("name")
    if not isinstance(value, str) or not 1 <= len(value) <= LONGEST:
        yield "name must have 1 to 255 characters."


def flavor(asked: Asked) -> Iterator[str]:
    """ECS-102."""
    value = asked.server.get("flavorRef")
    if absent(value):
        yield "flavorRef is mandatory."
    elif not (value.strip("/") if isinstance(value, str) else number(value) is not None):
        yield "flavorRef must be the id of a flavor, or its URL."


def zone(asked: Asked) -> Iterator[str]:
    """ECS-103."""
    value = asked.server.get("availability_zone")
    if absent(value):
        yield "availability_zone is mandatory when an ECS is created."
    elif not isinstance(value, str):
        yield "availability_zone must be a string."


def boot_source(asked: Asked) -> Iterator[str]:
    """ECS-104; that nothing boots beside an existing volume is a restriction of its own."""
    if asked.image is not None and asked.boots:
        yield "imageRef and a boot disk (boot_index 0) exclude each other."
    if any(disk.get("source_type") == "blank" for disk in asked.boots):
        yield "a blank disk has nothing to boot from: its boot_index can only be -1."
    from_volume = any(disk.get("source_type") == "volume" for disk in asked.disks)
    if asked.image is None and not asked.boots and not from_volume:
        yield "the ECS has nothing to boot from: set imageRef, or boot_index 0 on one disk."


def config_drive(asked: Asked) -> Iterator[str]:
    """ECS-105; clients that always send a false are not refused."""
    value = asked.server.get("config_drive")
    if not absent(value) and flag(value) is not False:
        yield "config_drive is not supported."


def disk_config(asked: Asked) -> Iterator[str]:
    """ECS-106."""
    if asked.server.get("OS-DCF:diskConfig") is not None:
        yield "OS-DCF:diskConfig is not supported."


def auto_terminate(asked: Asked) -> Iterator[str]:
    """ECS-107."""
    if asked.server.get("auto_terminate_time") is not None:
        yield "auto_terminate_time is not supported now."


def description(asked: Asked) -> Iterator[str]:
    """ECS-108."""
    value = asked.server.get("description")
    if value is None:
        return
    if asked.version < (2, 19):
        yield "description needs microversion 2.19 or later."
    if not isinstance(value, str) or len(value) > LONGEST:
        yield "description must be a string of at most 255 characters."


def user_data(asked: Asked) -> Iterator[str]:
    """ECS-111."""
    value = asked.server.get("user_data")
    if value is not None and not is_base64(value):
        yield "user_data is not base64."


def injected_files(asked: Asked) -> Iterator[str]:
    """ECS-112: what cannot be decoded cannot be injected, and then the creation fails."""
    for place, one in enumerate(objects(asked.server.get("personality"))):
        try:
            base64.b64decode(str(one.get("contents", "")), validate=True)
        except (binascii.Error, ValueError):
            yield f"personality[{place}].contents is not base64: the injection would fail, and with it the creation."


def chosen_host(asked: Asked) -> Iterator[str]:
    """ECS-113."""
    value = asked.server.get("availability_zone")
    if isinstance(value, str) and ":" in value:
        yield "availability_zone names a host: an ECS cannot be created on a specified host."
    for holder, path, keys in ((asked.server, "", _HOST_KEYS), (asked.hints, "os:scheduler_hints.", _HOST_HINTS)):
        for key in keys:
            if not absent(holder.get(key)):
                yield f"{path}{key} names a host: an ECS cannot be created on a specified host."
    if any("host" in text.lower() for text in _texts(asked.hints.get("query"))):
        yield "os:scheduler_hints.query picks a host: an ECS cannot be created on a specified host."


def _texts(query: Any) -> Iterator[str]:
    if isinstance(query, str):
        yield query
    for part in query if isinstance(query, list) else ():
        yield from _texts(part)


def public_address(asked: Asked) -> Iterator[str]:
    """ECS-114."""
    for holder, path in [(asked.server, ""), *((nic, f"networks[{i}].") for i, nic in enumerate(asked.nics))]:
        for key in _EIP_KEYS:
            if holder.get(key) is not None:
                yield f"{path}{key}: an EIP cannot be bound during the creation."


def _extended(asked: Asked) -> Iterator[tuple[str, Json]]:
    yield "", asked.server
    for key in ("extendparam", "os:extendparam"):
        if isinstance(asked.server.get(key), dict):
            yield f"{key}.", asked.server[key]


def spot_price(asked: Asked) -> Iterator[str]:
    """ECS-116."""
    for path, holder in _extended(asked):
        for key in _SPOT_KEYS:
            if holder.get(key) not in (None, "", "postpaid"):
                yield f"{path}{key}: spot price ECSs cannot be created through this API."


def subscription(asked: Asked) -> Iterator[str]:
    """ECS-117."""
    for path, holder in _extended(asked):
        for key in _PERIOD_KEYS:
            if holder.get(key) not in _PAY_PER_USE:
                yield f"{path}{key}: yearly/monthly ECSs cannot be created through this API."


def metadata(asked: Asked) -> Iterator[str]:
    """ECS-118."""
    given = asked.server.get("metadata")
    if given is None:
        return
    if not isinstance(given, dict):
        yield "metadata must be an object."
        return
    for key, value in given.items():
        if not 1 <= len(key) <= LONGEST:
            yield "a metadata key must have 1 to 255 characters."
        if not isinstance(value, str) or len(value) > LONGEST:
            yield f"metadata.{key[:40]} must be a string of at most 255 characters."


def source_type(asked: Asked) -> Iterator[str]:
    """ECS-201."""
    given = asked.server.get("block_device_mapping_v2")
    if not absent(given) and not isinstance(given, list):
        yield "block_device_mapping_v2 must be a list of disks."
    for place, disk in enumerate(asked.disks):
        if disk.get("source_type") not in ("volume", "image", "snapshot", "blank"):
            yield f"block_device_mapping_v2[{place}].source_type must be volume, image, snapshot or blank."


def destination_type(asked: Asked) -> Iterator[str]:
    """ECS-202."""
    for place, disk in enumerate(asked.disks):
        if disk.get("destination_type") not in (None, "", "volume"):
            yield f"block_device_mapping_v2[{place}].destination_type can only be volume."


def guest_format(asked: Asked) -> Iterator[str]:
    """ECS-203."""
    for place, disk in enumerate(asked.disks):
        if disk.get("guest_format") not in (None, ""):
            yield f"block_device_mapping_v2[{place}].guest_format is not supported."


def boot_index(asked: Asked) -> Iterator[str]:
    """ECS-205."""
    for place, disk in enumerate(asked.disks):
        if boot_index_of(disk) not in (0, -1):
            yield f"block_device_mapping_v2[{place}].boot_index must be 0 (boot disk) or -1 (not a boot disk)."


def one_boot_disk(asked: Asked) -> Iterator[str]:
    """ECS-206."""
    boots = len(asked.boots)
    if boots > 1:
        yield f"block_device_mapping_v2 has {boots} boot disks; at most one may have boot_index 0."
    if not boots and any(disk.get("source_type") == "volume" for disk in asked.disks):
        yield "block_device_mapping_v2 has a volume source; then one boot_index must be 0."


def volume_size(asked: Asked) -> Iterator[str]:
    """ECS-208."""
    for place, disk in enumerate(asked.disks):
        size, path = disk.get("volume_size"), f"block_device_mapping_v2[{place}].volume_size"
        if size in (None, ""):
            if disk.get("source_type") in ("image", "blank"):
                yield f"{path} is mandatory for source_type {disk['source_type']}."
        elif (number(size) or 0) < 1:
            yield f"{path} must be an integer above 0, in GB."


def disk_uuid(asked: Asked) -> Iterator[str]:
    """ECS-210."""
    for place, disk in enumerate(asked.disks):
        path = f"block_device_mapping_v2[{place}].uuid"
        source, value = disk.get("source_type"), disk.get("uuid")
        if source == "blank" and value not in (None, ""):
            yield f"{path} must be absent for source_type blank."
        elif source in ("volume", "image", "snapshot") and not (value and isinstance(value, str)):
            yield f"{path} is the id of the {source}, and missing or no string."


def networks(asked: Asked) -> Iterator[str]:
    """ECS-301."""
    given = asked.server.get("networks")
    if not isinstance(given, list) or not given:
        yield "networks is mandatory, with at least one entry."


def port_or_uuid(asked: Asked) -> Iterator[str]:
    """ECS-302; a fixed IP that lacks its network is a restriction of its own."""
    for place, nic in enumerate(asked.nics):
        given = [nic[key] for key in ("port", "uuid") if not absent(nic.get(key))]
        if not all(isinstance(value, str) for value in given):
            yield f"networks[{place}] must name a port or a uuid by a string."
        elif not given and absent(nic.get("fixed_ip")):
            yield f"networks[{place}] must name a port or a uuid."


def fixed_ip(asked: Asked) -> Iterator[str]:
    """ECS-303."""
    for place, nic in enumerate(asked.nics):
        if nic.get("fixed_ip") not in (None, "") and absent(nic.get("uuid")):
            yield f"networks[{place}].fixed_ip needs the uuid of the network."


def counts(asked: Asked) -> Iterator[str]:
    """ECS-401."""
    said = [asked.server[key] for key in ("min_count", "max_count") if asked.server.get(key) is not None]
    read = [number(value) or 0 for value in said]
    if any(count < 1 for count in read):
        yield "min_count and max_count must be integers of at least 1."
    elif read != sorted(read):
        yield "min_count must be <= max_count."


def batch_from_image(asked: Asked) -> Iterator[str]:
    """ECS-402."""
    if asked.is_batch and asked.lacks_image:
        yield "min_count and max_count above 1 are available only when a specified image creates the ECSs."


def batch_without_disks(asked: Asked) -> Iterator[str]:
    """ECS-403; a batch that boots from disks without an image is a restriction of its own."""
    if asked.is_batch and not absent(asked.server.get("block_device_mapping_v2")) and not asked.lacks_image:
        yield "ECSs cannot be created in a batch when a disk is specified in block_device_mapping_v2."


def reservation(asked: Asked) -> Iterator[str]:
    """ECS-404."""
    value = asked.server.get("return_reservation_id")
    if value is not None and flag(value) is None:
        yield "return_reservation_id must be a boolean."


def batch_without_ports(asked: Asked) -> Iterator[str]:
    """ECS-405."""
    for place, nic in enumerate(asked.nics if asked.is_batch else ()):
        for key in ("port", "fixed_ip"):
            if not absent(nic.get(key)):
                yield f"networks[{place}].{key} cannot be given for a batch."


def group(asked: Asked) -> Iterator[str]:
    """ECS-501."""
    value = asked.hints.get("group")
    if value is not None and not (isinstance(value, str) and _UUID.fullmatch(value)):
        yield "os:scheduler_hints.group must be a UUID."


def reserved_hints(asked: Asked) -> Iterator[str]:
    """ECS-503."""
    for key in _RESERVED_HINTS:
        if not absent(asked.hints.get(key)):
            yield f"os:scheduler_hints.{key} is reserved and not supported."


def tenancy(asked: Asked) -> Iterator[str]:
    """ECS-504."""
    if asked.hints.get("tenancy") not in (None, "shared", "dedicated"):
        yield "os:scheduler_hints.tenancy must be shared or dedicated."


def dedicated_host(asked: Asked) -> Iterator[str]:
    """ECS-505."""
    if not absent(asked.hints.get("dedicated_host_id")) and asked.hints.get("tenancy") != "dedicated":
        yield "os:scheduler_hints.dedicated_host_id takes effect only with tenancy dedicated."


BY_REQUEST: tuple[tuple[str, Check], ...] = (
    ("ECS-101", name),
    ("ECS-102", flavor),
    ("ECS-103", zone),
    ("ECS-104", boot_source),
    ("ECS-105", config_drive),
    ("ECS-106", disk_config),
    ("ECS-107", auto_terminate),
    ("ECS-108", description),
    ("ECS-111", user_data),
    ("ECS-112", injected_files),
    ("ECS-113", chosen_host),
    ("ECS-114", public_address),
    ("ECS-116", spot_price),
    ("ECS-117", subscription),
    ("ECS-118", metadata),
    ("ECS-201", source_type),
    ("ECS-202", destination_type),
    ("ECS-203", guest_format),
    ("ECS-205", boot_index),
    ("ECS-206", one_boot_disk),
    ("ECS-208", volume_size),
    ("ECS-210", disk_uuid),
    ("ECS-301", networks),
    ("ECS-302", port_or_uuid),
    ("ECS-303", fixed_ip),
    ("ECS-401", counts),
    ("ECS-402", batch_from_image),
    ("ECS-403", batch_without_disks),
    ("ECS-404", reservation),
    ("ECS-405", batch_without_ports),
    ("ECS-501", group),
    ("ECS-503", reserved_hints),
    ("ECS-504", tenancy),
    ("ECS-505", dedicated_host),
)
"""Every restriction that the request alone decides, in the catalogue's order."""


def refuse(call: Call) -> None:
    """Raise one `Fault` (400) that names everything the document refuses in this create call."""
    server = call.body.get("server") if isinstance(call.body, dict) else None
    if not isinstance(server, dict):
        # What is no create call at all is refused by its schema.
        return
    hints = hints_of(call.body)
    asked = Asked(server, hints if isinstance(hints, dict) else {}, (2, 1) if call.legacy else call.version)
    found = [f"{sentence} [{restriction}]" for restriction, check in BY_REQUEST for sentence in check(asked)]
    if found:
        raise Fault(400, " ".join(found))
