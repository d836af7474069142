"""What a request can refer to: the resource types of the stack that make it, and where the cloud shows it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

from policy.facts.asking import Question
from policy.native import NATIVE

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of thing: its word, the resource types that make it, the service, its path and the key of its body there."""

    word: str
    types: tuple[str, ...]
    service: str
    path: str
    key: str
    many: str
    finds_by_name: bool = True
    """Whether the service's list can be asked for one name."""

    def by_id(self, ident: str) -> Question:
        """Ask for the thing with this id."""
        return Question(self.service, f"{self.path}/{quote(ident, safe='')}", self.key)

    def by_name(self, name: str) -> Question:
        """Ask for the things with this name."""
        query = f"?name={quote(name, safe='')}" if self.finds_by_name else ""
        return Question(self.service, f"{self.path}{query}", self.many, paged=True)


FLAVOR = Kind("flavor", ("openstack:compute/flavor:Flavor",), "compute", "/flavors", "flavor", "flavors", False)
IMAGE = Kind("image", ("openstack:images/image:Image",), "image", "/images", "", "images")
NETWORK = Kind("network", ("openstack:networking/network:Network",), "network", "/networks", "network", "networks")
PORT = Kind("port", ("openstack:networking/port:Port",), "network", "/ports", "port", "ports")
VOLUME = Kind("disk", ("openstack:blockstorage/volume:Volume",), "block_storage", "/volumes", "volume", "volumes")
SNAPSHOT = Kind("snapshot", (), "block_storage", "/snapshots", "snapshot", "snapshots")
GROUP = Kind(
    "server group", ("openstack:compute/serverGroup:ServerGroup",), "compute", "/os-server-groups", "server_group",
    "server_groups", False,
)  # fmt: skip
KEY_PAIR = Kind(
    "key pair", ("openstack:compute/keypair:Keypair",), "compute", "/os-keypairs", "keypair", "keypairs", False
)
SERVER = Kind("ECS", ("openstack:compute/instance:Instance", NATIVE), "compute", "/servers", "server", "servers")

ATTACHED_DISK = "openstack:compute/volumeAttach:VolumeAttach"
ATTACHED_NIC = "openstack:compute/interfaceAttach:InterfaceAttach"
"""The resource types that give a disk or a NIC to an ECS that exists."""

FLAVOR_SPECS = "/os-extra_specs"
SNAPSHOTS_OF = "/snapshots/detail?volume_id={}"
NEWEST_COMPUTE = Question("compute", "", "max_microversion")
"""The newest microversion of Nova, such as (2, 90): told where the service is found, at no path of its own."""
COMPUTE_LIMITS = Question("compute", "/limits", "limits")


def is_id(text: str) -> bool:
    """Say whether a text is an id of the services that use UUIDs."""
    return _UUID.match(text) is not None
