"""Security groups and their rules."""

import ipaddress
from typing import Any

from sandbox import lenient
from sandbox.faults import Fault, Json
from sandbox.neutron.lists import LISTED, check_given, check_one_of, check_quota, listing, shown, touch
from sandbox.neutron.model import not_found, rule_record, security_group_record
from sandbox.routing import Answer, Call, Part, Route
from sandbox.shape import NETWORK

_BODY = Part("security_group", NETWORK)
_RULE_BODY = Part("security_group_rule", NETWORK)
_RULE = ("protocol", "port_range_min", "port_range_max", "remote_ip_prefix", "remote_group_id", "description")
_LAST_PORT = 65_535
_WITH_PORTS = frozenset({"tcp", "udp", "sctp", "dccp", "udplite", "6", "17", "132", "33", "136"})
_PROTOCOLS = (
    "ah", "dccp", "egp", "esp", "gre", "hopopt", "icmp", "igmp", "ip", "ipip", "ipv6-encap", "ipv6-frag", "ipv6-icmp",
    "icmpv6", "ipv6-nonxt", "ipv6-opts", "ipv6-route", "ospf", "pgm", "rsvp", "sctp", "tcp", "udp", "udplite", "vrrp",
)  # fmt: skip
_LAST_PROTOCOL = 255


def create(call: Call) -> Answer:
    """POST /security-groups; like Neutron, it begins with everything outgoing allowed."""
    wanted = call.part(*_BODY)
    if wanted.get("name") == "default":
        raise Fault(409, "Default security group already exists.", "SecurityGroupDefaultAlreadyExists")
    check_quota(call, "security_group", "security_group")
    record = security_group_record(call.world, wanted.get("name") or "", wanted.get("description") or "")
    record["stateful"] = wanted.get("stateful", True)
    call.world.store.add("security_group", record)
    for ethertype in ("IPv4", "IPv6"):
        call.world.store.add("rule", rule_record(call.world, record["id"], "egress", ethertype))
    return Answer(201, {"security_group": _as_json(call, record, of_default=False)})


def index(call: Call) -> Answer:
    """GET /security-groups."""
    found = call.world.store.all("security_group")
    return listing(call, "security_groups", [_as_json(call, one) for one in found])


def show(call: Call) -> Answer:
    """GET /security-groups/{id}."""
    return Answer(200, {"security_group": _as_json(call, _find(call))})


def update(call: Call) -> Answer:
    """PUT /security-groups/{id}; 409 for the group `default`."""
    group = _find(call)
    wanted = {key: value for key, value in call.part(*_BODY).items() if key in ("name", "description", "stateful")}
    if group["name"] == "default" and wanted.get("name", "default") != "default":
        raise Fault(409, "Updating default security group not allowed.", "SecurityGroupCannotUpdateDefault")
    return Answer(
        200, {"security_group": _as_json(call, call.world.store.save("security_group", touch(call, group | wanted)))}
    )


def delete(call: Call) -> Answer:
    """DELETE /security-groups/{id}, with its rules; 409 while a port has it."""
    group = _find(call)
    if group["name"] == "default":
        message = "Insufficient rights for removing default security group."
        raise Fault(409, message, "SecurityGroupCannotRemoveDefault")
    if any(group["id"] in port["security_groups"] for port in call.world.store.all("port")):
        raise Fault(409, f"Security Group {group['id']} in use.", "SecurityGroupInUse")
    for rule in call.world.store.all("rule", security_group_id=group["id"]):
        call.world.store.remove("rule", rule["id"])
    call.world.store.remove("security_group", group["id"])
    return Answer(204)


def create_rule(call: Call) -> Answer:
    """POST /security-group-rules; 409 for one that is there already."""
    wanted = call.part(*_RULE_BODY)
    check_given(wanted, "security_group_id", "direction")
    check_one_of(wanted, "direction", ("ingress", "egress"))
    group_id = str(wanted.get("security_group_id"))
    group = call.world.need("security_group", group_id, not_found("Security group", group_id))
    check_quota(call, "security_group_rule", "rule")
    direction, ethertype = str(wanted["direction"]), wanted.get("ethertype") or "IPv4"
    if ethertype not in ("IPv4", "IPv6"):
        message = f"Security group rule for ethertype '{ethertype}' not supported. Allowed values are ['IPv4', 'IPv6']."
        raise Fault(400, message, "SecurityGroupRuleInvalidEtherType")
    given = _rule_fields(call, wanted, ethertype)
    for other in call.world.store.all("rule", security_group_id=group_id):
        same = all(other[key] == given[key] for key in _RULE if key != "description")
        if same and (other["direction"], other["ethertype"]) == (direction, ethertype):
            message = f"Security group rule already exists. Rule id is {other['id']}."
            raise Fault(409, message, "SecurityGroupRuleExists")
    given["belongs_to_default_sg"] = group["name"] == "default"
    record = rule_record(call.world, group_id, direction, ethertype, **given)
    made = shown(call.world.store.add("rule", record))
    # Neutron forgets them in this one answer.
    del made["tags"]
    return Answer(201, {"security_group_rule": made})


