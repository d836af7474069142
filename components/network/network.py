"""`Network`: a network with one subnet."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv4Network
from typing import Any

import pulumi
from pulumi_openstack import networking

from components.accepted import accepted
from components.inputs import Args, Later, then


class NetworkArgs(Args):
    """A network and its subnet."""

    cidr: Later[IPv4Network]
    """The subnet's addresses, such as `10.20.0.0/24`."""

    gateway_ip: Later[IPv4Address] | None = None
    """The gateway; by default the subnet's first address."""

    dns_nameservers: tuple[Later[IPv4Address], ...] = ()
    """The name servers that ECSs are told."""

    name: Later[str] | None = None
    """By default the resource's name."""


class Network(pulumi.ComponentResource):
    """A network with one subnet for the NICs of ECSs (Table 6, uuid). Raises `ArgumentError` before anything is registered."""

    network_id: pulumi.Output[str]
    """The network's id, known once its subnet is there too: a port made earlier would get no address."""

    subnet_id: pulumi.Output[str]
    """The subnet's id."""

    def __init__(
        self, name: str, args: NetworkArgs | Mapping[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        args = accepted(NetworkArgs, args, f"network {name!r}")
        label = name if args.name is None else args.name
        super().__init__("ecs:index:Network", name, {"name": label, "cidr": then(args.cidr, str)}, opts)
        ours = pulumi.ResourceOptions(parent=self)
        network = networking.Network(name, name=label, admin_state_up=True, opts=ours)
        subnet = networking.Subnet(
            name,
            name=label,
            network_id=network.id,
            cidr=then(args.cidr, str),
            ip_version=4,
            gateway_ip=None if args.gateway_ip is None else then(args.gateway_ip, str),
            dns_nameservers=[then(server, str) for server in args.dns_nameservers] or None,
            opts=ours,
        )
        self.network_id = pulumi.Output.all(network.id, subnet.id).apply(lambda ids: str(ids[0]))
        self.subnet_id = subnet.id
        self.register_outputs({"network_id": self.network_id, "subnet_id": self.subnet_id})
