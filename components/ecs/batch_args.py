"""The arguments of a batch: equal ECSs out of one request (Table 3, min_count and max_count)."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from components.ecs.disk import ImageRef
from components.ecs.launch_args import LaunchArgs
from components.ecs.server_args import at_least_one
from components.inputs import Args, Cites, Later, Refused, Uuid, refuse


class BatchNic(Args):
    """A NIC of every member on a network. Table 6, uuid."""

    uuid: Annotated[Later[Uuid], Cites("ECS-302", "Give the network's UUID")]
    """The UUID of the network."""

    subnet_id: Later[Uuid] | None = None
    """A subnet of it that must be there first. Not in the document."""

    port: Annotated[None, Refused("ECS-405", "cannot be shared by the members", "Remove it; name a network")] = None
    fixed_ip: Annotated[
        None, Refused("ECS-405", "cannot be shared by the members", "Remove it; the system picks an address for each")
    ] = None


def _number(value: Any) -> Any:
    if isinstance(value, bool):
        raise refuse("ECS-401", "is not a whole number", "Give a whole number of at least 1")
    return value


Count = Annotated[int, BeforeValidator(_number), Field(gt=0)]


class BatchArgs(LaunchArgs):
    """Equal ECSs out of one request. Table 3; every field may be an Output unless its type says otherwise."""

    image_ref: Annotated[
        Later[ImageRef], Cites("ECS-402", "Give the image's UUID, or its URL: a batch has no other source")
    ]
    """The image that every member boots from: its UUID or URL (ECS-402)."""

    networks: Annotated[
        tuple[BatchNic, ...],
        BeforeValidator(at_least_one),
        Cites("ECS-301", "Add a list with at least one NIC: a `uuid` of a network"),
    ]
    """The NICs of every member, at least one (ECS-301), on networks only (ECS-405)."""

    min_count: Annotated[Count, Cites("ECS-401", "Give a whole number of at least 1")] = 1
    """How many members must come up, at least 1; fewer, and all are taken back (ECS-401)."""

    max_count: Annotated[Count | None, Cites("ECS-401", "Give a whole number of at least `min_count`")] = None
    """How many members there shall be; by default `min_count` (ECS-401)."""

    remove: tuple[str, ...] = ()
    """The names or ids of members that go first where `max_count` shrinks; by default the newest."""

    boot: Annotated[None, Refused("ECS-402", "is not for a batch", "Name the image as `image_ref`")] = None
    disks: Annotated[None, Refused("ECS-403", "is not for a batch", "Remove it, or state single servers")] = None
    tags: Annotated[None, Refused(None, "is not for a batch", "Use `metadata`")] = None
    power_state: Annotated[None, Refused(None, "is not for a batch", "Remove it")] = None
    on_image_change: Annotated[None, Refused(None, "is not for a batch", "Remove it; another image replaces it")] = None

    @field_validator("max_count")
    @classmethod
    def _not_below_the_least(cls, value: int | None, info: ValidationInfo) -> int | None:
        least = info.data.get("min_count")
        if value is not None and least is not None and value < least:
            raise refuse("ECS-401", f"is below min_count ({least})", "Raise it, or lower min_count")
        return value

    @property
    def most(self) -> int:
        """How many members there shall be."""
        return self.min_count if self.max_count is None else self.max_count
