"""A program whose arguments are all Outputs; one of them is wrong where the file beside it says so."""

import json
from pathlib import Path
from typing import Any

import pulumi

from components.ecs.disk import BlankDisk, ImageDisk
from components.ecs.nic import NetworkNic
from components.ecs.server import Server
from components.ecs.server_args import ServerArgs
from components.network.network import Network

WRONG = json.loads((Path(__file__).parent / "wrong.json").read_text(encoding="utf-8"))


def later(name: str, value: Any) -> Any:
    return pulumi.Output.from_input(WRONG.get(name, value))


lan = Network("lan", {"cidr": later("cidr", "10.40.0.0/24")})
server = Server(
    "web",
    ServerArgs(
        name=lan.network_id.apply(lambda network: f"on-{network[:8]}"),
        flavor_ref=later("flavor_ref", "s3.medium"),
        availability_zone=later("availability_zone", "az1-dc1"),
        boot=ImageDisk(
            uuid=later("image", "b023fe17-11db-4efb-b800-78882a0e394b"),
            volume_size=later("size", 40),
            delete_on_termination=True,
        ),
        disks=(BlankDisk(volume_size=later("data", 3), delete_on_termination=True),),
        networks=(NetworkNic(uuid=lan.network_id, fixed_ip=later("fixed_ip", "10.40.0.9")),),
        security_groups=(later("group", "default"),),
        key_name=later("key", "test"),
        admin_pass=later("password", "Planted-Pass-1"),
        metadata={"role": later("role", "web")},
    ),
)
pulumi.export("addresses", server.addresses)
