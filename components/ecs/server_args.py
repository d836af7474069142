"""The arguments of one ECS (Table 3, server)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator

from components.ecs.disk import Boot, DataDisk, named_apart
from components.ecs.launch_args import LaunchArgs
from components.ecs.nic import Nic
from components.inputs import Cites, Refused, refuse

LONGEST_TAG = 60
MOST_TAGS = 50


def at_least_one(value: Any) -> Any:
    """A list of NICs with at least one (ECS-301)."""
    if isinstance(value, list | tuple) and not value:
        raise refuse("ECS-301", "is empty", "Add at least one NIC: a `uuid` of a network, or a `port`")
    return value


def _tag(value: str) -> str:
    if not 1 <= len(value) <= LONGEST_TAG or "/" in value or "," in value:
        raise refuse(None, "is no tag", f"Give it 1 to {LONGEST_TAG} characters, without `/` and `,`")
    return value


def _tags(value: tuple[str, ...]) -> tuple[str, ...]:
    if len(value) > MOST_TAGS or len(set(value)) < len(value):
        raise refuse(None, "has too many tags, or one twice", f"State at most {MOST_TAGS}, each once")
    return value


class ServerArgs(LaunchArgs):
    """One ECS. Table 3; every field may be an Output unless its type says otherwise."""

    boot: Annotated[Boot, Cites("ECS-104", "Say what it boots from: `image_ref`, or a disk with its `source_type`")]
    """What it boots from (ECS-104)."""

    networks: Annotated[
        tuple[Nic, ...],
        BeforeValidator(at_least_one),
        Cites("ECS-301", "Add a list with at least one NIC: a `uuid` of a network, or a `port`"),
    ]
    """Its NICs, at least one (ECS-301); more can be added, and all but one taken away, while it runs."""

    disks: Annotated[tuple[DataDisk, ...], AfterValidator(named_apart)] = ()
    """Data disks beside the boot disk; attached as soon as the ECS is active, and detachable without replacing it."""

    tags: Annotated[tuple[Annotated[str, AfterValidator(_tag)], ...], AfterValidator(_tags)] = ()
    """Words to find it by, at most 50; they need microversion 2.26."""

    power_state: Literal["active", "shutoff"] | None = None
    """Whether it runs; by default nobody minds."""

    on_image_change: Literal["replace", "rebuild"] = "replace"
    """What another `boot.image_ref` does: another ECS, or the same one with its system disk wiped."""

    min_count: Annotated[None, Refused("ECS-401", "is for a batch", "Remove it; state a batch instead")] = None
    max_count: Annotated[None, Refused("ECS-401", "is for a batch", "Remove it; state a batch instead")] = None
    return_reservation_id: Annotated[None, Refused("ECS-404", "is for a batch", "Remove it")] = None
