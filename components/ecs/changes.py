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
    proof: str
    """The test that proves it, in the folder `PROOFS`."""


PROOFS = "tests/end_to_end/life"
_KEEPS = "test_server_life.py::TestInPlace::test_it_keeps_the_server"
_SERVER = "test_change_table.py::test_a_server"
_BATCH = "test_change_table.py::test_a_batch"
_LIMIT = "test_change_table.py::test_a_limit_is_no_change"


SERVER: tuple[Change, ...] = (
    Change("name", ("name",), Effect.IN_PLACE, "renamed; the host name inside the ECS stays", f"{_KEEPS}[name-]"),
    Change(
        "description",
        ("description",),
        Effect.IN_PLACE,
        "set on the ECS (microversion 2.19)",
        f"{_KEEPS}[description-]",
    ),
    Change(
        "metadata",
        ("metadata",),
        Effect.IN_PLACE,
        "keys are set and removed; keys of others stay",
        f"{_KEEPS}[metadata-]",
    ),
    Change("tags", ("tags",), Effect.IN_PLACE, "set on the ECS (microversion 2.26)", f"{_KEEPS}[tags-]"),
    Change(
        "security_groups",
        ("security_groups",),
        Effect.IN_PLACE,
        "set on the ports that the ECS made",
        f"{_KEEPS}[security_groups-]",
    ),
    Change("admin_pass", ("adminPass",), Effect.IN_PLACE, "set by the agent in the ECS", f"{_KEEPS}[adminPass-]"),
    Change("power_state", ("power_state",), Effect.IN_PLACE, "started or stopped", f"{_KEEPS}[power_state-]"),
    Change(
        "flavor_ref",
        ("flavorRef",),
        Effect.REBOOT,
        "resized and confirmed; disks and addresses stay",
        f"{_KEEPS}[flavorRef-]",
    ),
    Change(
        "networks",
        ("networks",),
        Effect.IN_PLACE,
        "NICs are added and removed; one with another network or address is both",
        f"{_SERVER}[networks]",
    ),
    Change(
        "disks",
        ("disks",),
        Effect.IN_PLACE,
        "attached and detached; a larger size grows the disk",
        f"{_KEEPS}[disks-1]",
    ),
    Change(
        "boot.image_ref",
        ("imageRef",),
        Effect.REPLACE,
        'with `on_image_change="rebuild"` it is rebuilt instead',
        f"{_SERVER}[boot.image_ref]",
    ),
    Change(
        "boot.image_ref with on_image_change=rebuild",
        (),
        Effect.REBUILD,
        "id and addresses stay; everything on the system disk is lost",
        f"{_SERVER}[boot.image_ref with on_image_change=rebuild]",
    ),
    Change(
        "boot.delete_on_termination",
        (),
        Effect.STATE,
        "it holds when the server is deleted; of a disk that the cloud made it is refused",
        f"{_SERVER}[boot.delete_on_termination]",
    ),
    Change(
        "boot",
        ("boot",),
        Effect.REPLACE,
        "the system disk is another one; data disks move to the new ECS",
        f"{_SERVER}[boot]",
    ),
    Change(
        "availability_zone",
        ("availability_zone",),
        Effect.REPLACE,
        "refused while a data disk would have to follow",
        f"{_SERVER}[availability_zone]",
    ),
    Change("key_name", ("key_name",), Effect.REPLACE, "a key is injected at creation only", f"{_SERVER}[key_name]"),
    Change("user_data", ("user_data",), Effect.REPLACE, "it is run at creation only", f"{_SERVER}[user_data]"),
    Change("user_data_base64", (), Effect.REPLACE, "the same as `user_data`", f"{_SERVER}[user_data]"),
    Change(
        "scheduler_hints",
        ("scheduler_hints",),
        Effect.REPLACE,
        "an ECS is placed at creation only",
        f"{_SERVER}[scheduler_hints]",
    ),
    Change("on_failure", ("on_failure",), Effect.STATE, "kept for the next creation", f"{_SERVER}[on_failure]"),
    Change(
        "on_image_change", ("on_image_change",), Effect.STATE, "kept for the next change", f"{_SERVER}[on_image_change]"
    ),
    Change(
        "deletion_protection",
        ("deletion_protection",),
        Effect.STATE,
        "kept for the next change",
        f"{_SERVER}[deletion_protection]",
    ),
    Change("consent", ("consent",), Effect.STATE, "kept for this change", f"{_SERVER}[consent]"),
    Change("timeouts", (), Effect.STATE, "they hold for the next run, and are no change of their own", _LIMIT),
)
"""The arguments of `Server`; a row without inputs refines another one, or is none of the provider's."""

BATCH: tuple[Change, ...] = (
    Change(
        "max_count",
        ("max_count",),
        Effect.IN_PLACE,
        "more: one more request; fewer: the newest or the named members go",
        f"{_BATCH}[max_count]",
    ),
    Change(
        "min_count", ("min_count",), Effect.IN_PLACE, "how many must be ACTIVE after a change", f"{_BATCH}[min_count]"
    ),
    Change(
        "remove", ("remove",), Effect.IN_PLACE, "the members to go first where `max_count` shrinks", f"{_BATCH}[remove]"
    ),
    Change("metadata", ("metadata",), Effect.IN_PLACE, "set on each member", f"{_BATCH}[metadata]"),
    Change("name", ("name",), Effect.REPLACE, "the names of the members follow from it", f"{_BATCH}[name]"),
    Change("description", ("description",), Effect.REPLACE, "sent at creation", f"{_BATCH}[description]"),
    Change("security_groups", ("security_groups",), Effect.REPLACE, "sent at creation", f"{_BATCH}[security_groups]"),
    Change("admin_pass", ("adminPass",), Effect.REPLACE, "sent at creation", f"{_BATCH}[admin_pass]"),
    Change("flavor_ref", ("flavorRef",), Effect.REPLACE, "the members are equal", f"{_BATCH}[flavor_ref]"),
    Change("image_ref", ("imageRef",), Effect.REPLACE, "the members are equal", f"{_BATCH}[image_ref]"),
    Change("networks", ("networks",), Effect.REPLACE, "the members are equal", f"{_BATCH}[networks]"),
    Change(
        "availability_zone",
        ("availability_zone",),
        Effect.REPLACE,
        "the members are equal",
        f"{_BATCH}[availability_zone]",
    ),
    Change("key_name", ("key_name",), Effect.REPLACE, "a key is injected at creation only", f"{_BATCH}[key_name]"),
    Change("user_data", ("user_data",), Effect.REPLACE, "it is run at creation only", f"{_BATCH}[user_data]"),
    Change("user_data_base64", (), Effect.REPLACE, "the same as `user_data`", f"{_BATCH}[user_data]"),
    Change(
        "scheduler_hints",
        ("scheduler_hints",),
        Effect.REPLACE,
        "ECSs are placed at creation only",
        f"{_BATCH}[scheduler_hints]",
    ),
    Change("on_failure", ("on_failure",), Effect.STATE, "kept for the next creation", f"{_BATCH}[on_failure]"),
    Change(
        "deletion_protection",
        ("deletion_protection",),
        Effect.STATE,
        "kept for the next change",
        f"{_BATCH}[deletion_protection]",
    ),
    Change("consent", ("consent",), Effect.STATE, "kept for this change", f"{_BATCH}[consent]"),
    Change("timeouts", (), Effect.STATE, "they hold for the next run, and are no change of their own", _LIMIT),
)
"""The arguments of `ServerBatch`; a row without inputs as above."""
