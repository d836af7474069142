"""What a create call asks for, read as Nova reads it: types, lengths, unknown keys.

The same reader serves both profiles. Quoted numbers and booleans are fine; a value of the wrong type is refused with
Nova's sentence, which quotes the value unless it is a secret.
"""

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sandbox import lenient
from sandbox.faults import Fault, Json
from sandbox.routing import Call
from sandbox.world import Version

HINTS = ("os:scheduler_hints", "OS-SCH-HNT:scheduler_hints")
_SECRET = frozenset({"adminPass", "user_data", "personality", "admin_pass"})
_MAX_USER_DATA = 65_535
LONGEST = 255
"""How long a name, a description, a metadata key or value may be."""

_KNOWN: dict[str, tuple[Version, Version]] = {
    **dict.fromkeys(
        (
            "name", "imageRef", "flavorRef", "adminPass", "metadata", "networks", "OS-DCF:diskConfig", "accessIPv4",
            "accessIPv6", "availability_zone", "block_device_mapping_v2", "config_drive", "key_name", "min_count",
            "max_count", "return_reservation_id", "security_groups", "user_data", *HINTS,
        ),
        ((2, 1), (9, 9)),
    ),
    "personality": ((2, 1), (2, 56)),
    "description": ((2, 19), (9, 9)),
    "tags": ((2, 52), (9, 9)),
    "trusted_image_certificates": ((2, 63), (9, 9)),
    "host": ((2, 74), (9, 9)),
    "hypervisor_hostname": ((2, 74), (9, 9)),
    "hostname": ((2, 90), (9, 9)),
}  # fmt: skip
"""The keys of a server, each with the first and the last microversion that knows it."""


@dataclass(frozen=True)
class Disk:
    """One entry of `block_device_mapping_v2`."""

    source: str
    destination: str
    uuid: str | None = None
    size: int | None = None
    kind: str | None = None
    boot_index: int | None = None
    delete_on_termination: bool = False
    tag: str | None = None


@dataclass(frozen=True)
class Nic:
    """One entry of `networks`."""

    uuid: str | None = None
    port: str | None = None
    fixed_ip: str | None = None


@dataclass(frozen=True)
class Wanted:
    """A create call, read."""

    name: str
    flavor: str
    image: str | None = None
    zone: str | None = None
    disks: tuple[Disk, ...] = ()
    nics: tuple[Nic, ...] | str | None = None
    """The NICs; the words `auto` and `none` of microversion 2.37; None where nothing was said."""
    security_groups: tuple[str, ...] = ()
    key_name: str | None = None
    admin_pass: str | None = None
    user_data: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    description: str | None = None
    config_drive: bool = False
    disk_config: str = "MANUAL"
    min_count: int = 1
    max_count: int = 1
    wants_reservation: bool = False
    tags: tuple[str, ...] = ()
    group: str | None = None
    hints: Json = field(default_factory=dict)
    access_ips: tuple[str, str] = ("", "")


def hints_of(body: Json) -> Any:
    """Return the scheduler hints of a create call, wherever the client put them."""
    server = body.get("server")
    for place in (body, server if isinstance(server, dict) else {}):
        for key in HINTS:
            if place.get(key) is not None:
                return place[key]
    return {}


def wrong(path: str, value: Any, why: str) -> Fault:
    """Return Nova's 400 for a value; a secret is not quoted."""
    shown = "" if path.rsplit(".", maxsplit=1)[-1] in _SECRET else f" Value: {value}."
    return Fault(400, f"Invalid input for field/attribute {path}.{shown} {why}")


