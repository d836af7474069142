"""Networks, subnets, ports, security groups, floating IPs: what Neutron takes and refuses, and how it shows them."""

from __future__ import annotations

from typing import Any

from tests.contract.cloud import Cloud
from tests.contract.observe import Watch, shape

UNKNOWN = "00000000-0000-4000-8000-00000000dead"


def make(cloud: Cloud, kind: str, path: str, **body: Any) -> Any:
    """Create something of a kind, deleted after the test."""
    answer = cloud.net("POST", path, {kind: body})
    assert answer.status_code == 201, answer.text
    made = answer.json()[kind]
    cloud.known[made["id"]] = f"<{kind}-id>"
    cloud.later(lambda: cloud.net("DELETE", f"{path}/{made['id']}"))
    return made


def network(cloud: Cloud, cidr: str = "10.99.0.0/28", **more: Any) -> tuple[Any, Any]:
    """Create a network with a subnet of sixteen addresses."""
    net = make(cloud, "network", "/networks", name=f"{cloud.prefix}-net")
    subnet = make(cloud, "subnet", "/subnets", network_id=net["id"], ip_version=4, cidr=cidr, **more)
    return net, subnet


def test_shapes(cloud: Cloud, see: Watch) -> None:
    net, subnet = network(cloud)
    see("network", shape(net))
    see("subnet", shape(subnet))
    told = ("gateway_ip", "allocation_pools", "enable_dhcp", "cidr", "ip_version", "dns_nameservers", "host_routes")
    see("subnet values", {key: subnet[key] for key in told})
    port = make(cloud, "port", "/ports", network_id=net["id"])
    see("port", shape(port))
    see(
        "port values",
        {key: port[key] for key in ("status", "device_id", "device_owner", "admin_state_up", "name")},
    )
    # Which free address it is, Neutron leaves to chance.
    see("in the pool", 2 <= int(port["fixed_ips"][0]["ip_address"].rsplit(".", 1)[1]) <= 14)
    group = make(cloud, "security_group", "/security-groups", name=f"{cloud.prefix}-sg")
    see("group", shape({**group, "security_group_rules": []}))
    see(
        "rules of a new group",
        sorted((one["direction"], one["ethertype"], one["protocol"]) for one in group["security_group_rules"]),
    )
    see("rule", shape(group["security_group_rules"][0]))
    router = make(cloud, "router", "/routers", name=f"{cloud.prefix}-r")
    see("router", shape(router))
    see("lists", sorted(cloud.net("GET", f"/networks?name={cloud.prefix}-net").json()))


def test_subnets_that_are_refused(cloud: Cloud, see: Watch) -> None:
    net, _ = network(cloud)
    for what, body in (
        ("overlapping", {"cidr": "10.99.0.0/24"}),
        ("no cidr", {}),
        ("no such cidr", {"cidr": "10.99.0.0/99"}),
        ("host bits", {"cidr": "10.98.0.1/24"}),
        ("gateway outside", {"cidr": "10.98.0.0/24", "gateway_ip": "10.97.0.1"}),
        (
            "gateway in the pool",
            {
                "cidr": "10.98.1.0/24",
                "gateway_ip": "10.98.1.5",
                "allocation_pools": [{"start": "10.98.1.2", "end": "10.98.1.9"}],
            },
        ),
        ("pool outside", {"cidr": "10.98.2.0/24", "allocation_pools": [{"start": "10.97.0.2", "end": "10.97.0.9"}]}),
        ("pool backwards", {"cidr": "10.98.3.0/24", "allocation_pools": [{"start": "10.98.3.9", "end": "10.98.3.2"}]}),
        ("version 6 with a cidr of 4", {"cidr": "10.98.4.0/24", "ip_version": 6}),
        ("version 5", {"cidr": "10.98.5.0/24", "ip_version": 5}),
        ("unknown network", {"cidr": "10.98.6.0/24", "network_id": UNKNOWN}),
        ("dns no address", {"cidr": "10.98.7.0/24", "dns_nameservers": ["x y"]}),
    ):
        answer = cloud.net("POST", "/subnets", {"subnet": {"network_id": net["id"], "ip_version": 4} | body})
        if answer.status_code == 201:
            subnet_id = answer.json()["subnet"]["id"]
            cloud.later(lambda subnet_id=subnet_id: cloud.net("DELETE", f"/subnets/{subnet_id}"))
        see.answer(what, answer, keys=answer.status_code == 201)


