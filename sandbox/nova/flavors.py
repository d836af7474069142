"""Flavors and their extra specs; images as the old clients read them through Nova."""

from sandbox.faults import Fault, Json
from sandbox.nova.around import forbidden
from sandbox.nova.view import links
from sandbox.routing import Answer, Call, Route, page


def index(call: Call) -> Answer:
    """GET /flavors."""
    found = [{key: one[key] for key in ("id", "name", "links")} for one in _filtered(call)]
    return Answer(200, page(call, "flavors", found))


def details(call: Call) -> Answer:
    """GET /flavors/detail."""
    return Answer(200, page(call, "flavors", _filtered(call)))


def show(call: Call) -> Answer:
    """GET /flavors/{id}."""
    return Answer(200, {"flavor": _as_json(call, _find(call))})


def extra_specs(call: Call) -> Answer:
    """GET /flavors/{id}/os-extra_specs."""
    return Answer(200, {"extra_specs": _find(call)["extra_specs"]})


def extra_spec(call: Call) -> Answer:
    """GET /flavors/{id}/os-extra_specs/{key}."""
    flavor, key = _find(call), call.params["key"]
    if key not in flavor["extra_specs"]:
        raise Fault(404, f"Flavor {flavor['id']} has no extra specs with key {key}.")
    return Answer(200, {key: flavor["extra_specs"][key]})


def create(call: Call) -> Answer:
    """POST /flavors: 403, for only administrators make flavors."""
    del call
    raise forbidden("os-flavor-manage:create")


def _filtered(call: Call) -> list[Json]:
    found = [_as_json(call, one) for one in call.world.store.all("flavor")]
    for key, field in (("minDisk", "disk"), ("minRam", "ram")):
        least = call.ask(key, "0") or "0"
        if not least.isdecimal():
            raise Fault(400, f"Invalid {key} filter [{least}]")
        found = [one for one in found if one[field] >= int(least)]
    return found


def _find(call: Call) -> Json:
    wanted = call.params["flavor_id"]
    return call.world.need("flavor", wanted, Fault(404, f"Flavor {wanted} could not be found."))


def _as_json(call: Call, flavor: Json) -> Json:
    shown = {
        "id": flavor["id"],
        "name": flavor["name"],
        "vcpus": flavor["vcpus"],
        "ram": flavor["ram"],
        "disk": flavor["disk"],
        "swap": 0 if call.version >= (2, 75) else "",
        "OS-FLV-EXT-DATA:ephemeral": 0,
        "OS-FLV-DISABLED:disabled": False,
        "os-flavor-access:is_public": True,
        "rxtx_factor": 1.0,
        "links": links(call, "flavors", flavor["id"]),
    }
    if call.version >= (2, 55):
        shown["description"] = None
    if call.version >= (2, 61):
        shown["extra_specs"] = flavor["extra_specs"]
    return shown


ROUTES = (
    Route("GET", "/flavors", index),
    Route("GET", "/flavors/detail", details),
    Route("POST", "/flavors", create, status=()),
    Route("GET", "/flavors/{flavor_id}", show),
    Route("GET", "/flavors/{flavor_id}/os-extra_specs", extra_specs),
    Route("GET", "/flavors/{flavor_id}/os-extra_specs/{key}", extra_spec),
)
