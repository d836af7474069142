"""`ServerBatch`: equal ECSs out of one request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pulumi

from components.accepted import accepted
from components.ecs import wire
from components.ecs.batch_args import BatchArgs
from components.ecs.native import NativeBatch
from components.ecs.provider import native_provider
from components.ecs.server import above, child_options


class ServerBatch(pulumi.ComponentResource):
    """Equal ECSs out of one request (Table 3, min_count and max_count).

    With fewer than `min_count` ACTIVE members none stays; between the two counts it is a success with a shortfall, which the next `up`
    tops up. `opts.import_` takes a reservation id. Raises `ArgumentError`, with every mistake, before anything is registered.
    """

    if TYPE_CHECKING:
        members: pulumi.Output[list[dict[str, Any]]]
        """Each with `id`, `name`, `status`, `addresses` and `host_id`, the oldest first."""

        reservation_ids: pulumi.Output[list[str]]
        """One for each request that made members (ECS-404)."""

        active: pulumi.Output[int]
        """How many members are up."""

        shortfall: pulumi.Output[int]
        """How many are missing from `max_count`."""

    def __init__(
        self, name: str, args: BatchArgs | Mapping[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        path = f"batch {name!r}"
        args = accepted(BatchArgs, args, path)
        super().__init__("ecs:index:ServerBatch", name, wire.batch_body(args, name), above(opts))
        provider = native_provider(self, opts, path)
        made = NativeBatch(name, wire.batch_inputs(args, name), child_options(self, args, provider, opts))
        self.members, self.reservation_ids = made.members, made.reservation_ids
        self.active, self.shortfall = made.active, made.shortfall
        self.register_outputs(
            {
                "members": self.members,
                "reservation_ids": self.reservation_ids,
                "active": self.active,
                "shortfall": self.shortfall,
            }
        )
