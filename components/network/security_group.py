"""`SecurityGroup`: a security group with its rules (Table 5)."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network
from typing import Annotated, Any, Literal

import pulumi
from pulumi_openstack import networking
from pydantic import Field, ValidationInfo, field_validator

from components.accepted import accepted
from components.inputs import Args, Later, refuse, then

PortNumber = Annotated[int, Field(ge=1, le=65535)]


class RuleArgs(Args):
    """What one rule lets through."""

    direction: Literal["ingress", "egress"] = "ingress"
    """To the ECS (default) or from it."""

    protocol: Literal["tcp", "udp", "icmp"] | None = None
    """Any protocol by default."""

    port: PortNumber | None = None
    """The first port, 1 to 65535; any by default. Only with tcp and udp."""

    last_port: PortNumber | None = None
    """The last port of a range; by default `port` alone."""

    remote: Later[IPv4Network | IPv6Network] | None = None
    """The addresses at the other end, such as `10.0.0.0/8`; any by default."""

    @field_validator("port")
    @classmethod
    def _port_needs_protocol(cls, value: int | None, info: ValidationInfo) -> int | None:
        if value is not None and info.data.get("protocol", "tcp") not in {"tcp", "udp"}:
            raise refuse(None, "needs a protocol with ports", "Add `protocol: tcp` or `protocol: udp`")
        return value

    @field_validator("last_port")
    @classmethod
    def _range_is_up(cls, value: int | None, info: ValidationInfo) -> int | None:
        first = info.data.get("port", value)
        if value is not None and (first is None or value < first):
            raise refuse(None, "is below `port`, or without one", "Give `port`, and a `last_port` that is not below it")
        return value


class SecurityGroupArgs(Args):
    """A security group: what may reach the ECS, and what it may reach."""

    rules: tuple[RuleArgs, ...] = ()
    """The rules beside the two that let everything out."""

    description: str = ""
    """Free text."""

    name: Later[str] | None = None
    """By default the resource's name."""


def rule_inputs(rule: RuleArgs) -> dict[str, Any]:
    """The inputs of `openstack.networking.SecGroupRule`, without the group."""
    remote = None if rule.remote is None else then(rule.remote, str)
    return {
        "direction": rule.direction,
        "ethertype": "IPv4" if remote is None else then(remote, lambda text: "IPv6" if ":" in text else "IPv4"),
        "protocol": rule.protocol,
        "port_range_min": rule.port,
        "port_range_max": rule.last_port or rule.port,
        "remote_ip_prefix": remote,
    }


class SecurityGroup(pulumi.ComponentResource):
    """A security group with its rules. Raises `ArgumentError` before anything is registered."""

    security_group_id: pulumi.Output[str]
    """The group's id."""

    def __init__(
        self, name: str, args: SecurityGroupArgs | Mapping[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        args = accepted(SecurityGroupArgs, args, f"security group {name!r}")
        label = name if args.name is None else args.name
        rules = [rule_inputs(rule) for rule in args.rules]
        super().__init__("ecs:index:SecurityGroup", name, {"name": label, "rules": rules}, opts)
        ours = pulumi.ResourceOptions(parent=self)
        group = networking.SecGroup(name, name=label, description=args.description, opts=ours)
        for inputs in rules:
            networking.SecGroupRule(_rule_name(name, inputs), security_group_id=group.id, **inputs, opts=ours)
        self.security_group_id = group.id
        self.register_outputs({"security_group_id": self.security_group_id})


def _rule_name(group: str, inputs: dict[str, Any]) -> str:
    """A name from what the rule says, so that another order of the rules changes nothing."""
    remote = inputs["remote_ip_prefix"]
    parts = [
        inputs["direction"],
        inputs["protocol"] or "any",
        inputs["port_range_min"],
        inputs["port_range_max"] if inputs["port_range_max"] != inputs["port_range_min"] else None,
        "later" if isinstance(remote, pulumi.Output) else remote,
    ]
    return "-".join([group, *(str(part) for part in parts if part is not None)])
