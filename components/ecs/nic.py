"""The NICs of an ECS (Table 6, networks)."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Annotated, Any

from pydantic import BeforeValidator, Discriminator, IPvAnyAddress, Tag, WithJsonSchema

from components.inputs import Args, Cites, Later, Refused, Uuid, refuse


class PortNic(Args):
    """A NIC on an existing port. Table 6, port.

    The port decides everything: its network, its address and its security groups (ECS-109, ECS-304).
    """

    port: Annotated[Later[Uuid], Cites("ECS-302", "Give the port's UUID")]
    """The UUID of the port."""

    uuid: Annotated[
        None, Refused("ECS-304", "has no effect beside a port", "Remove it; the port is on its network already")
    ] = None
    fixed_ip: Annotated[
        None, Refused("ECS-304", "has no effect beside a port", "Remove it; the port has its address already")
    ] = None


def _empty_is_absent(value: Any) -> Any:
    return None if isinstance(value, str) and not value else value


Address = Annotated[
    IPvAnyAddress, WithJsonSchema({"type": "string", "anyOf": [{"format": "ipv4"}, {"format": "ipv6"}]})
]

FixedIpV4 = Annotated[
    Later[IPv4Address] | None,
    BeforeValidator(_empty_is_absent),
    Cites("ECS-303", "Give an IPv4 address of the network, or leave it out"),
]
"""An address on a network of IPv4; an empty text counts as absent, as in the document's first example (ECS-303)."""

FixedIp = Annotated[
    Later[Address] | None,
    BeforeValidator(_empty_is_absent),
    Cites("ECS-303", "Give an address of the network, or leave it out"),
]
"""The same on any network: the document says no version."""


class NetworkNic(Args):
    """A NIC on a network. Table 6, uuid.

    The cloud makes a port for it, with the security groups of the ECS; it goes with the ECS, or when the NIC is taken away.
    """

    uuid: Annotated[Later[Uuid], Cites("ECS-302", "Give the network's UUID as `uuid`, or a port's as `port`")]
    """The UUID of the network; its `provider:network_type` must not be `geneve` (ECS-305)."""

    fixed_ip: FixedIp = None
    """The address on that network; the system picks one by default (ECS-303)."""

    subnet_id: Later[Uuid] | None = None
    """A subnet of it that must be there first: without one a NIC gets no address. Not in the document."""


def _names_one(value: Any) -> Any:
    if not isinstance(value, dict) or "port" in value or "uuid" in value:
        return value
    if "fixed_ip" in value:
        raise refuse("ECS-303", "gives a fixed_ip without the network's uuid", "Add `uuid`, the network's UUID")
    raise refuse(
        "ECS-302", "names neither a port nor a network", "Set `port` to a port's UUID, or `uuid` to a network's"
    )


def nic_kind(value: Any) -> str:
    """Which of the two a mapping or an object means: `port` wins, as in the document (ECS-304)."""
    if isinstance(value, dict):
        return "port" if "port" in value else "network"
    return "port" if isinstance(value, PortNic) else "network"


Nic = Annotated[
    Annotated[PortNic, Tag("port")] | Annotated[NetworkNic, Tag("network")],
    Discriminator(nic_kind),
    BeforeValidator(_names_one),
]
"""One entry of `networks`: a `PortNic` or a `NetworkNic`."""