def test_addresses(cloud: Cloud, see: Watch) -> None:
    net, subnet = network(cloud)
    fixed = {"network_id": net["id"], "fixed_ips": [{"ip_address": "10.99.0.5"}]}
    make(cloud, "port", "/ports", **fixed)
    for what, body in (
        ("taken", fixed),
        ("outside", {"network_id": net["id"], "fixed_ips": [{"ip_address": "10.97.0.5"}]}),
        ("no address", {"network_id": net["id"], "fixed_ips": [{"ip_address": "x"}]}),
        ("gateway", {"network_id": net["id"], "fixed_ips": [{"ip_address": "10.99.0.1"}]}),
        ("broadcast", {"network_id": net["id"], "fixed_ips": [{"ip_address": "10.99.0.15"}]}),
        ("unknown subnet", {"network_id": net["id"], "fixed_ips": [{"subnet_id": UNKNOWN}]}),
        ("unknown network", {"network_id": UNKNOWN}),
        ("no network", {}),
        ("unknown group", {"network_id": net["id"], "security_groups": [UNKNOWN]}),
        ("unknown key", {"network_id": net["id"], "colour": "red"}),
        ("mac no address", {"network_id": net["id"], "mac_address": "x"}),
    ):
        answer = cloud.net("POST", "/ports", {"port": body})
        if answer.status_code == 201:
            port_id = answer.json()["port"]["id"]
            cloud.later(lambda port_id=port_id: cloud.net("DELETE", f"/ports/{port_id}"))
        see.answer(what, answer, keys=answer.status_code == 201)
    see.answer("subnet in use", cloud.net("DELETE", f"/subnets/{subnet['id']}"))
    busy = cloud.net("DELETE", f"/networks/{net['id']}")
    # Neutron names the ports in any order.
    told = busy.json()["NeutronError"]["message"].rsplit(": ", 1)
    see("network in use", [busy.status_code, told[0], len(told[1].split(","))])


def test_a_full_subnet(cloud: Cloud, see: Watch) -> None:
    net, _ = network(cloud, "10.99.1.0/29", enable_dhcp=False)
    answers = [cloud.net("POST", "/ports", {"port": {"network_id": net["id"]}}) for _ in range(6)]
    for answer in answers:
        if answer.status_code == 201:
            port_id = answer.json()["port"]["id"]
            cloud.later(lambda port_id=port_id: cloud.net("DELETE", f"/ports/{port_id}"))
    see("statuses", [one.status_code for one in answers])
    see.answer("the last", answers[-1])


def test_security_groups(cloud: Cloud, see: Watch) -> None:
    group = make(cloud, "security_group", "/security-groups", name=f"{cloud.prefix}-sg")
    rule = {
        "security_group_id": group["id"],
        "direction": "ingress",
        "protocol": "tcp",
        "port_range_min": 22,
        "port_range_max": 22,
    }
    make(cloud, "security_group_rule", "/security-group-rules", **rule)
    for what, change in (
        ("twice", {}),
        ("backwards", {"port_range_min": 23, "port_range_max": 22}),
        ("no direction", {"direction": None}),
        ("other direction", {"direction": "up"}),
        ("ports without protocol", {"protocol": None}),
        ("unknown protocol", {"protocol": "smoke"}),
        ("port too high", {"port_range_max": 70000}),
        ("prefix of 6", {"remote_ip_prefix": "2001:db8::/32"}),
        ("no prefix", {"remote_ip_prefix": "x"}),
        ("unknown remote group", {"remote_group_id": UNKNOWN}),
        ("prefix and group", {"remote_group_id": group["id"], "remote_ip_prefix": "10.0.0.0/8"}),
        ("unknown group", {"security_group_id": UNKNOWN}),
        ("icmp", {"protocol": "icmp", "port_range_min": 8, "port_range_max": 0}),
        ("protocol by number", {"protocol": "6", "port_range_min": 80, "port_range_max": 80}),
        ("quoted port", {"port_range_min": "81", "port_range_max": "81"}),
    ):
        body = {key: value for key, value in (rule | change).items() if value is not None}
        answer = cloud.net("POST", "/security-group-rules", {"security_group_rule": body})
        see.answer(what, answer, keys=answer.status_code == 201)
    see.answer("default again", cloud.net("POST", "/security-groups", {"security_group": {"name": "default"}}))
    for method, path in (
        ("GET", f"/security-groups/{UNKNOWN}"),
        ("DELETE", f"/security-group-rules/{UNKNOWN}"),
        ("GET", f"/networks/{UNKNOWN}"),
        ("GET", f"/ports/{UNKNOWN}"),
        ("DELETE", f"/ports/{UNKNOWN}"),
        ("GET", f"/subnets/{UNKNOWN}"),
        ("GET", f"/routers/{UNKNOWN}"),
    ):
        see.answer(f"{method} {path}", cloud.net(method, path))