def _rule_fields(call: Call, wanted: Json, ethertype: str) -> dict[str, Any]:
    given = {key: wanted.get(key) for key in _RULE}
    if wanted.get("remote_ip_prefix") and wanted.get("remote_group_id"):
        message = "Only one of remote_ip_prefix or remote_group_id or remote_address_group_id may be provided."
        raise Fault(400, message, "SecurityGroupMultipleRemoteEntites")
    given["description"] = wanted.get("description") or ""
    protocol = given["protocol"]
    given["protocol"] = str(protocol).lower() if protocol not in (None, "", "any") else None
    _check_ports(given)
    if given["remote_ip_prefix"]:
        try:
            block = ipaddress.ip_network(given["remote_ip_prefix"], strict=False)
        except ValueError:
            message = f"Invalid CIDR {given['remote_ip_prefix']} given as IP prefix."
            raise Fault(400, message, "InvalidCIDR") from None
        given["normalized_cidr"] = str(block)
        if block.version != int(ethertype[-1]):
            message = f"Conflicting value ethertype {ethertype} for CIDR {given['remote_ip_prefix']}"
            raise Fault(400, message, "SecurityGroupRuleParameterConflict")
    given["remote_ip_prefix"] = given["remote_ip_prefix"] or None
    if given["remote_group_id"]:
        remote = given["remote_group_id"]
        call.world.need("security_group", remote, not_found("Security group", remote))
    given["remote_group_id"] = given["remote_group_id"] or None
    return given


def _check_ports(given: dict[str, Any]) -> None:
    for end in ("port_range_min", "port_range_max"):
        given[end] = None if given[end] is None else lenient.integer(given[end])
    protocol, low, high = given["protocol"], given["port_range_min"], given["port_range_max"]
    known = protocol is None or protocol in _PROTOCOLS
    if not known and not (protocol.isdecimal() and int(protocol) <= _LAST_PROTOCOL):
        values = ", ".join(map(repr, (None, "any", *_PROTOCOLS)))
        message = f"Security group rule protocol {protocol} not supported. Only protocol values ({values})"
        why = f"{message} and integer representations [0 to {_LAST_PROTOCOL}] are supported."
        raise Fault(400, why, "SecurityGroupRuleInvalidProtocol")
    if low is None and high is None:
        return
    if protocol is None:
        raise Fault(400, "Must also specify protocol if port range is given.", "SecurityGroupProtocolRequiredWithPorts")
    if protocol not in _WITH_PORTS:
        return
    for value in (low, high):
        if value is not None and not 0 <= value <= _LAST_PORT:
            raise Fault(400, f"Invalid value for port {value}", "SecurityGroupInvalidPortValue")
    if low is None or high is None or low > high:
        message = "For TCP/UDP protocols, port_range_min must be <= port_range_max"
        raise Fault(400, message, "SecurityGroupInvalidPortRange")
    if (low, high) == (1, _LAST_PORT):
        # Every port: Neutron keeps no range then.
        given["port_range_min"] = given["port_range_max"] = None


def list_rules(call: Call) -> Answer:
    """GET /security-group-rules."""
    return listing(call, "security_group_rules", call.world.store.all("rule"))


def show_rule(call: Call) -> Answer:
    """GET /security-group-rules/{id}."""
    return Answer(200, {"security_group_rule": shown(_find_rule(call))})


def delete_rule(call: Call) -> Answer:
    """DELETE /security-group-rules/{id}."""
    call.world.store.remove("rule", _find_rule(call)["id"])
    return Answer(204)


def _find(call: Call) -> Json:
    wanted = call.params["group_id"]
    return call.world.need("security_group", wanted, not_found("Security group", wanted))


def _find_rule(call: Call) -> Json:
    wanted = call.params["rule_id"]
    return call.world.need("rule", wanted, not_found("Security group rule", wanted))


def _as_json(call: Call, record: Json, *, of_default: bool | None = None) -> Json:
    # Once a group is made, only the rules' own lists tell whether a rule belongs to the group `default`.
    inside = {"belongs_to_default_sg": of_default}
    rules = [shown(rule) | inside for rule in call.world.store.all("rule", security_group_id=record["id"])]
    return shown(record) | {"security_group_rules": rules}


ROUTES = (
    Route("POST", "/security-groups", create, body=(_BODY,)),
    Route("GET", "/security-groups", index, query=LISTED),
    Route("GET", "/security-groups/{group_id}", show),
    Route("PUT", "/security-groups/{group_id}", update, body=(_BODY,)),
    Route("DELETE", "/security-groups/{group_id}", delete),
    Route("POST", "/security-group-rules", create_rule, body=(_RULE_BODY,)),
    Route("GET", "/security-group-rules", list_rules, query=LISTED),
    Route("GET", "/security-group-rules/{rule_id}", show_rule),
    Route("DELETE", "/security-group-rules/{rule_id}", delete_rule),
)
