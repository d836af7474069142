"""Networks, as openstacksdk sees them over real HTTP."""

from typing import Any

import pytest
from openstack import exceptions

from sandbox.testing import Loopback

# openstacksdk warns of its own inside, whatever one asks of it.
pytestmark = [
    pytest.mark.filterwarnings("ignore::openstack.warnings.RemovedInSDK50Warning"),
    pytest.mark.filterwarnings("ignore::openstack.warnings.RemovedInSDK60Warning"),
]

EXTERNAL = "e47e4a10-0005-4000-8000-000000000005"


def test_the_life_of_a_network(sdk: Any) -> None:
    network = sdk.network.create_network(name="lan", description="d")
    subnet = sdk.network.create_subnet(network_id=network.id, ip_version=4, cidr="10.9.0.0/29", name="sub")
    assert (subnet.gateway_ip, subnet.allocation_pools) == ("10.9.0.1", [{"start": "10.9.0.2", "end": "10.9.0.6"}])
    assert sdk.network.get_network(network).subnet_ids == [subnet.id]
    assert [one.id for one in sdk.network.networks(name="lan", status="ACTIVE")] == [network.id]
    assert sdk.network.update_network(network, name="lan-2").name == "lan-2"
    assert sdk.network.update_subnet(subnet, dns_nameservers=["1.1.1.1"]).dns_nameservers == ["1.1.1.1"]
    with pytest.raises(exceptions.BadRequestException, match="overlaps"):
        sdk.network.create_subnet(network_id=network.id, ip_version=4, cidr="10.9.0.0/24")

    ports = [sdk.network.create_port(network_id=network.id) for _ in range(5)]
    assert [port.fixed_ips[0]["ip_address"] for port in ports] == [f"10.9.0.{last}" for last in range(2, 7)]
    with pytest.raises(exceptions.ConflictException, match="No more IP addresses"):
        sdk.network.create_port(network_id=network.id)
    sdk.network.delete_port(ports[2])
    again = sdk.network.create_port(network_id=network.id)
    assert again.fixed_ips[0]["ip_address"] == "10.9.0.4"
    for one in (sdk.network.delete_network, lambda _: sdk.network.delete_subnet(subnet)):
        with pytest.raises(exceptions.ConflictException):
            one(network)
    for port in [*ports[:2], *ports[3:], again]:
        sdk.network.delete_port(port)
    sdk.network.delete_subnet(subnet)
    sdk.network.delete_network(network)
    assert sdk.network.find_network("lan-2") is None


def test_ports_take_the_addresses_they_ask_for(sdk: Any) -> None:
    network = sdk.network.create_network(name="lan")
    subnet = sdk.network.create_subnet(network_id=network.id, ip_version=4, cidr="10.9.0.0/24")
    port = sdk.network.create_port(network_id=network.id, fixed_ips=[{"ip_address": "10.9.0.77"}], name="p")
    assert port.fixed_ips == [{"subnet_id": subnet.id, "ip_address": "10.9.0.77"}]
    with pytest.raises(exceptions.ConflictException, match="already allocated"):
        sdk.network.create_port(network_id=network.id, fixed_ips=[{"subnet_id": subnet.id, "ip_address": "10.9.0.77"}])
    with pytest.raises(exceptions.BadRequestException, match="not a valid IP"):
        sdk.network.create_port(network_id=network.id, fixed_ips=[{"ip_address": "10.8.0.1"}])
    moved = sdk.network.update_port(port, fixed_ips=[{"subnet_id": subnet.id, "ip_address": "10.9.0.78"}])
    assert [one["ip_address"] for one in moved.fixed_ips] == ["10.9.0.78"]
    sdk.network.create_port(network_id=network.id, fixed_ips=[{"ip_address": "10.9.0.77"}])
    default = sdk.network.find_security_group("default")
    assert moved.security_group_ids == [default.id]
    assert sdk.network.update_port(port, security_groups=[], device_owner="me").security_group_ids == []


def test_two_ip_versions_give_two_addresses(sdk: Any) -> None:
    network = sdk.network.create_network(name="both")
    sdk.network.create_subnet(network_id=network.id, ip_version=4, cidr="10.9.0.0/24", gateway_ip="10.9.0.254")
    sdk.network.create_subnet(network_id=network.id, ip_version=6, cidr="fd00::/64", is_dhcp_enabled=False)
    port = sdk.network.create_port(network_id=network.id)
    assert [one["ip_address"] for one in port.fixed_ips] == ["10.9.0.1", "fd00::1"]


