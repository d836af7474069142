"""How volumes are made, attached, detached and counted; Nova uses this too."""

from typing import Any

from sandbox.faults import Fault, Json
from sandbox.world import World, new_id

OFFERED = "RESKEY:availability_zones"
SOLD_OUT = "os-vendor-extended:sold_out_availability_zones"


def volume_record(world: World, size: int, *, name: str | None, zone: str, kind: str, **given: Any) -> Json:
    """Return a new volume of `size` GB in a zone, not yet filed; it is `available` when the build time is over."""
    record: Json = {
        "id": new_id(),
        "name": name,
        "description": None,
        "size": size,
        "availability_zone": zone,
        "volume_type": kind,
        "bootable": False,
        "image_id": None,
        "snapshot_id": None,
        "source_volid": None,
        "metadata": {},
        "created_at": world.now(),
        "updated_at": None,
        "status": "creating",
        "later": [{"at": world.ready_at(), "set": {"status": "available", "updated_at": world.ready_at()}}],
    }
    return record | given


def snapshot_record(world: World, volume: Json, name: str | None, **given: Any) -> Json:
    """Return a new snapshot of a volume, not yet filed; it is `available` when the build time is over."""
    record: Json = {
        "id": new_id(),
        "name": name,
        "description": None,
        "volume_id": volume["id"],
        "size": volume["size"],
        "bootable": volume["bootable"],
        "image_id": volume["image_id"],
        "volume_type": volume["volume_type"],
        "metadata": {},
        "backup_id": None,
        "created_at": world.now(),
        "status": "creating",
        "later": [{"at": world.ready_at(), "set": {"status": "available"}}],
    }
    return record | given


def default_type(world: World) -> str:
    """Return the name of the volume type that a volume gets which names none."""
    return str(next(kind["name"] for kind in world.store.all("volume_type") if kind["default"]))


def find_type(world: World, wanted: str) -> Json | None:
    """Return the volume type with this name or id."""
    return next((kind for kind in world.store.all("volume_type") if wanted in (kind["name"], kind["id"])), None)


def check_type_zone(world: World, kind: Json, zone: str) -> None:
    """Raise a `Fault` (400) if a volume type is not offered in a zone, or is sold out there.

    The extra specs of a type tell: `RESKEY:availability_zones` where it is offered (everywhere, if it says nothing),
    `os-vendor-extended:sold_out_availability_zones` where it is not to be had now. Plain Cinder knows neither.
    """
    if not world.ecs:
        return
    specs = kind["extra_specs"]
    offered = specs.get(OFFERED)
    if offered is not None and zone not in offered.split(","):
        raise Fault(400, f"Volume type '{kind['name']}' is not offered in AZ {zone}, only in {offered}.")
    if zone in specs.get(SOLD_OUT, "").split(","):
        raise Fault(400, f"Volume type '{kind['name']}' is sold out in AZ {zone}.")


def check_quota(world: World, *, volumes: int = 0, gigabytes: int = 0, snapshots: int = 0) -> None:
    """Raise Cinder's 413 if so many more would be over the quota."""
    limits = _limits(world)
    count, size = world.store.total("volume", "size")
    shots, shot_size = world.store.total("snapshot", "size")
    _check_gigabytes(limits, gigabytes, size + shot_size)
    _check_count(limits, "volumes", volumes, count)
    _check_count(limits, "snapshots", snapshots, shots)


def check_backup_quota(world: World, size: int) -> None:
    """Raise Cinder's 413 if one more backup of `size` GB would be over the quota."""
    limits = _limits(world)
    count, used = world.store.total("backup", "size")
    limit = limits.get("backup_gigabytes", -1)
    if 0 <= limit < used + size:
        message = f"Requested backup exceeds allowed Backup gigabytes quota. Requested {size}G, quota is {limit}G"
        raise _over("VolumeBackupSizeExceedsAvailableQuota", f"{message} and {used}G has been consumed.")
    _check_count(limits, "backups", 1, count)


def _limits(world: World) -> dict[str, int]:
    record = world.store.get("quota", "volume")
    limits: dict[str, int] = record["limits"] if record else {}
    return limits


def _check_gigabytes(limits: dict[str, int], wanted: int, used: int) -> None:
    limit, each = limits.get("gigabytes", -1), limits.get("per_volume_gigabytes", -1)
    if wanted and 0 <= limit < used + wanted:
        message = (
            f"Requested volume or snapshot exceeds allowed gigabytes quota. Requested {wanted}G, quota is {limit}G"
        )
        raise _over("VolumeSizeExceedsAvailableQuota", f"{message} and {used}G has been consumed.")
    if 0 <= each < wanted:
        message = f"Requested volume size {wanted}G is larger than maximum allowed limit {each}G."
        raise _over("VolumeSizeExceedsLimit", message)


def _check_count(limits: dict[str, int], name: str, wanted: int, used: int) -> None:
    limit = limits.get(name, -1)
    if wanted and 0 <= limit < used + wanted:
        kind = f"{name[:-1].title()}LimitExceeded"
        raise _over(kind, f"Maximum number of {name} allowed ({limit}) exceeded for quota '{name}'.")


def _over(kind: str, message: str) -> Fault:
    return Fault(413, f"{kind}: {message}", headers={"Retry-After": "0"})


def attach(world: World, volume: Json, server_id: str, device: str, *, ready_at: float, **given: Any) -> Json:
    """Attach a volume to a server from `ready_at` on; returns the attachment, filed."""
    soon = {"at": ready_at, "set": {"status": "in-use", "updated_at": ready_at}}
    begun = "attaching" if volume["status"] == "available" else volume["status"]
    world.store.save("volume", volume | {"status": begun, "later": [soon]})
    attachment = {
        "id": new_id(),
        "server_id": server_id,
        "volume_id": volume["id"],
        "device": device,
        "boot_index": None,
        "delete_on_termination": False,
        "made_here": False,
        "tag": None,
        "attached_at": ready_at,
    }
    return world.store.add("attachment", attachment | given)


def detach(world: World, attachment: Json) -> None:
    """Detach a volume at once; it is `available` again."""
    world.store.remove("attachment", attachment["id"])
    if volume := world.store.get("volume", attachment["volume_id"]):
        volume.pop("later", None)
        world.store.save("volume", volume | {"status": "available", "updated_at": world.now()})
