"""The resources of the native provider (package `ecs`), as the components make them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi

SECRET = ("adminPass", "user_data")


class NativeServer(pulumi.CustomResource):
    """One ECS, whole: its NICs and disks are part of it, so that a failed creation is taken back with all of them."""

    if TYPE_CHECKING:
        # Annotations that are there at run time are looked up again, and a class is made of them, for each resource.
        addresses: pulumi.Output[list[str]]
        """The address of each NIC, in the order of `networks`."""

        disk_ids: pulumi.Output[list[str]]
        """The ids of its disks, the boot disk first where it is one of its own."""

        status: pulumi.Output[str]
        """Nova's word for its state, such as `ACTIVE`."""

    def __init__(self, name: str, inputs: dict[str, Any], opts: pulumi.ResourceOptions) -> None:
        outputs = dict.fromkeys(("addresses", "disk_ids", "status"))
        super().__init__("ecs:compute:Server", name, {**outputs, **inputs}, secretive(opts))


class NativeBatch(pulumi.CustomResource):
    """Equal ECSs out of one request."""

    if TYPE_CHECKING:
        members: pulumi.Output[list[dict[str, Any]]]
        """Each with `id`, `name`, `status`, `addresses` and `host_id`, the oldest first."""

        reservation_ids: pulumi.Output[list[str]]
        """One for each request that made members."""

        active: pulumi.Output[int]
        """How many members are up."""

        shortfall: pulumi.Output[int]
        """How many are missing from `max_count`."""

    def __init__(self, name: str, inputs: dict[str, Any], opts: pulumi.ResourceOptions) -> None:
        outputs = dict.fromkeys(("members", "reservation_ids", "active", "shortfall"))
        super().__init__("ecs:compute:ServerBatch", name, {**outputs, **inputs}, secretive(opts))


def secretive(opts: pulumi.ResourceOptions) -> pulumi.ResourceOptions:
    """The options, with the outputs that are secret whatever becomes of their inputs."""
    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(additional_secret_outputs=list(SECRET)))
