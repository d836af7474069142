"""Volume types, and Cinder's availability zones."""

from sandbox.faults import Fault, Json
from sandbox.routing import Answer, Call, Route


def index(call: Call) -> Answer:
    """GET /types."""
    return Answer(200, {"volume_types": [_as_json(kind) for kind in call.world.store.all("volume_type")]})


def show(call: Call) -> Answer:
    """GET /types/{id}, and /types/default."""
    wanted = call.params.get("type_id", "default")
    for kind in call.world.store.all("volume_type"):
        if kind["id"] == wanted or (wanted == "default" and kind["default"]):
            return Answer(200, {"volume_type": _as_json(kind)})
    raise Fault(404, f"Volume type {wanted} could not be found.")


def extra_specs(call: Call) -> Answer:
    """GET /types/{id}/extra_specs."""
    wanted = call.params["type_id"]
    kind = call.world.need("volume_type", wanted, Fault(404, f"Volume type {wanted} could not be found."))
    return Answer(200, {"extra_specs": kind["extra_specs"]})


def zones(call: Call) -> Answer:
    """GET /os-availability-zone."""
    found = [{"zoneName": zone["id"], "zoneState": {"available": True}} for zone in call.world.store.all("zone")]
    return Answer(200, {"availabilityZoneInfo": found})


def _as_json(kind: Json) -> Json:
    more = {"description": None, "is_public": True, "os-volume-type-access:is_public": True}
    return {"id": kind["id"], "name": kind["name"], "extra_specs": kind["extra_specs"]} | more


ROUTES = (
    Route("GET", "/types", index),
    Route("GET", "/types/{type_id}", show),
    Route("GET", "/types/{type_id}/extra_specs", extra_specs),
    Route("GET", "/os-availability-zone", zones),
)
