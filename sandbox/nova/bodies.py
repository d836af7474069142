"""The JSON Schemas of Nova's request bodies, by microversion.

`ecs` marks the places where the document accepts more than plain Nova: an image by its URL, an empty `fixed_ip` (as its
own first example has it), and a disk type without microversion 2.67.
"""

from collections.abc import Callable

from sandbox.faults import Json
from sandbox.world import Version

Body = Callable[[Version, bool], Json]

_LONG = 255
_YES = ["True", "TRUE", "true", "1", "ON", "On", "on", "YES", "Yes", "yes"]
_NO = ["False", "FALSE", "false", "0", "OFF", "Off", "off", "NO", "No", "no"]
FLAG: Json = {"type": ["boolean", "string"], "enum": [True, *_YES, False, *_NO]}
COUNT: Json = {"type": ["integer", "string"], "pattern": "^[0-9]*$", "minimum": 1, "minLength": 1}
NAME: Json = {"type": "string", "minLength": 1, "maxLength": _LONG, "format": "name"}
DESCRIPTION: Json = {"type": ["string", "null"], "minLength": 0, "maxLength": _LONG}
UUID: Json = {"type": "string", "format": "uuid"}
PASSWORD: Json = {"type": "string"}
_SHORT: Json = {"type": "string", "minLength": 1, "maxLength": _LONG}
_TAG: Json = {"type": "string", "minLength": 1, "maxLength": 60, "pattern": "^[^,/]*$"}
MOST_TAGS = 50
"""How many tags a server can have."""
_TAGS: Json = {"type": "array", "items": _TAG, "maxItems": MOST_TAGS}
_FLAVOR: Json = {"type": ["string", "integer"], "minLength": 1}
_IMAGE: Json = {"oneOf": [UUID, {"type": "string", "maxLength": 0}]}
_DISK_CONFIG: Json = {"type": "string", "enum": ["AUTO", "MANUAL"]}
_ADDRESS: Json = {"type": "string", "oneOf": [{"format": "ipv4"}, {"format": "ipv6"}]}
METADATA: Json = {
    "type": "object",
    "additionalProperties": False,
    "patternProperties": {"^[a-zA-Z0-9-_:. ]{1,255}$": {"type": "string", "maxLength": _LONG}},
}
_UUIDS: Json = {"anyOf": [UUID, {"type": "array", "items": UUID}]}


def closed(properties: Json, required: tuple[str, ...] = ()) -> Json:
    """Return the schema of an object that has no other keys than these."""
    made: Json = {"type": "object", "properties": properties}
    if required:
        made["required"] = list(required)
    return made | {"additionalProperties": False}


def under(key: str, inner: Json) -> Body:
    """Return a body that holds one object, the same at every microversion."""
    schema = closed({key: inner}, (key,))
    return lambda _version, _ecs: schema


def _tagged(version: Version, first: int, lost: int) -> bool:
    # Nova lost the tags of NICs and disks for a while.
    return (2, first) <= version < (2, lost) or version >= (2, 42)


def _nic(version: Version, ecs: bool) -> Json:
    properties: Json = {
        "fixed_ip": _ADDRESS,
        "port": {"type": ["string", "null"], "format": "uuid"},
        "uuid": {"type": "string"},
    }
    if ecs:
        # Clients of this dialect leave empty what they do not set.
        unset: list[Json] = [{"type": "null"}, {"type": "string", "maxLength": 0}]
        properties = {
            "fixed_ip": {"anyOf": [*unset, _ADDRESS]},
            "port": {"anyOf": [*unset, UUID]},
            "uuid": {"type": ["string", "null"]},
        }
    if _tagged(version, 32, 37):
        properties["tag"] = _TAG
    return closed(properties)


def _networks(version: Version, ecs: bool) -> Json:
    nics: Json = {"type": "array", "items": _nic(version, ecs)}
    if version < (2, 37):
        return nics
    return {"oneOf": [nics, {"type": "string", "enum": ["none", "auto"]}]}


