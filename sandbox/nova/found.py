"""Which servers a list shows, and in which order: the filters and the sorting of `GET /servers`."""

import re
import warnings
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from sandbox.faults import Fault, Json
from sandbox.nova.view import VM_STATES, Views
from sandbox.routing import PAGE, Call
from sandbox.world import Version

_PATTERNS = ("name", "ip")
_LONGEST_PATTERN = 255
_REPEATED = 3
_SORTED_BY = {
    "availability_zone": "zone",
    "created_at": "created_at",
    "display_name": "name",
    "key_name": "key_name",
    "launch_index": "launch_index",
    "updated_at": "updated_at",
    "uuid": "id",
    "vm_state": "status",
    "task_state": "task_state",
    "launched_at": "launched_at",
}
"""The sort keys of Nova that mean something here, each with the field of a server that it sorts by."""

_OTHER_SORT_KEYS = frozenset(
    {"access_ip_v4", "access_ip_v6", "auto_disk_config", "config_drive", "display_description", "host", "hostname",
     "image_ref", "instance_type_id", "kernel_id", "locked_by", "node", "power_state", "progress", "project_id",
     "ramdisk_id", "root_device_name", "terminated_at", "user_id"}
)  # fmt: skip


def found(call: Call) -> list[Json]:
    """Return the servers that a list asks for, the youngest first unless it asks for another order."""
    if call.ask("all_tenants") not in (None, "0", "false", "False"):
        view = "detail" if call.path.endswith("/detail") else "index"
        raise Fault(403, f"Policy doesn't allow os_compute_api:servers:{view}:get_all_tenants to be performed.")
    store = call.world.store
    if (reservation_id := call.ask("reservation_id")) is not None:
        servers = store.all("server", reservation_id=reservation_id)
    else:
        servers = store.all("server")
    for key, value in call.query:
        one = _FILTERS.get(key)
        # Like Nova: a filter that a plain user may not use yet is ignored, not refused.
        if one is not None and call.version >= one.since:
            if key in _PATTERNS:
                _check_pattern(key, value)
            servers = [server for server in servers if one.fits(call, server, value)]
    return _sorted(call, servers[::-1])


def _sorted(call: Call, servers: list[Json]) -> list[Json]:
    keys = [value for name, value in call.query if name == "sort_key"]
    ways = [value for name, value in call.query if name == "sort_dir"]
    for key in keys:
        if key not in _SORTED_BY and key not in _OTHER_SORT_KEYS:
            known = sorted(_OTHER_SORT_KEYS | _SORTED_BY.keys())
            raise Fault(
                400, f"Invalid input for query parameters sort_key. Value: {key}. {key!r} is not one of {known}"
            )
    for way in ways:
        if way not in ("asc", "desc"):
            message = (
                f"Invalid input for query parameters sort_dir. Value: {way}. {way!r} is not one of ['asc', 'desc']"
            )
            raise Fault(400, message)
    # The last key first: sorting keeps the order of what is equal.
    for place, key in reversed(list(enumerate(keys))):
        if field := _SORTED_BY.get(key):
            down = (ways[place] if place < len(ways) else "desc") == "desc"
            servers = sorted(servers, key=lambda server: str(server[field] or ""), reverse=down)
    return servers


class Filter(NamedTuple):
    """A filter of the list, and the microversion from which on a plain user may use it."""

    fits: Callable[[Call, Json, str], bool]
    since: Version = (2, 1)


def _named(call: Call, server: Json, value: str) -> bool:
    del call
    return _pattern(value).search(server["name"]) is not None


def _pattern(value: str) -> re.Pattern[str]:
    """Return the regular expression of a filter; what is none stands for itself."""
    try:
        with warnings.catch_warnings(action="ignore"):
            return re.compile(value)
    except (re.error, OverflowError):
        return re.compile(re.escape(value))


def _check_pattern(key: str, value: str) -> None:
    """Raise a `Fault` (400) for a regular expression that may try for ever: repeated groups, or many repetitions."""
    plain = re.sub(r"\\.|\[\^?\]?[^\]]*\]", "x", value).replace("(?", "(")
    if len(value) > _LONGEST_PATTERN or re.search(r"\)[*+?{]", plain) or len(re.findall(r"[*+?{]+", plain)) > _REPEATED:
        message = "the regular expression is too complicated"
        raise Fault(400, f"Invalid input for query parameters {key}. Value: {value}. {value!r}: {message}")


def _from_image(call: Call, server: Json, value: str) -> bool:
    # The document: ECSs created from an image cannot be found by the image filter.
    return False if call.world.ecs else server["image_id"] == value


def _moment(key: str, value: str) -> float:
    try:
        return datetime.fromisoformat(value).timestamp()
    except (ValueError, OverflowError):
        message = f"Invalid input for query parameters {key}. Value: {value}. {value!r} is not a 'date-time'"
        raise Fault(400, message) from None


def _has_address(call: Call, server: Json, value: str) -> bool:
    places = Views(call).addresses(server).values()
    return any(_pattern(value).search(one["addr"]) for entries in places for one in entries)


def _placed(key: str) -> Filter:
    # Only the document's API can be asked for the hints; plain Nova ignores the words.
    return Filter(lambda call, server, value: not call.world.ecs or server[key] == value)


_FILTERS: dict[str, Filter] = {
    "name": Filter(_named),
    "status": Filter(lambda _, server, value: server["status"] == value.upper()),
    "vm_state": Filter(lambda _, server, value: VM_STATES[server["status"]] == value, (2, 83)),
    "flavor": Filter(lambda _, server, value: server["flavor"]["id"] == value),
    "image": Filter(_from_image),
    "uuid": Filter(lambda _, server, value: server["id"] == value, (9, 9)),
    "key_name": Filter(lambda _, server, value: server["key_name"] == value, (2, 83)),
    "availability_zone": Filter(lambda _, server, value: server["zone"] == value, (2, 83)),
    "tags": Filter(lambda _, server, value: set(value.split(",")) <= set(server["tags"]), (2, 26)),
    "tags-any": Filter(lambda _, server, value: bool(set(value.split(",")) & set(server["tags"])), (2, 26)),
    "changes-since": Filter(lambda _, server, value: server["updated_at"] >= _moment("changes-since", value)),
    "changes-before": Filter(
        lambda _, server, value: server["updated_at"] <= _moment("changes-before", value), (2, 66)
    ),
    "ip": Filter(_has_address),
    "tenancy": _placed("tenancy"),
    "dedicated_host_id": _placed("dedicated_host_id"),
}

QUERY = (*PAGE, "sort_key", "sort_dir", "reservation_id", "all_tenants", *_FILTERS)
"""The query parameters of the lists of servers."""