def test_ports_change(cloud: Cloud, see: Watch) -> None:
    net, _ = network(cloud)
    port = make(cloud, "port", "/ports", network_id=net["id"])
    path = f"/ports/{port['id']}"
    for what, change in (
        ("name", {"name": "n"}),
        ("address", {"fixed_ips": [{"ip_address": "10.99.0.9"}]}),
        ("no groups", {"security_groups": []}),
        ("network", {"network_id": cloud.network.id}),
        ("unknown key", {"colour": "red"}),
        ("tags", {"tags": ["a"]}),
        ("down", {"admin_state_up": False}),
    ):
        answer = cloud.net("PUT", path, {"port": change})
        see.answer(what, answer, keys=answer.status_code == 200)
    shown = cloud.net("GET", path).json()["port"]
    see("afterwards", {key: shown[key] for key in ("name", "fixed_ips", "security_groups", "admin_state_up")})


def test_routers(cloud: Cloud, see: Watch) -> None:
    _, subnet = network(cloud)
    router = make(cloud, "router", "/routers", name=f"{cloud.prefix}-r")
    path = f"/routers/{router['id']}"
    added = cloud.net("PUT", f"{path}/add_router_interface", {"subnet_id": subnet["id"]})
    see.answer("add", added, keys=True)
    see.answer("add again", cloud.net("PUT", f"{path}/add_router_interface", {"subnet_id": subnet["id"]}))
    see.answer("delete in use", cloud.net("DELETE", path))
    cloud.known[added.json()["port_id"]] = "<router-port-id>"
    see.answer("delete its port", cloud.net("DELETE", f"/ports/{added.json()['port_id']}"))
    see.answer("remove", cloud.net("PUT", f"{path}/remove_router_interface", {"subnet_id": subnet["id"]}), keys=True)
    see.answer("remove again", cloud.net("PUT", f"{path}/remove_router_interface", {"subnet_id": subnet["id"]}))


def test_kinds_around(cloud: Cloud, see: Watch) -> None:
    names = {one["alias"] for one in cloud.net("GET", "/extensions").json()["extensions"]}
    see(
        "extensions",
        [one for one in ("security-group", "router", "quotas", "standard-attr-tag", "binding") if one in names],
    )
    quota = cloud.net("GET", f"/quotas/{cloud.project_id}").json()["quota"]
    see(
        "quota",
        [
            key
            for key in ("network", "subnet", "port", "router", "floatingip", "security_group", "security_group_rule")
            if key in quota
        ],
    )
    details = cloud.net("GET", f"/quotas/{cloud.project_id}/details.json").json()["quota"]
    see("details", shape(details["network"]))
    see("filter", len(cloud.net("GET", f"/networks?name={cloud.network.name}&fields=id").json()["networks"][0]))
    see.answer("limit", cloud.net("GET", "/networks?limit=x"))
    see("unknown filter", cloud.net("GET", "/networks?colour=red").status_code)
