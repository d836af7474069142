"""What a create call asks for, read as Nova reads it: types, lengths, unknown keys.

The schema of the body says what may be written (`bodies.py`); here it is read: quoted numbers and booleans, references by
id or by URL.
"""

import base64
import binascii
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sandbox import lenient
from sandbox.checked import check
from sandbox.faults import Fault, Json
from sandbox.routing import Call

HINTS = ("os:scheduler_hints", "OS-SCH-HNT:scheduler_hints")
LONGEST = 255
"""How long a name, a description, a metadata key or value may be."""


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
    hostname: str | None = None
    shown_groups: tuple[Json, ...] = ()
    """The security groups as the client wrote them, which is how the answer shows them."""


def hints_of(body: Json) -> Any:
    """Return the scheduler hints of a create call, wherever the client put them."""
    server = body.get("server")
    for place in (body, server if isinstance(server, dict) else {}):
        for key in HINTS:
            if place.get(key) is not None:
                return place[key]
    return {}


def read(call: Call) -> Wanted:
    """Read the body of a create call; raises a `Fault` (400) for the first thing that cannot be."""
    check(call, "POST", "/servers")
    server = call.body["server"]
    hints = hints_of(call.body)
    low, high = _counts(server)
    if "hostname" in server and high > 1:
        raise Fault(400, "A single hostname cannot be used when launching multiple instances.")
    return Wanted(
        name=server["name"].strip() if call.legacy else server["name"],
        flavor=_reference(str(server["flavorRef"])),
        image=_image(server.get("imageRef")),
        zone=server.get("availability_zone"),
        disks=tuple(_disk(one) for one in server.get("block_device_mapping_v2", [])),
        nics=_nics(call, server),
        security_groups=tuple(one["name"] for one in server.get("security_groups", []) if "name" in one),
        shown_groups=tuple(server.get("security_groups", [{"name": "default"}])),
        key_name=server.get("key_name"),
        admin_pass=server.get("adminPass"),
        user_data=_user_data(call, server),
        metadata=_metadata(call, server),
        description=_description(call, server),
        hostname=server.get("hostname"),
        config_drive=lenient.boolean(server.get("config_drive", False)),
        disk_config=server.get("OS-DCF:diskConfig", "MANUAL"),
        min_count=low,
        max_count=high,
        wants_reservation=_wants_reservation(call, server),
        tags=tuple(dict.fromkeys(server.get("tags", []))),
        group=hints.get("group"),
        hints=hints,
        access_ips=(server.get("accessIPv4", ""), server.get("accessIPv6", "")),
    )


def _reference(value: str) -> str:
    # The id, or a URL that ends with it.
    return value.rstrip("/").rsplit("/", 1)[-1]


def _image(value: str | None) -> str | None:
    # What ends in no id names no image there is, which is not the same as naming none.
    return _reference(value) or value if value else None


def _description(call: Call, server: Json) -> str | None:
    # Before 2.19 nobody can say it, and Nova then takes the name.
    return server.get("description") if call.version >= (2, 19) else str(server["name"])


def _user_data(call: Call, server: Json) -> str | None:
    value: str | None = server.get("user_data")
    if value is not None and call.world.ecs and not is_base64(value):
        raise Fault(400, "Invalid input for field/attribute user_data. It is not base64")
    return value


def is_base64(value: Any) -> bool:
    """Tell whether `value` is a text in base64."""
    if not isinstance(value, str):
        return False
    try:
        # Line breaks alone count as nothing, as where the client library asks whether a text is base64 already.
        base64.b64decode(value.replace("\r", "").replace("\n", ""), validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def _metadata(call: Call, server: Json) -> dict[str, str]:
    given: dict[str, str] = server.get("metadata", {})
    count_metadata(call, given)
    return dict(given)


def count_metadata(call: Call, metadata: dict[str, str]) -> None:
    """Raise Nova's 403 where a server would have more items of metadata than the quota allows."""
    record = call.world.store.get("quota", "compute") or {"limits": {}}
    limit = record["limits"].get("metadata_items", 128)
    if 0 <= limit < len(metadata):
        raise Fault(403, f"Maximum number of metadata items exceeds {limit}")


def _counts(server: Json) -> tuple[int, int]:
    low = lenient.integer(server.get("min_count", 1))
    high = lenient.integer(server["max_count"]) if "max_count" in server else low
    if low > high:
        raise Fault(400, "min_count must be <= max_count")
    return low, high


def _wants_reservation(call: Call, server: Json) -> bool:
    value = server.get("return_reservation_id", False)
    # Nova tests the text for truth, so that "false" means true there.
    return lenient.boolean(value) if call.world.ecs else bool(value)


def _nics(call: Call, server: Json) -> tuple[Nic, ...] | str | None:
    value = server.get("networks")
    if value is None or isinstance(value, str):
        return value
    nics = []
    for one in value:
        nic = Nic(one.get("uuid") or None, one.get("port") or None, one.get("fixed_ip") or None)
        if nic.uuid is None and nic.port is None:
            raise Fault(400, "Bad network format: missing 'uuid'")
        if nic.port is not None and nic.fixed_ip is not None and not call.world.ecs:
            together = "the two cannot be specified together."
            message = f"Specified Fixed IP '{nic.fixed_ip}' cannot be used with port '{nic.port}': {together}"
            raise Fault(400, message)
        if nic.uuid is not None and nic.port is None and not _is_uuid(nic.uuid):
            raise Fault(400, f"Bad networks format: network uuid is not in proper format ({nic.uuid})")
        nics.append(nic)
    return tuple(nics)


def _is_uuid(value: str) -> bool:
    try:
        UUID(value)
    except ValueError:
        return False
    return True


def _disk(one: Json) -> Disk:
    index, size = one.get("boot_index"), one.get("volume_size")
    return Disk(
        # Nova itself breaks on a mapping without a source; a 500 is nothing to imitate.
        source=one.get("source_type") or _no_source(),
        destination=one.get("destination_type") or "volume",
        uuid=one.get("uuid") or None,
        size=None if size in (None, "") else lenient.integer(size),
        kind=one.get("volume_type") or None,
        boot_index=None if index in (None, "") else lenient.integer(index),
        delete_on_termination=lenient.boolean(one.get("delete_on_termination", False)),
        tag=one.get("tag") or None,
    )


def _no_source() -> str:
    raise Fault(400, "Block Device Mapping is Invalid: a mapping needs a source_type.")