def _disk(version: Version, ecs: bool) -> Json:
    properties: Json = {
        "virtual_name": {"type": "string", "maxLength": _LONG},
        "volume_id": UUID,
        "snapshot_id": UUID,
        "volume_size": {"type": ["integer", "string"], "pattern": "^[0-9]+$", "minimum": 1, "minLength": 1},
        "device_name": {"type": "string", "minLength": 1, "maxLength": _LONG, "pattern": "^[a-zA-Z0-9._/-]*$"},
        "delete_on_termination": FLAG,
        "no_device": {},
        "connection_info": {"type": "string", "maxLength": _LONG},
        "source_type": {"type": "string", "enum": ["volume", "image", "snapshot", "blank"]},
        "uuid": _SHORT,
        "image_id": UUID,
        "destination_type": {"type": "string", "enum": ["local", "volume"]},
        "guest_format": {"type": "string", "maxLength": _LONG},
        "device_type": {"type": "string", "maxLength": _LONG},
        "disk_bus": {"type": "string", "maxLength": _LONG},
        "boot_index": {"type": ["integer", "string", "null"], "pattern": "^-?[0-9]+$"},
    }
    if ecs:
        properties["boot_index"] = {"type": ["integer", "string", "null"], "pattern": "^(-?[0-9]+)?$"}
        properties["uuid"] = {"type": ["string", "null"], "maxLength": _LONG}
        properties["volume_size"] = {"type": ["integer", "string", "null"], "pattern": "^(-?[0-9]+)?$"}
        properties["guest_format"] = {"type": ["string", "null"], "maxLength": _LONG}
    if _tagged(version, 32, 33):
        properties["tag"] = {"type": ["string", "null"], "maxLength": 60} if ecs else _TAG
    if ecs or version >= (2, 67):
        properties["volume_type"] = {"type": ["string", "null"], "minLength": 0, "maxLength": _LONG}
    return closed(properties)


_SINCE: list[tuple[Version, Json]] = [
    ((2, 19), {"description": DESCRIPTION}),
    ((2, 52), {"tags": _TAGS}),
    (
        (2, 63),
        {
            "trusted_image_certificates": {
                "type": ["array", "null"],
                "minItems": 1,
                "maxItems": 50,
                "uniqueItems": True,
                "items": {"type": "string", "minLength": 1},
            }
        },
    ),
    ((2, 74), {"host": _SHORT, "hypervisor_hostname": _SHORT}),
    ((2, 90), {"hostname": {"type": "string", "minLength": 2, "maxLength": 63, "pattern": "^[a-zA-Z0-9]+[a-zA-Z0-9-]*[a-zA-Z0-9]+$"}}),
]  # fmt: skip


def create(version: Version, ecs: bool) -> Json:
    """Return the schema of a create call."""
    properties: Json = {
        "name": NAME,
        "imageRef": {"type": ["string", "null"]} if ecs else _IMAGE,
        "flavorRef": _FLAVOR,
        "adminPass": PASSWORD,
        "metadata": METADATA,
        "networks": _networks(version, ecs),
        "OS-DCF:diskConfig": _DISK_CONFIG,
        "accessIPv4": {"type": "string", "oneOf": [{"format": "ipv4"}, {"maxLength": 0}]},
        "accessIPv6": {"type": "string", "oneOf": [{"format": "ipv6"}, {"maxLength": 0}]},
        "availability_zone": _SHORT,
        "block_device_mapping": {"type": "array", "items": _disk(version, ecs)},
        "block_device_mapping_v2": {"type": "array", "items": _disk(version, ecs)},
        "config_drive": FLAG,
        "key_name": _SHORT,
        "min_count": COUNT,
        "max_count": COUNT,
        "return_reservation_id": FLAG,
        "security_groups": {
            "type": "array",
            "items": {"type": "object", "properties": {"name": _SHORT}, "additionalProperties": False},
        },
        "user_data": {"type": "string", "maxLength": 65535},
        "os:scheduler_hints": _hints(ecs),
        "OS-SCH-HNT:scheduler_hints": _hints(ecs),
    }
    if version < (2, 57):
        file = closed({"path": {"type": "string"}, "contents": {"type": "string"}})
        properties["personality"] = {"type": "array", "items": file}
    for since, more in _SINCE:
        if version >= since:
            properties |= more
    required = ("name", "flavorRef", *(() if version < (2, 37) else ("networks",)))
    return closed(
        {
            "server": closed(properties, required),
            "os:scheduler_hints": _hints(ecs),
            "OS-SCH-HNT:scheduler_hints": _hints(ecs),
        },
        ("server",),
    )


