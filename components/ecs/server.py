"""`Server`: one ECS, made whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pulumi

from components.accepted import accepted
from components.ecs import wire
from components.ecs.launch_args import LaunchArgs
from components.ecs.native import NativeServer
from components.ecs.provider import native_provider
from components.ecs.server_args import ServerArgs


class Server(pulumi.ComponentResource):
    """One ECS (Tables 3, 4, 6 and 7), with its NICs and its disks.

    A creation that fails is taken back whole (ECS-602). A disk with `delete_on_termination` false is kept when it goes out of the stack
    (ECS-211). Raises `ArgumentError`, with every mistake, before anything is registered.
    """

    if TYPE_CHECKING:
        server_id: pulumi.Output[str]
        """The id of the ECS."""

        name: pulumi.Output[str]
        """Its name."""

        addresses: pulumi.Output[list[str]]
        """The address of each NIC, in the order of `networks`."""

        disk_ids: pulumi.Output[list[str]]
        """The ids of its disks, the boot disk first where it is one of its own (ECS-214)."""

        status: pulumi.Output[str]
        """Nova's word for its state, such as `ACTIVE`."""

    def __init__(
        self, name: str, args: ServerArgs | Mapping[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        path = f"server {name!r}"
        args = accepted(ServerArgs, args, path)
        super().__init__("ecs:index:Server", name, wire.request_body(args, name), above(opts))
        provider = native_provider(self, opts, path)
        made = NativeServer(name, wire.server_inputs(args, name), child_options(self, args, provider, opts))
        self.server_id, self.addresses, self.disk_ids, self.status = made.id, made.addresses, made.disk_ids, made.status
        self.name = pulumi.Output.from_input(name if args.name is None else args.name)
        self.register_outputs(
            {
                "server_id": self.server_id,
                "name": self.name,
                "addresses": self.addresses,
                "disk_ids": self.disk_ids,
                "status": self.status,
            }
        )


def above(opts: pulumi.ResourceOptions | None) -> pulumi.ResourceOptions | None:
    """A component's own options: an import is of the resource that it makes."""
    if opts is None or opts.import_ is None:
        return opts
    own = pulumi.ResourceOptions.merge(opts, None)
    own.import_ = None
    return own


def child_options(
    component: pulumi.ComponentResource,
    args: LaunchArgs,
    provider: pulumi.ProviderResource | None,
    opts: pulumi.ResourceOptions | None,
) -> pulumi.ResourceOptions:
    """The options of a component's native resource: its limits, its protection, and what it is imported from."""
    limits = args.timeouts
    return pulumi.ResourceOptions(
        parent=component,
        provider=provider,
        # Ports, fixed addresses and disks have room for one ECS, so the old one goes first.
        delete_before_replace=True,
        protect=args.deletion_protection and "replace" not in args.consent,
        custom_timeouts=pulumi.CustomTimeouts(
            create=f"{limits.create}s", update=f"{limits.update}s", delete=f"{limits.delete}s"
        ),
        import_=None if opts is None else opts.import_,
    )
