"""Nova's quotas and limits, counted from the servers that exist."""

from sandbox import shape
from sandbox.faults import Fault, Json
from sandbox.routing import Answer, Call, Part, Route
from sandbox.world import World

_BODY = Part("quota_set")


def _limits(world: World) -> dict[str, int]:
    record = world.store.get("quota", "compute")
    limits: dict[str, int] = record["limits"] if record else {}
    return limits


def used(world: World) -> dict[str, int]:
    """Return how much of each counted quota is in use."""
    instances, cores, ram = world.store.total("server", "cores", "ram")
    return {
        "instances": instances,
        "cores": cores,
        "ram": ram,
        "key_pairs": world.store.total("keypair")[0],
        "server_groups": world.store.total("server_group")[0],
    }


def check_quota(world: World, flavor: Json, least: int, most: int) -> int:
    """Return how many servers of a flavor may be made, at most `most`; raises Nova's 403 below `least`."""
    limits = _limits(world)
    instances, cores, ram = world.store.total("server", "cores", "ram")
    needs = {"instances": (1, instances), "cores": (flavor["vcpus"], cores), "ram": (flavor["ram"], ram)}
    count = most
    over = []
    for name, (each, have) in needs.items():
        limit = limits.get(name, -1)
        if limit < 0 or each <= 0:
            continue
        fitting = max(0, limit - have) // each
        if fitting < least:
            over.append((name, each * least, have, limit))
        count = min(count, fitting)
    if over:
        names = ", ".join(one[0] for one in over)
        asked = ", ".join(str(one[1]) for one in over)
        have_text = ", ".join(str(one[2]) for one in over)
        limit_text = ", ".join(str(one[3]) for one in over)
        message = f"Requested {asked}, but already used {have_text} of {limit_text} {names}"
        raise Fault(403, f"Quota exceeded for {names}: {message}")
    return count


def absolute(call: Call) -> Answer:
    """GET /limits."""
    limits, have = _limits(call.world), used(call.world)
    shown = {
        "maxTotalInstances": limits["instances"],
        "maxTotalCores": limits["cores"],
        "maxTotalRAMSize": limits["ram"],
        "maxTotalKeypairs": limits["key_pairs"],
        "maxServerMeta": limits["metadata_items"],
        "maxServerGroups": limits["server_groups"],
        "maxServerGroupMembers": limits["server_group_members"],
        "totalInstancesUsed": have["instances"],
        "totalCoresUsed": have["cores"],
        "totalRAMUsed": have["ram"],
        "totalServerGroupsUsed": have["server_groups"],
    }
    if call.version < (2, 36):
        shown |= {"maxSecurityGroups": -1, "maxSecurityGroupRules": -1, "maxTotalFloatingIps": -1}
        shown |= {"totalSecurityGroupsUsed": 0, "totalFloatingIpsUsed": 0}
    if call.version < (2, 57):
        shown |= {"maxImageMeta": 128, "maxPersonality": 5, "maxPersonalitySize": 10240}
    return Answer(200, {"limits": {"rate": [], "absolute": shown}})


def _shown(call: Call) -> dict[str, int]:
    """Return the limits that the microversion shows: those of networks and of injected files went away with time."""
    gone: set[str] = set()
    if call.version >= (2, 36):
        gone |= {"fixed_ips", "floating_ips", "security_groups", "security_group_rules"}
    if call.version >= (2, 57):
        gone |= {"injected_files", "injected_file_content_bytes", "injected_file_path_bytes"}
    return {name: limit for name, limit in _limits(call.world).items() if name not in gone}


def show(call: Call) -> Answer:
    """GET /os-quota-sets/{project}, and its `defaults`."""
    return Answer(200, {"quota_set": {"id": call.params["quota_project"], **_shown(call)}})


def detail(call: Call) -> Answer:
    """GET /os-quota-sets/{project}/detail."""
    have = used(call.world)
    counted = {
        name: {"limit": limit, "in_use": have.get(name, 0), "reserved": 0} for name, limit in _shown(call).items()
    }
    return Answer(200, {"quota_set": {"id": call.params["quota_project"], **counted}})


def update(call: Call) -> Answer:
    """PUT /os-quota-sets/{project}."""
    limits = _limits(call.world)
    wanted = shape.limits(call.part(*_BODY), limits)
    call.world.store.save("quota", {"id": "compute", "limits": limits | wanted})
    return Answer(200, {"quota_set": limits | wanted})


ROUTES = (
    Route("GET", "/limits", absolute),
    Route("GET", "/os-quota-sets/{quota_project}", show),
    Route("GET", "/os-quota-sets/{quota_project}/defaults", show),
    Route("GET", "/os-quota-sets/{quota_project}/detail", detail),
    Route("PUT", "/os-quota-sets/{quota_project}", update, body=(_BODY,)),
)
