"""The types of a body's fields: one table a service, checked before a handler looks at them."""

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox import lenient
from sandbox.faults import Fault, Json

LARGEST = 2**31 - 1
"""The largest number that any service takes."""

Fits = Callable[[Any], bool]


@dataclass(frozen=True)
class Type:
    """The type of a field: called with a value it tells whether that fits; `schema` says the same as JSON Schema."""

    fits: Fits
    schema: Json

    def __call__(self, value: Any) -> bool:
        """Tell whether the value is of this type."""
        return self.fits(value)


def typed(schema: Json) -> Callable[[Fits], Type]:
    """Return a decorator that makes a type of a check; the schema describes what it lets pass."""
    return lambda fits: Type(fits, schema)


@typed({"type": "string"})
def text(value: Any) -> bool:
    """Tell whether it is a text."""
    return isinstance(value, str)


@typed({"anyOf": [{"type": "boolean"}, {"enum": ["true", "false"]}]})
def flag(value: Any) -> bool:
    """Tell whether it is a boolean, which may be quoted."""
    try:
        lenient.boolean(value)
    except ValueError:
        return value in (0, 1)
    return True


@typed({"type": "integer", "minimum": -LARGEST, "maximum": LARGEST})
def number(value: Any) -> bool:
    """Tell whether it is a whole number that the services take, which may be quoted."""
    try:
        return abs(lenient.integer(value)) <= LARGEST
    except ValueError:
        return False


@typed({"anyOf": [{"type": "string"}, number.schema]})
def name_or_number(value: Any) -> bool:
    """Tell whether it is a text or a whole number."""
    return text(value) or number(value)


@typed({"type": "object"})
def mapping(value: Any) -> bool:
    """Tell whether it is an object."""
    return isinstance(value, dict)


@typed({"type": "array", "items": text.schema})
def texts(value: Any) -> bool:
    """Tell whether it is a list of texts."""
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


@typed({"type": "string", "anyOf": [{"format": "ipv4"}, {"format": "ipv6"}]})
def address(value: Any) -> bool:
    """Tell whether it is an IP address."""
    try:
        ipaddress.ip_address(value if isinstance(value, str) else "")
    except ValueError:
        return False
    return True


def objects(shape: Mapping[str, Type]) -> Type:
    """Return the type of a list of objects whose fields have these types."""

    @typed({"type": "array", "items": schema_of(shape)})
    def fits(value: Any) -> bool:
        return isinstance(value, list) and all(isinstance(one, dict) and not misfits(one, shape) for one in value)

    return fits


def nested(shape: Mapping[str, Type]) -> Type:
    """Return the type of an object whose fields have these types."""
    return Type(lambda value: isinstance(value, dict) and not misfits(value, shape), schema_of(shape))


def schema_of(shape: Mapping[str, Type]) -> Json:
    """Return the JSON Schema of an object whose fields have these types; other fields are the handler's matter."""
    return {
        "type": "object",
        "properties": {key: {"anyOf": [one.schema, {"type": "null"}]} for key, one in shape.items()},
    }


def misfits(given: Json, shape: Mapping[str, Type]) -> list[str]:
    """Return the fields that do not have their type; null fits everywhere, as "not said"."""
    return [key for key, value in given.items() if key in shape and value is not None and not shape[key](value)]


def check(given: Json, shape: Mapping[str, Type]) -> Json:
    """Return `given`; raise a `Fault` (400) that names the fields that do not have their type."""
    if wrong := misfits(given, shape):
        raise Fault(400, f"Invalid input for {', '.join(wrong)}. Reason: the value is not of the expected type.")
    return given


def limits(given: Json, known: Mapping[str, int]) -> dict[str, int]:
    """Return the quotas among `given` that are known; raise a `Fault` (400) for one that is no limit, -1 being none."""
    wanted = {key: value for key, value in given.items() if key in known}
    for key, value in wanted.items():
        if not number(value) or lenient.integer(value) < -1:
            raise Fault(
                400, f"Invalid input for field/attribute {key}. Value: {value}. It is not from -1 to {LARGEST}."
            )
    return {key: lenient.integer(value) for key, value in wanted.items()}


_POOL = {"start": address, "end": address}
_POOLS = objects(_POOL)
ADDRESS = {"subnet_id": text, "ip_address": text}
NETWORK: dict[str, Type] = {
    **dict.fromkeys(
        (
            "name", "description", "cidr", "network_id", "device_id", "device_owner", "mac_address",
            "direction", "ethertype", "remote_ip_prefix", "remote_group_id", "security_group_id", "floating_network_id",
            "floating_ip_address", "fixed_ip_address", "port_id", "subnet_id", "dns_name", "dns_domain",
            "qos_policy_id", "ipv6_address_mode", "ipv6_ra_mode", "provider:network_type", "binding:vnic_type",
            "binding:host_id", "provider:physical_network",
        ),
        text,
    ),
    **dict.fromkeys(
        ("admin_state_up", "shared", "router:external", "port_security_enabled", "enable_dhcp", "stateful"), flag
    ),
    **dict.fromkeys(("ip_version", "mtu", "port_range_min", "port_range_max", "provider:segmentation_id"), number),
    **dict.fromkeys(("security_groups", "dns_nameservers", "availability_zone_hints", "service_types"), texts),
    "gateway_ip": Type(lambda value: value == "" or address(value), {"anyOf": [{"const": ""}, address.schema]}),
    "protocol": name_or_number,
    "fixed_ips": objects(ADDRESS),
    "allocation_pools": Type(
        lambda value: _POOLS(value) and all(_POOL.keys() == one.keys() for one in value),
        {"type": "array", "items": schema_of(_POOL) | {"required": list(_POOL), "additionalProperties": False}},
    ),
    "allowed_address_pairs": objects({}),
    "extra_dhcp_opts": objects({}),
    "host_routes": objects({}),
    "routes": objects({}),
    "external_gateway_info": nested({"network_id": text, "enable_snat": flag, "external_fixed_ips": objects(ADDRESS)}),
    "binding:profile": mapping,
}  # fmt: skip

VOLUME: dict[str, Type] = {
    **dict.fromkeys(
        ("name", "description", "volume_type", "availability_zone", "imageRef", "snapshot_id", "source_volid",
         "volume_id"),
        text,
    ),
    "force": flag,
    "metadata": mapping,
    # What is no number at all is refused later, in Cinder's own words.
    "size": Type(lambda value: not isinstance(value, int | float) or abs(value) <= LARGEST, number.schema),
}  # fmt: skip

COMPUTE: dict[str, Type] = {
    **dict.fromkeys(
        ("name", "public_key", "volumeId", "device", "tag", "net_id", "port_id", "accessIPv4", "accessIPv6"), text
    ),
    "description": text,
    "rules": mapping,
    "fixed_ips": objects({"ip_address": text}),
    "delete_on_termination": flag,
}

_NAMED = {"id": text, "name": text, "domain": nested({"id": text, "name": text})}
IDENTITY: dict[str, Type] = {
    "identity": nested(
        {
            "methods": texts,
            "password": nested({"user": nested({**_NAMED, "password": text})}),
            "token": nested({"id": text}),
            "application_credential": nested({"id": text, "name": text, "secret": text}),
        }
    ),
    "scope": nested({"project": nested(_NAMED)}),
    "name": text,
    "description": text,
    "secret": text,
}