def test_security_groups_and_rules(sdk: Any) -> None:
    group = sdk.network.create_security_group(name="web", description="d")
    assert [rule["direction"] for rule in group.security_group_rules] == ["egress", "egress"]
    wanted = {"direction": "ingress", "protocol": "tcp", "port_range_min": 22, "port_range_max": 22}
    rule = sdk.network.create_security_group_rule(security_group_id=group.id, remote_ip_prefix="10.0.0.0/8", **wanted)
    assert (rule.ether_type, rule.protocol, rule.remote_ip_prefix) == ("IPv4", "tcp", "10.0.0.0/8")
    with pytest.raises(exceptions.ConflictException, match="already exists"):
        sdk.network.create_security_group_rule(security_group_id=group.id, remote_ip_prefix="10.0.0.0/8", **wanted)
    for wrong in ({"port_range_min": 23}, {"protocol": None}, {"remote_ip_prefix": "ten"}, {"direction": "up"}):
        with pytest.raises(exceptions.BadRequestException):
            sdk.network.create_security_group_rule(security_group_id=group.id, **{**wanted, **wrong})
    port = sdk.network.create_port(network_id="79a68cef-0936-4e21-b1f4-b800ecb70246", security_groups=[group.id])
    with pytest.raises(exceptions.ConflictException, match="in use"):
        sdk.network.delete_security_group(group)
    sdk.network.delete_port(port)
    sdk.network.delete_security_group_rule(rule)
    sdk.network.delete_security_group(group)
    assert {one.name for one in sdk.network.security_groups()} == {"default", "name_xx5_sg"}


def test_routers_and_floating_ips(cloud: Loopback, sdk: Any) -> None:
    network = sdk.network.create_network(name="lan")
    subnet = sdk.network.create_subnet(network_id=network.id, ip_version=4, cidr="10.9.0.0/24")
    router = sdk.network.create_router(name="r", external_gateway_info={"network_id": EXTERNAL})
    sdk.network.add_interface_to_router(router, subnet_id=subnet.id)
    with pytest.raises(exceptions.ConflictException):
        sdk.network.delete_router(router)
    port = sdk.network.create_port(network_id=network.id)
    public = sdk.network.create_ip(floating_network_id=EXTERNAL, port_id=port.id)
    assert public.fixed_ip_address == port.fixed_ips[0]["ip_address"]
    assert public.floating_ip_address.startswith("203.0.113.")
    sdk.network.delete_port(port)
    assert sdk.network.get_ip(public).port_id is None
    sdk.network.delete_ip(public)
    sdk.network.remove_interface_from_router(router, subnet_id=subnet.id)
    sdk.network.delete_router(router)
    sdk.network.delete_network(network)
    assert cloud.world.store.taken("5a0b1c2d-0005-4000-8000-000000000005") == set()


def test_tags_and_filters(sdk: Any) -> None:
    network = sdk.network.create_network(name="lan")
    sdk.network.set_tags(network, ["b", "a"])
    assert sdk.network.get_network(network).tags == ["a", "b"]
    assert [one.id for one in sdk.network.networks(tags="a")] == [network.id]
    assert [one.name for one in sdk.network.networks(provider_network_type="geneve")] == ["net-bms"]
    assert [one.name for one in sdk.network.networks(is_router_external=True)] == ["external"]


def test_a_quota_of_networks_is_counted(cloud: Loopback, sdk: Any) -> None:
    record = cloud.world.store.get("quota", "network")
    assert record is not None
    cloud.world.store.save("quota", record | {"limits": {**record["limits"], "network": 5}})
    with pytest.raises(exceptions.ConflictException, match="Quota exceeded"):
        sdk.network.create_network(name="one too many")


@pytest.mark.parametrize("kind", ["network", "subnet", "port", "security_group", "router", "ip"])
def test_a_missing_thing_is_a_neutron_404(sdk: Any, kind: str) -> None:
    with pytest.raises(exceptions.NotFoundException, match=r"could not be found|does not exist"):
        getattr(sdk.network, f"get_{kind}")("00000000-0000-4000-8000-000000000000")


@pytest.mark.parametrize(
    "given",
    [
        {"cidr": "ten"},
        {"cidr": "10.9.0.0/24", "gateway_ip": "ten"},
        {"cidr": "10.9.0.0/24", "allocation_pools": [{}]},
        {"cidr": "10.9.0.0/24", "allocation_pools": [{"start": "10.9.0.2", "end": "ten"}]},
        {"cidr": "10.9.0.0/24", "allocation_pools": [{"start": "10.9.0.2", "end": "10.9.1.9"}]},
        {"cidr": "fd00::/64"},
    ],
)
def test_a_subnet_that_cannot_be(sdk: Any, given: dict[str, Any]) -> None:
    network = sdk.network.create_network(name="lan")
    with pytest.raises(exceptions.BadRequestException):
        sdk.network.create_subnet(network_id=network.id, ip_version=4, **given)
    assert sdk.network.get_network(network).subnet_ids == []
