"""The disks of an ECS (Table 4, block_device_mapping_v2) and what it boots from."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag, WrapValidator

from components.inputs import Args, Cites, Later, Refused, Uuid, refuse

SOURCES = ("image", "snapshot", "volume", "blank")


def _no_flag(value: Any) -> Any:
    if isinstance(value, bool):
        raise refuse("ECS-208", "is not a whole number", "Set `volume_size` to a whole number of GB above 0")
    return value


Gigabytes = Annotated[int, BeforeValidator(_no_flag), Field(gt=0)]

SIZE = Cites("ECS-208", "Set `volume_size` to a whole number of GB above 0")


def _only_volume(value: Any) -> Any:
    if value != "volume":
        raise refuse("ECS-202", f"cannot be {value!r}", "Leave it out: the target of a disk is always `volume`")
    return value


def _text_id(value: Any, handler: Any) -> Any:
    # An image's id may be given as its URL (Table 3, imageRef).
    return handler(value.rstrip("/").rsplit("/", 1)[-1] if isinstance(value, str) else value)


ImageRef = Annotated[Uuid, WrapValidator(_text_id)]
"""An image id, or its URL, of which the id is kept."""


class _Disk(Args):
    delete_on_termination: bool = False
    """Whether the disk is deleted with the ECS; by default it outlives the ECS and goes on costing (ECS-211)."""

    destination_type: Annotated[Literal["volume"], BeforeValidator(_only_volume)] = "volume"
    """Always `volume` (ECS-202)."""

    boot_index: Literal[0, -1] | None = None
    """0 for the boot disk, -1 for any other; by default what its place says (`boot` or `disks`) (ECS-205)."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,49}$")] | None = None
    """Of a data disk: what it is known by in the stack. Needed where there are several, so that removing one never takes another."""

    guest_format: Annotated[
        None, Refused("ECS-203", "is not supported", "Remove it and format the disk from within the ECS")
    ] = None
    device_name: Annotated[None, Refused("ECS-204", "has no effect: the system names the device", "Remove it")] = None


class ImageDisk(_Disk):
    """A disk made from an image. Table 4, source_type `image`."""

    source_type: Literal["image"] = "image"

    uuid: Annotated[Later[ImageRef], Cites("ECS-210", "Give the image's UUID")]
    """The image's UUID."""

    volume_size: Annotated[Later[Gigabytes], SIZE]
    """Size in GB (ECS-208)."""

    volume_type: Later[str] | None = None
    """The disk type, such as `SAS`; recommended (ECS-209)."""


class SnapshotDisk(_Disk):
    """A disk made from a snapshot. Table 4, source_type `snapshot`; to boot from, a system disk's (ECS-207)."""

    source_type: Literal["snapshot"] = "snapshot"

    uuid: Annotated[Later[Uuid], Cites("ECS-210", "Give the snapshot's UUID")]
    """The snapshot's UUID."""

    volume_size: Annotated[Later[Gigabytes] | None, SIZE] = None
    """Size in GB; by default the snapshot's. Needed with `volume_type` and for a data disk."""

    volume_type: Later[str] | None = None
    """The disk type; by default the snapshot's."""


class VolumeDisk(_Disk):
    """An existing disk. Table 4, source_type `volume`."""

    source_type: Literal["volume"] = "volume"

    uuid: Annotated[Later[Uuid], Cites("ECS-210", "Give the volume's UUID")]
    """The volume's UUID; it must be in the AZ of the ECS (ECS-212)."""


class BlankDisk(_Disk):
    """A new, empty data disk. Table 4, source_type `blank`."""

    source_type: Literal["blank"] = "blank"

    volume_size: Annotated[Later[Gigabytes], SIZE]
    """Size in GB (ECS-208)."""

    volume_type: Later[str] | None = None
    """The disk type, such as `SSD`."""

    uuid: Annotated[
        None, Refused("ECS-210", "is not for a blank disk", "Remove it, or name the source by `source_type`")
    ] = None


