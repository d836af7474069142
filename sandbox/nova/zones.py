"""Nova's availability zones and extensions."""

from sandbox.routing import Answer, Call, Route


def index(call: Call) -> Answer:
    """GET /os-availability-zone."""
    found = [
        {"zoneName": zone["id"], "zoneState": {"available": True}, "hosts": None}
        for zone in call.world.store.all("zone")
    ]
    return Answer(200, {"availabilityZoneInfo": found})


def extensions(_: Call) -> Answer:
    """GET /extensions: none that a client needs to ask for."""
    return Answer(200, {"extensions": []})


ROUTES = (
    Route("GET", "/os-availability-zone", index),
    Route("GET", "/extensions", extensions),
)
