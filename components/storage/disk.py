"""`Disk`: a disk that lives on its own, for `VolumeDisk` to name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi_openstack import blockstorage
from pydantic import ValidationInfo, field_validator

from components.accepted import accepted
from components.ecs.disk import Gigabytes, ImageRef
from components.ecs.launch_args import Zone
from components.inputs import Args, Later, Uuid, refuse


class DiskArgs(Args):
    """A disk, blank by default."""

    volume_size: Later[Gigabytes]
    """Size in GB."""

    availability_zone: Later[Zone]
    """The AZ, which must be that of the ECS it is attached to (ECS-212)."""

    volume_type: Later[str] | None = None
    """The disk type, such as `SSD`; the cloud's default by default."""

    image: Later[ImageRef] | None = None
    """The id of an image to make it from."""

    snapshot: Later[Uuid] | None = None
    """The id of a snapshot to make it from."""

    name: Later[str] | None = None
    """By default the resource's name."""

    @field_validator("snapshot")
    @classmethod
    def _one_source(cls, value: object, info: ValidationInfo) -> object:
        if value is not None and info.data.get("image") is not None:
            raise refuse(None, "is a second source", "Keep `image` or `snapshot`")
        return value


class Disk(pulumi.ComponentResource):
    """A disk that is not deleted with any ECS. Raises `ArgumentError` before anything is registered."""

    disk_id: pulumi.Output[str]
    """The disk's id."""

    def __init__(
        self, name: str, args: DiskArgs | Mapping[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        args = accepted(DiskArgs, args, f"disk {name!r}")
        inputs: dict[str, Any] = {
            "name": name if args.name is None else args.name,
            "availability_zone": args.availability_zone,
            "size": args.volume_size,
            "volume_type": args.volume_type,
            "image_id": args.image,
            "snapshot_id": args.snapshot,
        }
        super().__init__(
            "ecs:index:Disk", name, {key: value for key, value in inputs.items() if value is not None}, opts
        )
        self.disk_id = blockstorage.Volume(name, **inputs, opts=pulumi.ResourceOptions(parent=self)).id
        self.register_outputs({"disk_id": self.disk_id})
