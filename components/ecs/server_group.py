"""`ServerGroup`: ECSs that are kept on different hosts (Table 7, group)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import pulumi
from pulumi_openstack import compute

from components.accepted import accepted
from components.inputs import Args, Later


class ServerGroupArgs(Args):
    """A server group."""

    policy: Literal["anti-affinity", "soft-anti-affinity", "affinity", "soft-affinity"] = "anti-affinity"
    """`anti-affinity`; the document advises against any other (ECS-502)."""

    name: Later[str] | None = None
    """By default the resource's name."""


class ServerGroup(pulumi.ComponentResource):
    """A server group. Raises `ArgumentError` before anything is registered."""

    server_group_id: pulumi.Output[str]
    """The group's id, for `SchedulerHints.group`."""

    def __init__(
        self,
        name: str,
        args: ServerGroupArgs | Mapping[str, Any] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        args = accepted(ServerGroupArgs, args or {}, f"server group {name!r}")
        label = name if args.name is None else args.name
        super().__init__("ecs:index:ServerGroup", name, {"name": label, "policy": args.policy}, opts)
        group = compute.ServerGroup(name, name=label, policies=args.policy, opts=pulumi.ResourceOptions(parent=self))
        self.server_group_id = group.id
        self.register_outputs({"server_group_id": self.server_group_id})
