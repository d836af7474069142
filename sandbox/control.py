"""What is not part of any cloud: who serves here, its settings, its faults, and back to the seed world."""

import hmac
import ipaddress
from collections.abc import Callable

from sandbox import seed
from sandbox.faults import Fault, Json
from sandbox.routing import Answer, Call
from sandbox.show import web as show
from sandbox.world import World

_ROOT = "/sandbox/"
_DESCRIPTION = "/sandbox/openapi.json"


def is_probe(call: Call) -> bool:
    """Tell whether a request only asks who serves here; such a one is not worth a line in the log."""
    return call.path == "/" and call.method in ("GET", "HEAD")


def answer(call: Call) -> Answer | None:
    """Answer the sandbox's own paths, `/` and those below `/sandbox/`; None for any other."""
    if call.path == "/":
        if show.wants_page(call):
            return show.answer(call)
        return _who(call) if is_probe(call) else None
    if not call.path.startswith(_ROOT):
        return None
    if call.path == _DESCRIPTION and call.method == "GET":
        return _describe(call)
    _guard(call)
    resource, _, item = call.path.removeprefix(_ROOT).partition("/")
    by_method = (_ITEMS if item else _ALL).get(resource)
    if by_method is None:
        raise Fault(404, f"The sandbox has no path {call.path}")
    if call.method not in by_method:
        allowed = ", ".join(by_method)
        raise Fault(405, f"{call.path} takes: {allowed}", headers={"Allow": allowed})
    call.params = {"id": item}
    try:
        with call.world.store.transaction(write=True):
            return by_method[call.method](call)
    except BaseException:
        call.world.mishaps.load()
        raise


def start_over(world: World) -> None:
    """Go back to the seed world, the settings of the start and no faults, in the transaction around it.

    Tokens stay good.
    """
    seed.reset(world)
    world.change_back()
    world.mishaps.load()


def _who(call: Call) -> Answer:
    return Answer(200, {"sandbox": {"id": call.world.sandbox_id, "profile": call.world.settings.profile}})


def _describe(call: Call) -> Answer:
    """Answer with the OpenAPI description, which tells no secret, at the microversion of the query or the highest."""
    from sandbox.openapi import describe

    settings, wanted = call.world.settings, call.ask("microversion")
    try:
        settings = settings if wanted is None else settings.changed({"max_microversion": wanted})
    except ValueError as error:
        raise Fault(400, str(error)) from None
    return Answer(200, describe(settings.profile, settings.max_microversion))


def _guard(call: Call) -> None:
    # A web page that the user visits can reach loopback as well, but it cannot know the key ...
    given = call.headers.get("x-sandbox-key", "")
    if not hmac.compare_digest(given.encode(), call.world.control_key.encode()):
        raise Fault(403, "The key in X-Sandbox-Key is not this sandbox's.")
    # ... and its owner can have a name of theirs point here, but not an address.
    if not _is_address(call.headers.get("host", "")):
        raise Fault(403, "The sandbox is controlled by its address, or as localhost, not by another name.")


def _is_address(host: str) -> bool:
    name, _, port = host.rpartition(":")
    name = (name if port.isdecimal() else host).strip("[]").lower()
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return name == "localhost"
    return True


def _reset(call: Call) -> Answer:
    start_over(call.world)
    return Answer(204)


def _list_faults(call: Call) -> Answer:
    return Answer(200, {"faults": [one.as_json() for one in call.world.mishaps.all()]})


def _add_fault(call: Call) -> Answer:
    return Answer(201, {"fault": call.world.mishaps.add(call.body).as_json()})


def _clear_faults(call: Call) -> Answer:
    call.world.mishaps.clear(call.params["id"] or None)
    return Answer(204)


def _break_server(call: Call) -> Answer:
    """Put a server that is there into ERROR, as when its host dies."""
    given = call.body if isinstance(call.body, dict) else {}
    wanted = given.get("server")
    server = next((one for one in call.world.store.all("server") if wanted in (one["id"], one["name"])), None)
    if server is None:
        raise Fault(404, f"there is no server {wanted!r}; give the id or the name of one")
    now = call.world.clock.now()
    message = str(given.get("message") or "The host of the server failed.")
    fault = {"code": 500, "created_at": now, "message": message}
    broken: Json = {"status": "ERROR", "task_state": None, "updated_at": now, "fault": fault, "later": []}
    call.world.store.save("server", server | broken)
    return Answer(201, {"server": {"id": server["id"], "status": "ERROR"}})


def _show_settings(call: Call) -> Answer:
    quotas = {record["id"]: record["limits"] for record in call.world.store.all("quota")}
    return Answer(200, {"settings": call.world.settings.as_json() | {"quota": quotas}})


def _change_settings(call: Call) -> Answer:
    if not isinstance(call.body, dict):
        raise Fault(400, 'settings are a JSON object such as {"hosts": 2, "quota": {"instances": 3}}')
    given = dict(call.body)
    _change_quotas(call.world, given.pop("quota", {}))
    if "profile" in given:
        raise Fault(400, "the profile is chosen at the start: ecs sandbox stop, then ecs sandbox start --profile ...")
    try:
        call.world.change(given)
    except ValueError as error:
        raise Fault(400, str(error)) from None
    return _show_settings(call)


def _change_quotas(world: World, given: object) -> None:
    records = world.store.all("quota")
    names = [name for record in records for name in record["limits"]]
    if not isinstance(given, dict):
        raise Fault(400, 'quota is a JSON object such as {"instances": 3}')
    for name, limit in given.items():
        if name not in names:
            raise Fault(400, f"quota {name!r} is unknown; choose among: {', '.join(sorted(names))}")
        if isinstance(limit, bool) or not isinstance(limit, int) or not -1 <= limit < 2**31:
            raise Fault(400, f"quota {name} is a whole number, or -1 for no limit, not {limit!r}")
    for record in records:
        ours = {name: limit for name, limit in given.items() if name in record["limits"]}
        if ours:
            world.store.save("quota", record | {"limits": record["limits"] | ours})


_ALL: dict[str, dict[str, Callable[[Call], Answer]]] = {
    "reset": {"POST": _reset},
    "faults": {"GET": _list_faults, "POST": _add_fault, "DELETE": _clear_faults},
    "breakdowns": {"POST": _break_server},
    "settings": {"GET": _show_settings, "PATCH": _change_settings},
}
_ITEMS: dict[str, dict[str, Callable[[Call], Answer]]] = {"faults": {"DELETE": _clear_faults}}
