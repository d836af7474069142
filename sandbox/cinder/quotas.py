"""Cinder's quotas and limits."""

from sandbox import shape
from sandbox.faults import Json
from sandbox.routing import Answer, Call, Part, Route

_BODY = Part("quota_set")


def show(call: Call) -> Answer:
    """GET /os-quota-sets/{project}, and with `usage=True` what is used of it."""
    limits, used = _limits(call), _used(call)
    if (call.ask("usage") or "").lower() != "true":
        return Answer(200, {"quota_set": {"id": call.params["quota_project"], **limits}})
    counted = {name: {"limit": limit, "in_use": used.get(name, 0), "reserved": 0} for name, limit in limits.items()}
    return Answer(200, {"quota_set": {"id": call.params["quota_project"], **counted}})


def update(call: Call) -> Answer:
    """PUT /os-quota-sets/{project}."""
    record = call.world.store.get("quota", "volume") or {"limits": {}}
    limits: dict[str, int] = record["limits"]
    wanted = shape.limits(call.part(*_BODY), limits)
    call.world.store.save("quota", {"id": "volume", "limits": limits | wanted})
    return Answer(200, {"quota_set": limits | wanted})


def absolute(call: Call) -> Answer:
    """GET /limits."""
    limits, used = _limits(call), _used(call)
    shown: Json = {
        "maxTotalVolumes": limits["volumes"],
        "maxTotalSnapshots": limits["snapshots"],
        "maxTotalVolumeGigabytes": limits["gigabytes"],
        "maxTotalBackups": limits["backups"],
        "maxTotalBackupGigabytes": limits["backup_gigabytes"],
        "totalVolumesUsed": used["volumes"],
        "totalSnapshotsUsed": used["snapshots"],
        "totalGigabytesUsed": used["gigabytes"],
        "totalBackupsUsed": used["backups"],
        "totalBackupGigabytesUsed": used["backup_gigabytes"],
    }
    return Answer(200, {"limits": {"rate": [], "absolute": shown}})


def _limits(call: Call) -> dict[str, int]:
    record = call.world.store.get("quota", "volume")
    limits: dict[str, int] = record["limits"] if record else {}
    # A type without a quota of its own is shown as unlimited, as every type is here.
    kinds = [kind["name"] for kind in call.world.store.all("volume_type")]
    return limits | {f"{thing}_{kind}": -1 for kind in kinds for thing in ("volumes", "gigabytes", "snapshots")}


def _used(call: Call) -> dict[str, int]:
    store = call.world.store
    volumes, size = store.total("volume", "size")
    snapshots, shot_size = store.total("snapshot", "size")
    backups, backup_size = store.total("backup", "size")
    used = {
        "volumes": volumes,
        "snapshots": snapshots,
        "gigabytes": size + shot_size,
        "backups": backups,
        "backup_gigabytes": backup_size,
    }
    for thing, counted in (("volume", "volumes"), ("snapshot", "snapshots")):
        for one in store.all(thing):
            kind = one["volume_type"]
            used[f"{counted}_{kind}"] = used.get(f"{counted}_{kind}", 0) + 1
            used[f"gigabytes_{kind}"] = used.get(f"gigabytes_{kind}", 0) + one["size"]
    return used


ROUTES = (
    Route("GET", "/os-quota-sets/{quota_project}", show, query=("usage",)),
    Route("GET", "/os-quota-sets/{quota_project}/defaults", show),
    Route("PUT", "/os-quota-sets/{quota_project}", update, body=(_BODY,)),
    Route("GET", "/limits", absolute),
)