def _hints(ecs: bool) -> Json:
    if ecs:
        # What else the document says of them is told by its restrictions.
        return {"type": "object", "properties": {"dedicated_host_id": {"type": ["string", "null"]}}}
    # Other keys are for schedulers that nobody here knows.
    return {
        "type": "object",
        "properties": {"group": {"anyOf": [UUID]}, "different_host": _UUIDS, "same_host": _UUIDS},
        "additionalProperties": True,
    }


def _update(version: Version, ecs: bool) -> Json:
    del ecs
    properties: Json = {
        "name": NAME,
        "OS-DCF:diskConfig": _DISK_CONFIG,
        "accessIPv4": {"type": "string", "format": "ipv4"},
        "accessIPv6": {"type": "string", "format": "ipv6"},
    }
    properties |= {
        key: more[key]
        for since, more in _SINCE
        for key in ("description", "hostname")
        if key in more and version >= since
    }
    return closed({"server": closed(properties)}, ("server",))


def _rebuild(version: Version, ecs: bool) -> Json:
    properties: Json = {
        "name": NAME,
        "imageRef": {"type": "string"} if ecs else UUID,
        "adminPass": PASSWORD,
        "metadata": METADATA,
        "preserve_ephemeral": FLAG,
        "OS-DCF:diskConfig": _DISK_CONFIG,
        "accessIPv4": {"type": "string", "format": "ipv4"},
        "accessIPv6": {"type": "string", "format": "ipv6"},
    }
    if version >= (2, 19):
        properties["description"] = DESCRIPTION
    if version >= (2, 54):
        properties["key_name"] = {"type": ["string", "null"], "maxLength": _LONG}
    if version >= (2, 57):
        properties["user_data"] = {"type": ["string", "null"], "maxLength": 65535}
    return closed({"rebuild": closed(properties, ("imageRef",))}, ("rebuild",))


def _attach(version: Version, ecs: bool) -> Json:
    del ecs
    properties: Json = {
        "volumeId": UUID,
        "device": {"type": ["string", "null"], "pattern": "(^/dev/x{0,1}[a-z]{0,1}d{0,1})([a-z]+)[0-9]*$"},
    }
    if version >= (2, 49):
        properties["tag"] = _TAG
    if version >= (2, 79):
        properties["delete_on_termination"] = FLAG
    return closed({"volumeAttachment": closed(properties, ("volumeId",))}, ("volumeAttachment",))


def _group(action: str) -> Body:
    return under(action, closed({"name": _SHORT}, ("name",)))


def _interface(version: Version, ecs: bool) -> Json:
    del ecs
    address = closed({"ip_address": _ADDRESS}, ("ip_address",))
    properties: Json = {
        "net_id": UUID,
        "port_id": UUID,
        "fixed_ips": {"type": "array", "minItems": 1, "maxItems": 1, "items": address},
    }
    if version >= (2, 49):
        properties["tag"] = _TAG
    # The whole may be left out: Nova then takes the project's network.
    return {"type": "object", "properties": {"interfaceAttachment": closed(properties)}, "additionalProperties": False}


