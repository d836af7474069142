"""What a change of each argument does to what exists: one table for the provider's preview and for docs/changes.md.

Imports nothing but the standard library, because the provider reads it as it starts.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Effect(StrEnum):
    """What happens to the ECS, from the mildest to the hardest."""

    STATE = "nothing in the cloud"
    IN_PLACE = "in place"
    REBOOT = "in place, with a reboot"
    REBUILD = "rebuild (wipes the system disk)"
    REPLACE = "replace (new id, new addresses unless fixed)"


@dataclass(frozen=True, slots=True)
class Change:
    """One row: the argument (as in Python), the provider's inputs it becomes, what its change does, and how."""

    argument: str
    inputs: tuple[str, ...]
    effect: Effect
    how: str


SERVER: tuple[Change, ...] = (
    Change("name", ("name",), Effect.IN_PLACE, "renamed; the host name inside the ECS stays"),
    Change("description", ("description",), Effect.IN_PLACE, "set on the ECS (microversion 2.19)"),
    Change("metadata", ("metadata",), Effect.IN_PLACE, "keys are set and removed; keys of others stay"),
    Change("tags", ("tags",), Effect.IN_PLACE, "set on the ECS (microversion 2.26)"),
    Change("security_groups", ("security_groups",), Effect.IN_PLACE, "set on the ports that the ECS made"),
    Change("admin_pass", ("adminPass",), Effect.IN_PLACE, "set by the agent in the ECS"),
    Change("power_state", ("power_state",), Effect.IN_PLACE, "started or stopped"),
    Change("flavor_ref", ("flavorRef",), Effect.REBOOT, "resized and confirmed; disks and addresses stay"),
    Change(
        "networks",
        ("networks",),
        Effect.IN_PLACE,
        "NICs are added and removed; one with another network or address is both",
    ),
    Change("disks", ("disks",), Effect.IN_PLACE, "attached and detached; a larger size grows the disk"),
    Change("boot.image_ref", ("imageRef",), Effect.REPLACE, 'with `on_image_change="rebuild"` it is rebuilt instead'),
    Change("boot", ("boot",), Effect.REPLACE, "the system disk is another one; data disks move to the new ECS"),
    Change("availability_zone", ("availability_zone",), Effect.REPLACE, "data disks must be in the new AZ"),
    Change("key_name", ("key_name",), Effect.REPLACE, "a key is injected at creation only"),
    Change("user_data", ("user_data",), Effect.REPLACE, "it is run at creation only"),
    Change("scheduler_hints", ("scheduler_hints",), Effect.REPLACE, "an ECS is placed at creation only"),
    Change("on_failure", ("on_failure",), Effect.STATE, "kept for the next creation"),
    Change("on_image_change", ("on_image_change",), Effect.STATE, "kept for the next change"),
    Change("deletion_protection", ("deletion_protection",), Effect.STATE, "kept for the next change"),
    Change("consent", ("consent",), Effect.STATE, "kept for this change"),
)
"""The arguments of `Server`."""

BATCH: tuple[Change, ...] = (
    Change(
        "max_count",
        ("max_count",),
        Effect.IN_PLACE,
        "more: one more request; fewer: the newest or the named members go",
    ),
    Change("min_count", ("min_count",), Effect.IN_PLACE, "how many must be ACTIVE after a change"),
    Change("remove", ("remove",), Effect.IN_PLACE, "the members to go first where `max_count` shrinks"),
    Change("metadata", ("metadata",), Effect.IN_PLACE, "set on each member"),
    Change("name", ("name",), Effect.REPLACE, "the names of the members follow from it"),
    Change("description", ("description",), Effect.REPLACE, "sent at creation"),
    Change("security_groups", ("security_groups",), Effect.REPLACE, "sent at creation"),
    Change("admin_pass", ("adminPass",), Effect.REPLACE, "sent at creation"),
    Change("flavor_ref", ("flavorRef",), Effect.REPLACE, "the members are equal"),
    Change("image_ref", ("imageRef",), Effect.REPLACE, "the members are equal"),
    Change("networks", ("networks",), Effect.REPLACE, "the members are equal"),
    Change("availability_zone", ("availability_zone",), Effect.REPLACE, "the members are equal"),
    Change("key_name", ("key_name",), Effect.REPLACE, "a key is injected at creation only"),
    Change("user_data", ("user_data",), Effect.REPLACE, "it is run at creation only"),
    Change("scheduler_hints", ("scheduler_hints",), Effect.REPLACE, "ECSs are placed at creation only"),
    Change("on_failure", ("on_failure",), Effect.STATE, "kept for the next creation"),
    Change("deletion_protection", ("deletion_protection",), Effect.STATE, "kept for the next change"),
    Change("consent", ("consent",), Effect.STATE, "kept for this change"),
)
"""The arguments of `ServerBatch`."""
