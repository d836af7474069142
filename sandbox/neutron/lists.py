"""Neutron's lists: any field filters, `fields` selects, `sort_key`, `limit` and `marker` page."""

import ipaddress
import re
from typing import Any

from sandbox import lenient
from sandbox.clock import zulu
from sandbox.faults import Fault, Json
from sandbox.routing import PAGE, Answer, Call

_CONTROL = frozenset({"fields", "limit", "marker", "sort_key", "sort_dir", "page_reverse", "all_tenants"})
LISTED = (*PAGE, "fields", "sort_key", "sort_dir", "id", "name", "tags")
"""The query parameters of a list; any other field of what is listed filters too."""
_OURS = frozenset({"later", "by_nova"})
_FOR_ADMINS = frozenset(
    {"binding:host_id", "binding:vif_type", "binding:vif_details", "binding:profile", "distributed", "ha"}
)
"""What a plain user neither sees nor sets."""
_MAC = re.compile(r"[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}")
_TAGS = {"tags": (all, True), "tags-any": (any, True), "not-tags": (all, False), "not-tags-any": (any, False)}


def listing(call: Call, key: str, items: list[Json]) -> Answer:
    """Return the items that the query asks for, under `key`."""
    wanted: dict[str, list[str]] = {}
    for name, value in call.query:
        if name not in _CONTROL:
            wanted.setdefault(name, []).append(value)
    items = [shown(item) for item in items if all(_fits(item, name, values) for name, values in wanted.items())]
    fields = {value for name, value in call.query if name == "fields"}
    body: Json = _page(call, key, _sorted(call, items))
    if fields:
        body[key] = [{name: value for name, value in item.items() if name in fields} for item in body[key]]
    return Answer(200, body)


def shown(record: Json) -> Json:
    """Return a record without what is only for us, or only for administrators."""
    return {key: value for key, value in record.items() if key not in _OURS and key not in _FOR_ADMINS}


def check_plain(action: str, wanted: Json, *more: str) -> None:
    """Raise Neutron's 403 for an attribute that a plain user may not set; `more` are such ones of this kind of thing."""
    for key in wanted:
        if wanted[key] not in (None, "", {}) and (key in _FOR_ADMINS or key in more):
            message = f"(rule:{action} and rule:{action}:{key}) is disallowed by policy"
            raise Fault(403, message, "PolicyNotAuthorized")


def check_known(wanted: Json, record: Json, *fixed: str) -> None:
    """Raise Neutron's 400 for an attribute that the thing does not have, or that cannot be changed (`fixed`)."""
    unknown = [key for key in wanted if key not in record]
    if unknown:
        names = ", ".join(f"'{key}'" for key in unknown)
        raise Fault(400, f"Unrecognized attribute(s) {names}", "HTTPBadRequest")
    for key in fixed:
        if key in wanted:
            raise Fault(400, f"Cannot update read-only attribute {key}", "HTTPBadRequest")


def check_given(wanted: Json, *names: str) -> None:
    """Raise Neutron's 400 if one of these attributes is not there."""
    for name in names:
        if wanted.get(name) is None:
            message = f"Failed to parse request. Required attribute '{name}' not specified"
            raise Fault(400, message, "HTTPBadRequest")


def check_one_of(wanted: Json, name: str, allowed: tuple[Any, ...]) -> None:
    """Raise Neutron's 400 if an attribute has none of the allowed values; a number may be quoted."""
    if str(wanted[name]) not in map(str, allowed):
        raise Fault(400, f"Invalid input for {name}. Reason: {wanted[name]} is not in valid_values.", "HTTPBadRequest")


def check_addresses(wanted: Json) -> None:
    """Raise Neutron's 400 for a fixed IP that is no address, or a MAC address that is none."""
    for one in wanted.get("fixed_ips") or []:
        try:
            ipaddress.ip_address(one.get("ip_address") or "::")
        except ValueError:
            why = f"'{one['ip_address']}' is not a valid IP address."
            raise Fault(400, f"Invalid input for fixed_ips. Reason: {why}", "HTTPBadRequest") from None
    if (mac := wanted.get("mac_address")) is not None and not _MAC.fullmatch(mac):
        raise Fault(
            400, f"Invalid input for mac_address. Reason: '{mac}' is not a valid MAC address.", "HTTPBadRequest"
        )


def _sorted(call: Call, items: list[Json]) -> list[Json]:
    for name, direction in zip(
        [value for key, value in call.query if key == "sort_key"],
        [value for key, value in call.query if key == "sort_dir"] or ["asc"],
        strict=False,
    ):
        items = sorted(items, key=lambda item: str(item.get(name)), reverse=direction == "desc")
    return items


def _page(call: Call, key: str, items: list[Json]) -> Json:
    marker, limit = call.ask("marker"), call.ask("limit")
    if limit is not None and not limit.isdecimal():
        message = f"Limit must be an integer 0 or greater and not '{limit}'."
        raise Fault(400, f"Bad limit request: {message}", "BadRequest")
    if marker is not None:
        places = [place for place, item in enumerate(items) if item["id"] == marker]
        items = items[places[0] + 1 :] if places else []
    if limit is None or not 0 < lenient.count(limit) < len(items):
        return {key: items}
    items = items[: lenient.count(limit)]
    rest = "&".join(f"{name}={value}" for name, value in call.query if name != "marker")
    href = f"{call.base}{call.path}?{rest}&marker={items[-1]['id']}"
    return {key: items, f"{key}_links": [{"rel": "next", "href": href}]}


def _fits(item: Json, name: str, values: list[str]) -> bool:
    if name in _TAGS:
        every, wanted = _TAGS[name]
        asked = [tag for value in values for tag in value.split(",")]
        return every(tag in item["tags"] for tag in asked) is wanted
    if name not in item:
        raise Fault(400, f"[{name!r}] is invalid attribute for filtering", "HTTPBadRequest")
    return _equal(item[name], values)


def _equal(have: Any, values: list[str]) -> bool:
    if isinstance(have, bool):
        return str(have).lower() in {value.lower() for value in values}
    if isinstance(have, list):
        return any(_inside(have, value) for value in values)
    return ("" if have is None else str(have)) in values


def _inside(have: list[Any], value: str) -> bool:
    key, _, text = value.partition("=")
    return any(one == value or (isinstance(one, dict) and str(one.get(key)) == text) for one in have)


def check_quota(call: Call, resource: str, kind: str) -> None:
    """Raise Neutron's 409 if the project has as many of a kind as its quota allows."""
    limits = (call.world.store.get("quota", "network") or {"limits": {}})["limits"]
    limit = limits.get(resource, -1)
    if 0 <= limit <= used(call, kind):
        raise Fault(409, f"Quota exceeded for resources: ['{resource}'].", "OverQuota")


def used(call: Call, kind: str) -> int:
    """Return how many things of a kind the project has; those that belong to the cloud itself do not count."""
    store = call.world.store
    count = store.total(kind)[0]
    if kind == "port":
        # The ports of floating IPs and of gateways are nobody's.
        count -= store.total("floatingip")[0] + sum(1 for one in store.all("router") if one["external_gateway_info"])
    return count


def touch(call: Call, record: Json) -> Json:
    """Note on a record that it was changed now."""
    return record | {"updated_at": zulu(call.world.now()), "revision_number": record["revision_number"] + 1}
