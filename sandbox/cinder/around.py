"""What clients ask Cinder for besides disks: things that a plain user has none of, or may not see."""

from sandbox.cinder.view import SERVICE_ID
from sandbox.clock import micros
from sandbox.faults import Fault, Json
from sandbox.routing import PAGE, Answer, Call, Handler, Route, page

_NONE_OF = {
    "/groups": "groups",
    "/groups/detail": "groups",
    "/group_snapshots/detail": "group_snapshots",
    "/group_types": "group_types",
    "/consistencygroups": "consistencygroups",
    "/consistencygroups/detail": "consistencygroups",
    "/volume-transfers": "transfers",
    "/volume-transfers/detail": "transfers",
    "/os-volume-transfer": "transfers",
    "/os-volume-transfer/detail": "transfers",
}
_FOR_ADMINS = {
    "/os-services": "volume_extension:services:index",
    "/qos-specs": "volume_extension:qos_specs_manage:get_all",
    "/scheduler-stats/get_pools": "scheduler_extension:scheduler_stats:get_pools",
    "/clusters": "clusters:get_all",
}
_FILTERS = {
    "volume": ["name", "status", "bootable", "availability_zone"],
    "backup": ["name", "status", "volume_id"],
    "snapshot": ["name", "status", "volume_id"],
}
_EXTENSIONS = ("backups", "os-quota-sets", "os-types-extra-specs", "os-used-limits", "os-vol-image-meta")


def _none(key: str) -> Handler:
    return lambda _: Answer(200, {key: []})


def _forbidden(policy: str) -> Handler:
    def refuse(_: Call) -> Answer:
        """Refuse a plain user."""
        raise Fault(403, f"Policy doesn't allow {policy} to be performed.")

    return refuse


def messages(call: Call) -> Answer:
    """GET /messages, from 3.3: none."""
    if call.version < (3, 3):
        raise Fault(404, "The resource could not be found.")
    return Answer(200, {"messages": []})


def filters(_: Call) -> Answer:
    """GET /resource_filters: what the lists can be filtered by."""
    return Answer(200, {"resource_filters": [{"resource": key, "filters": names} for key, names in _FILTERS.items()]})


def extensions(_: Call) -> Answer:
    """GET /extensions."""
    found = [
        {"alias": alias, "name": alias, "description": alias, "updated": "2013-07-23T10:00:00+00:00", "links": []}
        for alias in _EXTENSIONS
    ]
    return Answer(200, {"extensions": found})


def attachments(call: Call) -> Answer:
    """GET /attachments: ids and names only."""
    found = [_attachment(call, one) for one in call.world.store.all("attachment")]
    keys = ("id", "status", "instance", "volume_id")
    return Answer(200, page(call, "attachments", [{key: one[key] for key in keys} for one in found]))


def attachment_details(call: Call) -> Answer:
    """GET /attachments/detail."""
    found = [_attachment(call, one) for one in call.world.store.all("attachment")]
    return Answer(200, page(call, "attachments", found))


def attachment(call: Call) -> Answer:
    """GET /attachments/{id}."""
    wanted = call.params["attachment_id"]
    missing = Fault(404, f"Volume attachment could not be found with filter: attachment_id = {wanted}.")
    return Answer(200, {"attachment": _attachment(call, call.world.need("attachment", wanted, missing))})


def _attachment(call: Call, one: Json) -> Json:
    del call
    return {
        "id": one["id"],
        "status": "attached",
        "instance": one["server_id"],
        "volume_id": one["volume_id"],
        "attached_at": micros(one["attached_at"]),
        "detached_at": "",
        "attach_mode": "rw",
        "connection_info": {"device": one["device"], "driver_volume_type": "iscsi", "service": SERVICE_ID},
    }


ROUTES = (
    *(Route("GET", path, _none(key)) for path, key in _NONE_OF.items()),
    *(Route("GET", path, _forbidden(policy), status=()) for path, policy in _FOR_ADMINS.items()),
    Route("GET", "/messages", messages),
    Route("GET", "/resource_filters", filters),
    Route("GET", "/extensions", extensions),
    Route("GET", "/attachments", attachments, query=PAGE),
    Route("GET", "/attachments/detail", attachment_details, query=PAGE),
    Route("GET", "/attachments/{attachment_id}", attachment),
)
