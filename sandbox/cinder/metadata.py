"""The metadata of volumes and snapshots."""

from sandbox.faults import Fault, Json
from sandbox.routing import Answer, Call, Handler, Part, Route

_ALL = Part("metadata")
_ONE = Part("meta")
_LONGEST = 255


def _find(call: Call, kind: str) -> Json:
    wanted = call.params["thing_id"]
    return call.world.need(kind, wanted, Fault(404, f"{kind.title()} {wanted} could not be found."))


def checked(given: Json) -> dict[str, str]:
    """Return metadata; raises a `Fault` (400) where a key or a value is no text of up to 255 characters."""
    for key, value in given.items():
        if not isinstance(value, str):
            raise Fault(400, f"Invalid input for field/attribute {key}. It is not of type 'string'")
        if not 1 <= len(key) <= _LONGEST or len(value) > _LONGEST:
            raise Fault(400, f"Metadata property key or value is longer than {_LONGEST} characters or empty.")
    return given


def _show(kind: str) -> Handler:
    return lambda call: Answer(200, {"metadata": _find(call, kind)["metadata"]})


def _change(kind: str, *, replace: bool) -> Handler:
    def change(call: Call) -> Answer:
        """POST adds and changes, PUT leaves exactly these."""
        thing, given = _find(call, kind), checked(call.part(*_ALL))
        metadata = given if replace else thing["metadata"] | given
        call.world.store.save(kind, thing | {"metadata": metadata, "updated_at": call.world.now()})
        return Answer(200, {"metadata": metadata})

    return change


def _show_one(kind: str) -> Handler:
    def show(call: Call) -> Answer:
        """GET one key."""
        metadata, key = _find(call, kind)["metadata"], call.params["key"]
        if key not in metadata:
            raise _missing(call, kind)
        return Answer(200, {"meta": {key: metadata[key]}})

    return show


def _change_one(kind: str) -> Handler:
    def change(call: Call) -> Answer:
        """PUT one key."""
        thing, given = _find(call, kind), checked(call.part(*_ONE))
        if list(given) != [call.params["key"]]:
            raise Fault(400, "Request body and URI mismatch")
        call.world.store.save(kind, thing | {"metadata": thing["metadata"] | given, "updated_at": call.world.now()})
        return Answer(200, {"meta": given})

    return change


def _delete_one(kind: str) -> Handler:
    def delete(call: Call) -> Answer:
        """DELETE one key."""
        thing, key = _find(call, kind), call.params["key"]
        if key not in thing["metadata"]:
            raise _missing(call, kind)
        del thing["metadata"][key]
        call.world.store.save(kind, thing | {"updated_at": call.world.now()})
        return Answer(200)

    return delete


def _missing(call: Call, kind: str) -> Fault:
    return Fault(404, f"{kind.title()} {call.params['thing_id']} has no metadata with key {call.params['key']}.")


def _routes(things: str, kind: str) -> tuple[Route, ...]:
    path = f"/{things}/{{thing_id}}/metadata"
    return (
        Route("GET", path, _show(kind)),
        Route("POST", path, _change(kind, replace=False), body=(_ALL,), status=(200,)),
        Route("PUT", path, _change(kind, replace=True), body=(_ALL,)),
        Route("GET", path + "/{key}", _show_one(kind)),
        Route("PUT", path + "/{key}", _change_one(kind), body=(_ONE,)),
        Route("DELETE", path + "/{key}", _delete_one(kind), status=(200,)),
    )


ROUTES = (*_routes("volumes", "volume"), *_routes("snapshots", "snapshot"))