class ImageBoot(Args):
    """Boot from an image on the system disk that the flavor and the cloud decide. Table 3, imageRef."""

    image_ref: Annotated[Later[ImageRef], Cites("ECS-104", "Give the image's UUID, or its URL")]
    """The image's UUID or URL."""


def source_type(value: Any) -> str:
    """The tag of a disk's union: its `source_type`, or `image_ref` for an `ImageBoot`."""
    if isinstance(value, ImageBoot):
        return "image_ref"
    if isinstance(value, _Disk):
        return str(getattr(value, "source_type", ""))
    if isinstance(value, dict):
        return "image_ref" if "image_ref" in value else str(value.get("source_type"))
    return ""


def _has_source(value: Any) -> Any:
    source = source_type(value)
    if source not in SOURCES:
        wrong = "does not say its source_type" if source in {"", "None"} else f"has an unknown source_type {source!r}"
        raise refuse("ECS-201", wrong, f"Use one of {', '.join(SOURCES)}")
    return value


def _has_boot_source(value: Any) -> Any:
    source = source_type(value)
    if source == "image_ref":
        if isinstance(value, dict) and ("source_type" in value or "uuid" in value):
            raise refuse("ECS-104", "names two boot sources", "Keep either `image_ref` or the disk")
        return value
    if source == "blank":
        raise refuse("ECS-104", "is a blank disk, which cannot boot", "Use an image, a snapshot or a volume")
    return _has_source(value)


def _boots(disk: Any) -> Any:
    if isinstance(disk, _Disk) and disk.name is not None:
        raise refuse(None, "has a name, which is for data disks", "Remove `name`")
    if isinstance(disk, _Disk) and disk.boot_index == -1:
        raise refuse("ECS-104", "says boot_index -1, so nothing boots", "Remove boot_index")
    if isinstance(disk, SnapshotDisk) and disk.volume_type is not None and disk.volume_size is None:
        raise refuse(None, "names a volume_type without volume_size", "Add the size in GB, or drop the type")
    return disk


def named_apart(disks: tuple[Any, ...]) -> tuple[Any, ...]:
    """The data disks, if each can be told from the others by its name; a position would be another disk's after a removal."""
    names = [disk.name for disk in disks]
    if len(set(names)) < len(names):
        raise refuse(None, "has disks that share a name, or several without one", "Give each disk a `name` of its own")
    return disks


def _holds_data(disk: Any) -> Any:
    if isinstance(disk, VolumeDisk) and disk.delete_on_termination:
        raise refuse("ECS-211", "is an existing data disk, which the ECS never deletes", "Remove delete_on_termination")
    if disk.boot_index == 0:
        raise refuse("ECS-206", "is a second boot disk", "Remove `boot_index: 0`; the one boot disk is `boot`")
    if isinstance(disk, SnapshotDisk) and disk.volume_size is None:
        raise refuse(None, "is a data disk from a snapshot without volume_size", "Add the size in GB")
    return disk


Boot = Annotated[
    Annotated[ImageBoot, Tag("image_ref")]
    | Annotated[ImageDisk, Tag("image")]
    | Annotated[SnapshotDisk, Tag("snapshot")]
    | Annotated[VolumeDisk, Tag("volume")],
    Discriminator(source_type),
    BeforeValidator(_has_boot_source),
    AfterValidator(_boots),
]
"""What an ECS boots from: exactly one of four (ECS-104)."""

DataDisk = Annotated[
    Annotated[BlankDisk, Tag("blank")]
    | Annotated[ImageDisk, Tag("image")]
    | Annotated[SnapshotDisk, Tag("snapshot")]
    | Annotated[VolumeDisk, Tag("volume")],
    Discriminator(source_type),
    BeforeValidator(_has_source),
    AfterValidator(_holds_data),
]
"""A disk beside the boot disk."""