def _keypair(version: Version, ecs: bool) -> Json:
    del ecs
    properties: Json = {
        "name": {"type": "string", "minLength": 1, "maxLength": _LONG, "pattern": r"^[_\- a-zA-Z0-9]+$"},
        "public_key": {"type": "string"},
    }
    if version >= (2, 2):
        properties["type"] = {"type": "string", "enum": ["ssh", "x509"]}
    if version >= (2, 10):
        properties["user_id"] = {"type": "string"}
    required: tuple[str, ...] = ("name",)
    if version >= (2, 92):
        # From here on Nova makes no pairs any more: the public key comes from the client.
        properties["name"] = {"type": "string", "minLength": 1, "maxLength": _LONG, "pattern": r"^[@\._\- a-zA-Z0-9]+$"}
        required = ("name", "public_key")
    return closed({"keypair": closed(properties, required)}, ("keypair",))


def _server_group(version: Version, ecs: bool) -> Json:
    del ecs
    policy: Json = {"enum": ["anti-affinity", "affinity"]}
    if version >= (2, 15):
        policy["enum"] += ["soft-anti-affinity", "soft-affinity"]
    if version < (2, 64):
        policies = {"type": "array", "minItems": 1, "maxItems": 1, "items": policy}
        return closed(
            {"server_group": closed({"name": NAME, "policies": policies}, ("name", "policies"))}, ("server_group",)
        )
    rules = closed({"max_server_per_host": COUNT})
    group = closed({"name": NAME, "policy": {"type": "string"} | policy, "rules": rules}, ("name", "policy"))
    return closed({"server_group": group}, ("server_group",))


def _tags(version: Version, ecs: bool) -> Json:
    del ecs
    # Before there were tags, nobody looks at what is sent.
    return {} if version < (2, 26) else closed({"tags": _TAGS}, ("tags",))


_SERVER = "/servers/{server_id}"
_META: Json = METADATA | {"minProperties": 1, "maxProperties": 1}
BODIES: dict[tuple[str, str], Body] = {
    ("POST", "/servers"): create,
    ("PUT", _SERVER): _update,
    ("POST", "/os-keypairs"): _keypair,
    ("POST", "/os-server-groups"): _server_group,
    ("POST", f"{_SERVER}/metadata"): under("metadata", METADATA),
    ("PUT", f"{_SERVER}/metadata"): under("metadata", METADATA),
    ("PUT", f"{_SERVER}/metadata/{{key}}"): under("meta", _META),
    ("PUT", f"{_SERVER}/tags"): _tags,
    ("POST", f"{_SERVER}/os-volume_attachments"): _attach,
    ("POST", f"{_SERVER}/os-interface"): _interface,
    ("POST", f"{_SERVER}/action#addSecurityGroup"): _group("addSecurityGroup"),
    ("POST", f"{_SERVER}/action#createImage"): under(
        "createImage", closed({"name": NAME, "metadata": METADATA}, ("name",))
    ),
    ("POST", f"{_SERVER}/action#createBackup"): under(
        "createBackup",
        closed(
            {
                "name": NAME,
                "backup_type": {"type": "string"},
                "rotation": {"type": ["integer", "string"], "pattern": "^[0-9]+$", "minimum": 0},
                "metadata": METADATA,
            },
            ("name", "backup_type", "rotation"),
        ),
    ),
    ("POST", f"{_SERVER}/action#removeSecurityGroup"): _group("removeSecurityGroup"),
    ("POST", f"{_SERVER}/action#changePassword"): under(
        "changePassword", closed({"adminPass": PASSWORD}, ("adminPass",))
    ),
    ("POST", f"{_SERVER}/action#reboot"): under(
        "reboot",
        closed({"type": {"type": "string", "enum": ["HARD", "Hard", "hard", "SOFT", "Soft", "soft"]}}, ("type",)),
    ),
    ("POST", f"{_SERVER}/action#rebuild"): _rebuild,
    ("POST", f"{_SERVER}/action#rescue"): under(
        "rescue", {**closed({"adminPass": PASSWORD, "rescue_image_ref": UUID}), "type": ["object", "null"]}
    ),
    ("POST", f"{_SERVER}/action#resize"): under(
        "resize", closed({"flavorRef": _FLAVOR, "OS-DCF:diskConfig": _DISK_CONFIG}, ("flavorRef",))
    ),
}
"""The schema of each body, by the method and the path of its route; an action's name stands behind a `#`."""