def read(call: Call) -> Wanted:
    """Read the body of a create call; raises a `Fault` (400) for the first thing that cannot be."""
    server = call.part("server")
    if not call.legacy:
        _refuse_unknown(server, call.version)
    hints = hints_of(call.body)
    if not isinstance(hints, dict):
        raise wrong("os:scheduler_hints", hints, f"{hints!r} is not of type 'object'")
    low, high = _counts(server)
    disks = tuple(_disk(one, place, call) for place, one in enumerate(_objects(server, "block_device_mapping_v2")))
    return Wanted(
        name=_text(server, "name", 1, 255),
        flavor=_reference(_text(server, "flavorRef", 1, 255)),
        image=_reference(_optional(server, "imageRef") or "") or None,
        zone=_zone(call, server),
        disks=disks,
        nics=_nics(call, server),
        security_groups=tuple(_text(one, "name", 1, 255) for one in _objects(server, "security_groups")),
        key_name=_optional(server, "key_name"),
        admin_pass=_optional(server, "adminPass"),
        user_data=_user_data(server),
        metadata=read_metadata(server.get("metadata", {})),
        description=_description(call, server),
        config_drive=_convert(server, "config_drive", lenient.boolean, False),
        disk_config=_disk_config(server),
        min_count=low,
        max_count=high,
        wants_reservation=_wants_reservation(call, server),
        tags=_tags(server),
        group=hints.get("group"),
        hints=hints,
        access_ips=(_optional(server, "accessIPv4") or "", _optional(server, "accessIPv6") or ""),
    )


def _refuse_unknown(server: Json, version: Version) -> None:
    unknown = [key for key in server if key not in _KNOWN or not _KNOWN[key][0] <= version <= _KNOWN[key][1]]
    if unknown:
        names = ", ".join(repr(key) for key in unknown)
        verb = "was" if len(unknown) == 1 else "were"
        why = f"Additional properties are not allowed ({names} {verb} unexpected)"
        raise Fault(400, f"Invalid input for field/attribute server. {why}")


def _convert(holder: Json, key: str, reader: Callable[[Any], Any], default: Any) -> Any:
    if key not in holder:
        return default
    try:
        return reader(holder[key])
    except ValueError as error:
        raise wrong(key, holder[key], str(error)) from None


def _text(holder: Json, key: str, least: int, most: int) -> str:
    value = holder.get(key)
    if key not in holder:
        raise Fault(400, f"Invalid input for field/attribute server. '{key}' is a required property")
    if not isinstance(value, str):
        raise wrong(key, value, f"{value!r} is not of type 'string'")
    if len(value.strip()) < least:
        raise wrong(key, value, f"{value!r} is too short")
    if len(value) > most:
        raise wrong(key, value, f"{value!r} is too long")
    return value


def _optional(holder: Json, key: str) -> str | None:
    if key not in holder:
        return None
    value = holder[key]
    if not isinstance(value, str):
        raise wrong(key, value, "It is not of type 'string'")
    return value


def _objects(holder: Json, key: str) -> list[Json]:
    value = holder.get(key, [])
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise wrong(key, value, "It is not a list of objects")
    return value


def _reference(value: str) -> str:
    # The id, or a URL that ends with it.
    return value.rstrip("/").rsplit("/", 1)[-1]


def _zone(call: Call, server: Json) -> str | None:
    if "availability_zone" not in server:
        return None
    del call
    return _text(server, "availability_zone", 1, 255)


def _description(call: Call, server: Json) -> str | None:
    value = server.get("description")
    if value is None:
        # Before 2.19 nobody can say it, and Nova then takes the name.
        return None if call.version >= (2, 19) else _text(server, "name", 1, 255)
    if not isinstance(value, str) or len(value) > LONGEST:
        raise wrong("description", value, "It is not a string of at most 255 characters")
    return value


def _tags(server: Json) -> tuple[str, ...]:
    value = server.get("tags", [])
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise wrong("tags", value, "It is not a list of texts")
    return tuple(value)


def _disk_config(server: Json) -> str:
    value = server.get("OS-DCF:diskConfig", "MANUAL")
    if value not in ("AUTO", "MANUAL"):
        raise wrong("OS-DCF:diskConfig", value, f"{value!r} is not one of ['AUTO', 'MANUAL']")
    return str(value)


def _user_data(server: Json) -> str | None:
    value = _optional(server, "user_data")
    if value is None:
        return None
    if len(value) > _MAX_USER_DATA:
        raise wrong("user_data", value, f"It is longer than {_MAX_USER_DATA} characters")
    if not is_base64(value):
        raise wrong("user_data", value, "It is not base64")
    return value


