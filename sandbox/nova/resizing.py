"""Changing a server's flavor: resize, and confirm or revert it."""

from typing import Any

from sandbox.faults import Fault, Json
from sandbox.nova.build import another_host
from sandbox.nova.moving import move
from sandbox.nova.resolve import find_flavor
from sandbox.nova.sale import is_abandoned, is_sold_out
from sandbox.routing import Answer, Call


def resize(call: Call, server: Json, given: Any) -> Answer:
    """Begin a resize; what the larger flavor takes counts against the quota from now on."""
    wanted = str((given or {}).get("flavorRef", "")).rstrip("/").rsplit("/", 1)[-1]
    flavor = find_flavor(call.world, wanted)
    if flavor is None:
        raise Fault(400, f"Flavor {wanted} could not be found.")
    old = server["flavor"]
    if flavor["id"] == old["id"]:
        raise Fault(400, "When resizing, instances must change flavor!")
    kinds = [one["extra_specs"].get("resource_type") for one in (old, flavor)]
    if call.world.ecs and kinds[0] != kinds[1]:
        message = f"The flavors have different resource types ({kinds[0]} and {kinds[1]})"
        raise Fault(400, f"{message}: an ECS created from an image cannot be resized to another one. [ECS-601]")
    if call.world.ecs and is_abandoned(flavor, server["zone"]):
        message = f"The flavor {flavor['id']} is no longer on sale in {server['zone']}"
        raise Fault(400, f"{message} (its status there is abandon).")
    grown = {"vcpus": max(0, flavor["vcpus"] - old["vcpus"]), "ram": max(0, flavor["ram"] - old["ram"])}
    _check_growth(call, grown)
    gone = call.world.ecs and server["dedicated_host_id"] is None and is_sold_out(flavor, server["zone"])
    host = None if gone else another_host(call.world, server)
    if host is None:
        # Nova finds out only after the 202; the server is then as it was.
        move(call, server, "RESIZE", server["status"], "resize_prep")
        return Answer(202)
    # Until it is confirmed, room for both flavors is held.
    held = {"cores": max(flavor["vcpus"], old["vcpus"]), "ram": max(flavor["ram"], old["ram"])}
    then = {"flavor": flavor, "host": host, "before_resize": server["status"]}
    then |= {"old_flavor": old, "old_host": server["host"]}
    move(call, server | held, "RESIZE", "VERIFY_RESIZE", "resize_prep", **then)
    return Answer(202)


def _check_growth(call: Call, grown: Json) -> None:
    record = call.world.store.get("quota", "compute") or {"limits": {}}
    _, cores, ram = call.world.store.total("server", "cores", "ram")
    for name, more, have in (("cores", grown["vcpus"], cores), ("ram", grown["ram"], ram)):
        limit = record["limits"].get(name, -1)
        if more and 0 <= limit < have + more:
            message = f"Requested {more}, but already used {have} of {limit} {name}"
            raise Fault(403, f"Quota exceeded for {name}: {message}")


def confirm(call: Call, server: Json, given: Any) -> Answer:
    """Keep the new flavor."""
    del given
    after = server.pop("before_resize", "ACTIVE")
    server.pop("old_flavor", None)
    server.pop("old_host", None)
    flavor = server["flavor"]
    kept = {"status": after, "cores": flavor["vcpus"], "ram": flavor["ram"], "updated_at": call.world.now()}
    call.world.store.save("server", server | kept)
    return Answer(204)


def revert(call: Call, server: Json, given: Any) -> Answer:
    """Go back to the old flavor."""
    del given
    old = server.pop("old_flavor", server["flavor"])
    after = server.pop("before_resize", "ACTIVE")
    kept = {"cores": old["vcpus"], "ram": old["ram"]}
    then = {"flavor": old, "host": server.pop("old_host", server["host"])}
    move(call, server | kept, "REVERT_RESIZE", after, "resize_reverting", **then)
    return Answer(202)
