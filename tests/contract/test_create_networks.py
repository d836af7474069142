"""The networks of a create call: which are taken, which refused, and in which words."""

from __future__ import annotations

from typing import Any

from tests.contract.cloud import Cloud
from tests.contract.observe import Watch
from tests.contract.test_create_types import note

UNKNOWN = "00000000-0000-4000-8000-00000000dead"


def test_networks_that_name_nothing(cloud: Cloud, see: Watch) -> None:
    for version in ("2.1", "2.36", "2.37", "2.60"):
        note(see, f"none said at {version}", cloud.post(cloud.server(networks=None), version))
        for value in ([], "auto", "none", "all", None, {}, 7, ["x"], [{}]):
            note(see, f"{value!r} at {version}", cloud.post({**cloud.server(), "networks": value}, version))


def test_networks_that_are_not_there(cloud: Cloud, see: Watch) -> None:
    network = cloud.network.id
    for what, nic in (
        ("unknown uuid", {"uuid": UNKNOWN}),
        ("no uuid", {"uuid": "net"}),
        ("uuid null", {"uuid": None}),
        ("uuid number", {"uuid": 7}),
        ("unknown port", {"port": UNKNOWN}),
        ("port no uuid", {"port": "p"}),
        ("port null beside uuid", {"uuid": network, "port": None}),
        ("port unknown beside uuid", {"uuid": network, "port": UNKNOWN}),
        ("fixed_ip alone", {"fixed_ip": "10.10.0.9"}),
        ("fixed_ip empty", {"uuid": network, "fixed_ip": ""}),
        ("fixed_ip null", {"uuid": network, "fixed_ip": None}),
        ("fixed_ip no address", {"uuid": network, "fixed_ip": "web"}),
        ("fixed_ip number", {"uuid": network, "fixed_ip": 7}),
    ):
        note(see, what, cloud.post(cloud.server(networks=[nic])))


def test_uuid_in_other_spellings(cloud: Cloud, see: Watch) -> None:
    plain: str = cloud.network.id
    for what, value in (("upper case", plain.upper()), ("no dashes", plain.replace("-", ""))):
        note(see, what, cloud.post(cloud.server(networks=[{"uuid": value}])))


def test_the_same_network_twice(cloud: Cloud, see: Watch) -> None:
    nics = [{"uuid": cloud.network.id}, {"uuid": cloud.network.id}]
    answer = cloud.post(cloud.server(networks=nics))
    note(see, "create", answer)
    server_id = answer.json()["server"]["id"]
    see("status", cloud.settled(server_id))
    see("addresses", {name: len(places) for name, places in cloud.show(server_id)["addresses"].items()})


def _port(cloud: Cloud, **more: Any) -> Any:
    port = cloud.connection.network.create_port(network_id=cloud.network.id, name=f"{cloud.prefix}-port", **more)
    cloud.known[port.id] = "<port-id>"
    cloud.later(lambda: cloud.connection.network.delete_port(port, ignore_missing=True))
    return port


def test_ports(cloud: Cloud, see: Watch) -> None:
    port = _port(cloud)
    note(see, "the same port twice", cloud.post(cloud.server(networks=[{"port": port.id}, {"port": port.id}])))
    note(see, "a port in a batch", cloud.post(cloud.server(networks=[{"port": port.id}], min_count=2)))
    nic = {"port": port.id, "fixed_ip": port.fixed_ips[0]["ip_address"]}
    cloud.known[nic["fixed_ip"]] = "<port-ip>"
    note(see, "a port with a fixed IP", cloud.post(cloud.server(networks=[nic])))


def test_a_port_is_taken_and_given_back(cloud: Cloud, see: Watch) -> None:
    port = _port(cloud)
    server_id = cloud.create(networks=[{"port": port.id}])
    bound = cloud.connection.network.get_port(port.id)
    see("device", bound.device_id == server_id)
    see("owner", bound.device_owner)
    see("status", bound.status)
    note(see, "taken already", cloud.post(cloud.server("b", networks=[{"port": port.id}])))
    cloud.connection.compute.delete_server(server_id)
    cloud.until(lambda: not cloud.connection.network.get_port(port.id).device_id, lambda: "still bound")
    after = cloud.connection.network.get_port(port.id)
    see("after", {"device": after.device_id, "owner": after.device_owner, "status": after.status})


def test_a_port_without_an_address(cloud: Cloud, see: Watch) -> None:
    port = _port(cloud, fixed_ips=[])
    note(see, "create", cloud.post(cloud.server(networks=[{"port": port.id}])))


def test_fixed_ips(cloud: Cloud, see: Watch) -> None:
    subnet = next(iter(cloud.connection.network.subnets(network_id=cloud.network.id)))
    base = subnet.cidr.rsplit(".", 1)[0]
    mine = f"{base}.201"
    cloud.known[mine] = "<mine>"
    server_id = cloud.create(networks=[{"uuid": cloud.network.id, "fixed_ip": mine}])
    see("address", [one["addr"] for one in cloud.show(server_id)["addresses"][cloud.network.name]])
    note(see, "taken", cloud.post(cloud.server("b", networks=[{"uuid": cloud.network.id, "fixed_ip": mine}])))
    note(
        see,
        "in a batch",
        cloud.post(cloud.server(networks=[{"uuid": cloud.network.id, "fixed_ip": mine}], min_count=2)),
    )
    outside = cloud.post(cloud.server("c", networks=[{"uuid": cloud.network.id, "fixed_ip": "198.51.100.9"}]))
    note(see, "outside", outside)
    server_id = outside.json()["server"]["id"]
    see("outside ends", cloud.settled(server_id))
    shown = cloud.show(server_id)
    see("outside fault", {key: value for key, value in shown["fault"].items() if key != "details"})
    see("outside addresses", shown["addresses"])
    see("outside is on a host", shown["hostId"] != "")
