"""How volumes are made, attached, detached and counted; Nova uses this too."""

from typing import Any

from sandbox.faults import Fault, Json
from sandbox.world import World, new_id


def volume_record(world: World, size: int, *, name: str, zone: str, kind: str, **given: Any) -> Json:
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


def check_quota(world: World, *, volumes: int = 0, gigabytes: int = 0, snapshots: int = 0) -> None:
    """Raise Cinder's 413 if so many more would be over the quota."""
    record = world.store.get("quota", "volume")
    limits: dict[str, int] = record["limits"] if record else {}
    count, size = world.store.total("volume", "size")
    shots, shot_size = world.store.total("snapshot", "size")
    for name, wanted, used in (
        ("volumes", volumes, count),
        ("gigabytes", gigabytes, size + shot_size),
        ("snapshots", snapshots, shots),
    ):
        limit = limits.get(name, -1)
        if wanted and 0 <= limit < used + wanted:
            class_ = {"volumes": "VolumeLimitExceeded", "snapshots": "SnapshotLimitExceeded"}.get(name)
            message = f"Requested {name} exceeds allowed quota. Requested {wanted}, quota is {limit}, consumed {used}."
            raise Fault(413, f"{class_ or 'VolumeSizeExceedsAvailableQuota'}: {message}", headers={"Retry-After": "0"})


def attach(world: World, volume: Json, server_id: str, device: str, *, ready_at: float, **given: Any) -> Json:
    """Attach a volume to a server from `ready_at` on; returns the attachment, filed."""
    soon = {"at": ready_at, "set": {"status": "in-use"}}
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
        world.store.save("volume", volume | {"status": "available"})
