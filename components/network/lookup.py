"""What an argument names and the cloud knows: a security group's id, the subnet of an address."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import Any

import pulumi
from pulumi_openstack import networking

from components.inputs import UUID_PATTERN
from components.problems import ArgumentError, Problem


def security_group_id(name_or_id: Any, parent: pulumi.Resource) -> pulumi.Output[str]:
    """The id of a security group that is named by its name or its UUID (Table 5); the plugin settles on ids only."""

    def find(value: str) -> pulumi.Output[str] | str:
        if UUID_PATTERN.fullmatch(value):
            return value
        return networking.get_sec_group_output(name=value, opts=pulumi.InvokeOutputOptions(parent=parent)).id

    return pulumi.Output.from_input(name_or_id).apply(find)


def subnet_of(network: Any, address: Any, parent: pulumi.Resource) -> pulumi.Output[str]:
    """The id of the subnet of a network that holds an address; raises `ArgumentError` where none does (ECS-303)."""
    opts = pulumi.InvokeOutputOptions(parent=parent)

    def choose(known: list[Any]) -> str:
        subnets, wanted = known
        for subnet in subnets:
            if ip_address(str(wanted)) in ip_network(subnet["cidr"]):
                return str(subnet["id"])
        raise ArgumentError(
            [
                Problem(
                    "fixed_ip", f"{wanted} is in no subnet of the network", "Give an address of one of them", "ECS-303"
                )
            ]
        )

    def details(ids: list[str]) -> Any:
        found = [networking.get_subnet_output(subnet_id=subnet, opts=opts) for subnet in ids]
        return pulumi.Output.all(*(pulumi.Output.all(id=one.id, cidr=one.cidr) for one in found))

    ids = networking.get_subnet_ids_v2_output(network_id=network, opts=opts).ids
    subnets: pulumi.Output[Any] = ids.apply(details)
    return pulumi.Output.all(subnets, address).apply(choose)