def is_base64(value: Any) -> bool:
    """Tell whether `value` is a text in base64."""
    if not isinstance(value, str):
        return False
    try:
        base64.b64decode("".join(value.split()), validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def read_metadata(value: Any) -> dict[str, str]:
    """Read a server's metadata: texts of at most 255 characters; raises a `Fault` (400)."""
    if not isinstance(value, dict):
        raise wrong("metadata", value, "It is not of type 'object'")
    for key, item in value.items():
        if not re.fullmatch(r"[a-zA-Z0-9\-_:. ]{1,255}", key):
            raise wrong("metadata", key, "Its keys have 1 to 255 letters, digits, spaces, or any of -_:.")
        if not isinstance(item, str) or len(item) > LONGEST:
            raise wrong(f"metadata.{key}", item, "It is not a string of at most 255 characters")
    return dict(value)


def _counts(server: Json) -> tuple[int, int]:
    low = _convert(server, "min_count", lenient.integer, None)
    high = _convert(server, "max_count", lenient.integer, None)
    for key, value in (("min_count", low), ("max_count", high)):
        if value is not None and value < 1:
            raise wrong(key, value, f"{value} is less than the minimum of 1")
    low = 1 if low is None else low
    high = low if high is None else high
    if low > high:
        raise Fault(400, "min_count must be <= max_count")
    return low, high


def _wants_reservation(call: Call, server: Json) -> bool:
    value = server.get("return_reservation_id", False)
    if isinstance(value, int) and not isinstance(value, bool):
        raise wrong("return_reservation_id", value, f"{value} is not a boolean")
    said: bool = _convert(server, "return_reservation_id", lenient.boolean, False)
    # Nova tests the text for truth, so that "false" means true there.
    return said if call.world.ecs else bool(value)


def _nics(call: Call, server: Json) -> tuple[Nic, ...] | str | None:
    value = server.get("networks")
    if "networks" not in server:
        if call.version >= (2, 37) and not call.legacy:
            raise Fault(400, "Invalid input for field/attribute server. 'networks' is a required property")
        return None
    if isinstance(value, str) and value in ("auto", "none") and call.version >= (2, 37):
        return value
    nics = []
    for place, one in enumerate(_objects(server, "networks")):
        for key in ("uuid", "port"):
            if one.get(key) is not None and not _is_uuid(one[key]):
                raise wrong(f"networks.{place}.{key}", one[key], f"{one[key]!r} is not a 'uuid'")
        nic = Nic(one.get("uuid"), one.get("port"), _said(one, "fixed_ip", f"networks.{place}"))
        if one.get("fixed_ip") == "" and not call.world.ecs:
            raise wrong(f"networks.{place}.fixed_ip", "", "'' is not a 'ipv4' or 'ipv6'")
        if nic.uuid is None and nic.port is None:
            raise Fault(400, "Bad network format: missing 'uuid'")
        nics.append(nic)
    return tuple(nics)


def _is_uuid(value: Any) -> bool:
    try:
        UUID(value)
    except (ValueError, AttributeError, TypeError):
        return False
    return True


def _disk(one: Json, place: int, call: Call) -> Disk:
    where = f"block_device_mapping_v2.{place}"
    source, destination = one.get("source_type"), one.get("destination_type") or "volume"
    if source not in ("volume", "image", "snapshot", "blank"):
        raise wrong(f"{where}.source_type", source, "It is not one of ['volume', 'image', 'snapshot', 'blank']")
    if destination not in ("volume", "local"):
        raise wrong(f"{where}.destination_type", destination, "It is not one of ['local', 'volume']")
    if one.get("volume_type") and call.version < (2, 67) and not call.world.ecs:
        why = "Additional properties are not allowed ('volume_type' was unexpected)"
        raise Fault(400, f"Invalid input for field/attribute {where}. {why}")
    index = one.get("boot_index")
    return Disk(
        source=source,
        destination=destination,
        uuid=_said(one, "uuid", where),
        size=_convert(one, "volume_size", lenient.integer, None) if one.get("volume_size") not in (None, "") else None,
        kind=_said(one, "volume_type", where),
        boot_index=None if index in (None, "") else _convert(one, "boot_index", lenient.integer, None),
        delete_on_termination=_convert(one, "delete_on_termination", lenient.boolean, False),
        tag=_said(one, "tag", where),
    )


def _said(one: Json, key: str, where: str) -> str | None:
    value = one.get(key) or None
    if value is not None and not isinstance(value, str):
        raise wrong(f"{where}.{key}", value, "It is not of type 'string'")
    return value
