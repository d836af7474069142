"""A cloud in which there is one of everything, and for each operation a path and bodies that work there."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from sandbox.testing import Loopback

NETWORK = "51bead38-d1a3-4d08-be20-0970c24b7cab"
EXTERNAL = "e47e4a10-0005-4000-8000-000000000005"
IMAGE = "24040000-0000-4000-8000-000000000001"
VOLUME = "da7a0000-0002-4000-8000-000000000002"
PORT = "e730a11c-1a19-49cc-8797-cee2ad67af6f"
GROUP = "0ec5a11c-0005-4000-8000-000000000005"
SNAPSHOT = "da7a0000-5a00-4000-8000-000000000003"
HOST = "d0000001-de40-4000-8000-000000000001"
PROJECT = "9c53a566cb3443ab910cf0daebca90c4"
USER = "3f1c2a5d7b6e4c0f9d8e7a6b5c4d3e2f"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ2rQ0mLwXGZP1hbQxkUqH3HcqUV6Z8l8QnNq1TtZw0b someone"
BOOT_DISK: dict[str, Any] = {
    "source_type": "image", "destination_type": "volume", "uuid": IMAGE, "volume_size": 40, "boot_index": 0,
    "delete_on_termination": True,
}  # fmt: skip
CREATE: dict[str, Any] = {
    "server": {
        "name": "web", "flavorRef": "s3.medium", "availability_zone": "az1-dc1", "networks": [{"uuid": NETWORK}],
        "block_device_mapping_v2": [BOOT_DISK], "metadata": {"a": "b"}, "key_name": "test", "user_data": "eA==",
        "security_groups": [{"name": "default"}], "min_count": 1, "max_count": 1,
    }
}  # fmt: skip


def auth(password: str) -> dict[str, Any]:
    """Return the body of a login."""
    user = {"name": "demo", "domain": {"id": "default"}, "password": password}
    return {"auth": {"identity": {"methods": ["password"], "password": {"user": user}}}}


@dataclass
class Furnished:
    """A cloud with one of everything; `back` returns to the moment when it was furnished."""

    cloud: Loopback
    ids: dict[str, str] = field(default_factory=dict)
    memory: bytes = b""

    def __post_init__(self) -> None:
        self.ids = {
            "network_id": NETWORK, "image_id": IMAGE, "volume_id": VOLUME, "port_id": PORT, "group_id": GROUP,
            "snapshot_id": SNAPSHOT, "quota_project": PROJECT, "usage_project": PROJECT, "project_id": PROJECT,
            "host_id": HOST, "user_id": USER,
            "thing_id": NETWORK, "region_id": "sandbox", "flavor_id": "s3.medium", "name": "test", "key": "a", "tag": "t",
            "type_id": "0a000001-7e00-4000-8000-000000000001", "alias": "router", "things": "networks",
            "subnet_id": "5a0b1c2d-0003-4000-8000-000000000003",
        }  # fmt: skip
        self._fill()
        self.cloud.wait_built()
        self.memory = self.cloud.world.store._db.serialize()

    def back(self) -> None:
        """Go back to the furnished cloud."""
        self.cloud.world.store._db.deserialize(self.memory)
        self.cloud.journal.lines.clear()

    def path(self, path: str) -> str:
        """Return the path of an operation, every name in it replaced by something that is there."""
        return re.sub(r"\{(\w+)\}", lambda found: self.real(path, found.group(1)), path)

    def real(self, path: str, name: str) -> str:
        """Return the id of something that is there, for a name in a path."""
        for pattern, ids in self._special:
            if re.search(pattern, path) and name in ids:
                return self.ids[ids[name]]
        return self.ids[name]

    _special = (
        (r"os-volume_attachments", {"volume_id": "attached"}),
        (r"os-interface", {"port_id": "nic"}),
        (r"os-server-groups", {"group_id": "server_group"}),
        (r"os-extra_specs", {"key": "spec"}),
        (r"^/network/v2.0/networks/", {"network_id": "empty"}),
        (r"^/network/v2.0/subnets/", {"subnet_id": "lonely"}),
        (r"/routers/\{router_id\}$", {"router_id": "bare_router"}),
        (r"^/network/.*/tags", {"thing_id": "network_id"}),
        (r"^/volume/v3/volumes/\{volume_id\}", {"volume_id": "spare"}),
        (r"^/volume/.*volumes/.*metadata", {"thing_id": "volume_id"}),
        (r"^/volume/.*snapshots/.*metadata", {"thing_id": "snapshot_id"}),
        (r"/images/.*/actions/", {"image_id": "uploaded"}),
        (r"/images/\{image_id\}", {"image_id": "own_image"}),
    )

    def make(self, name: str, path: str, body: Any, *keys: str, method: str = "POST", version: str = "2.60") -> None:
        """Make one thing and remember its id, found under `keys` of the answer."""
        reply = self.cloud.ask(method, path, body, version=version)
        if reply.status >= 300:
            raise AssertionError((path, reply.status, reply.body))
        found = reply.body
        for key in keys:
            found = found[key]
        self.ids[name] = found

    def _fill(self) -> None:
        make, ids = self.make, self.ids
        self.cloud.log_in()
        make("server_id", "/compute/v2.1/servers", CREATE, "server", "id")
        server = f"/compute/v2.1/servers/{ids['server_id']}"
        self.cloud.wait_built()
        make("tags", f"{server}/tags", {"tags": ["t"]}, method="PUT")
        for name in ("attached", "spare"):
            disk = {"volume": {"size": 1, "availability_zone": "az1-dc1"}}
            make(name, "/volume/v3/volumes", disk, "volume", "id")
        self.cloud.wait_built()
        attach = {"volumeAttachment": {"volumeId": ids["attached"]}}
        make("attachment", f"{server}/os-volume_attachments", attach)
        ids["nic"] = self.cloud.ask("GET", f"{server}/os-interface").body["interfaceAttachments"][0]["port_id"]
        ids["request_id"] = self.cloud.ask("GET", f"{server}/os-instance-actions").body["instanceActions"][0][
            "request_id"
        ]
        ids["attachment_id"] = self.cloud.ask("GET", "/volume/v3/attachments").body["attachments"][0]["id"]
        specs = self.cloud.ask("GET", "/compute/v2.1/flavors/s3.medium/os-extra_specs").body["extra_specs"]
        ids["spec"] = next(iter(specs), "none")
        group = {"server_group": {"name": "g", "policies": ["anti-affinity"]}}
        make("server_group", "/compute/v2.1/os-server-groups", group, "server_group", "id")
        network, volume = "/network/v2.0", "/volume/v3"
        for name in ("empty", "private"):
            make(name, f"{network}/networks", {"network": {"name": name}}, "network", "id")
        subnet = {"subnet": {"network_id": NETWORK, "cidr": "10.77.0.0/24", "ip_version": 4}}
        make("lonely", f"{network}/subnets", subnet, "subnet", "id")
        tags = {"tags": ["t"]}
        make("tags", f"{network}/networks/{NETWORK}/tags", tags, method="PUT")
        rule = {"security_group_rule": {"security_group_id": GROUP, "direction": "ingress", "protocol": "tcp"}}
        make("rule_id", f"{network}/security-group-rules", rule, "security_group_rule", "id")
        make("router_id", f"{network}/routers", {"router": {"name": "r"}}, "router", "id")
        routed = {"subnet": {"network_id": ids["private"], "cidr": "10.78.0.0/24", "ip_version": 4}}
        make("routed", f"{network}/subnets", routed, "subnet", "id")
        make(
            "interface",
            f"{network}/routers/{ids['router_id']}/add_router_interface",
            {"subnet_id": ids["routed"]},
            method="PUT",
        )
        make("bare_router", f"{network}/routers", {"router": {"name": "s"}}, "router", "id")
        floating = {"floatingip": {"floating_network_id": EXTERNAL}}
        make("floatingip_id", f"{network}/floatingips", floating, "floatingip", "id")
        make("meta", f"{volume}/volumes/{VOLUME}/metadata", {"metadata": {"a": "b"}})
        make("meta", f"{volume}/snapshots/{SNAPSHOT}/metadata", {"metadata": {"a": "b"}})
        make("backup_id", f"{volume}/backups", {"backup": {"volume_id": VOLUME}}, "backup", "id")
        image = {"name": "i", "disk_format": "raw", "container_format": "bare", "tags": ["t"]}
        for name in ("own_image", "uploaded"):
            make(name, "/image/v2/images", image, "id")
        file = f"/image/v2/images/{ids['uploaded']}/file"
        self.cloud.ask("PUT", file, "bytes", headers={"Content-Type": "application/octet-stream"})
        credential = {"application_credential": {"name": "c"}}
        made = f"/identity/v3/users/{USER}/application_credentials"
        make("credential_id", made, credential, "application_credential", "id")
        self.bodies = good_bodies(ids)


def good_bodies(ids: dict[str, str]) -> dict[str, list[Any]]:
    """Return bodies that work, by the end of the operation's method and path; for an action one of each kind."""
    return {
        "POST /auth/tokens": [auth("correct-horse")],
        "POST /application_credentials": [{"application_credential": {"name": "d", "roles": [{"name": "reader"}]}}],
        "POST /servers": [CREATE],
        "POST /os-volumes_boot": [CREATE],
        "PUT /servers/{server_id}": [{"server": {"name": "renamed"}}],
        "POST /servers/{server_id}/action": [
            {"os-stop": None}, {"reboot": {"type": "HARD"}}, {"pause": None}, {"suspend": None}, {"shelve": None},
            {"lock": None}, {"unlock": None}, {"createImage": {"name": "shot"}}, {"os-getConsoleOutput": {}},
            {"resize": {"flavorRef": "s3.xlarge.2"}}, {"addSecurityGroup": {"name": "name_xx5_sg"}},
            {"removeSecurityGroup": {"name": "default"}}, {"forceDelete": None}, {"changePassword": {"adminPass": "p"}},
            {"rebuild": {"imageRef": IMAGE}}, {"os-start": None}, {"unpause": None}, {"resume": None},
            {"unshelve": None}, {"confirmResize": None}, {"revertResize": None},
            {"createBackup": {"name": "b", "backup_type": "daily", "rotation": 1}},
        ],
        "POST /servers/{server_id}/metadata": [{"metadata": {"c": "d"}}],
        "PUT /servers/{server_id}/metadata": [{"metadata": {"c": "d"}}],
        "PUT /servers/{server_id}/metadata/{key}": [{"meta": {"a": "d"}}],
        "PUT /servers/{server_id}/tags": [{"tags": ["u"]}],
        "POST /os-interface": [{"interfaceAttachment": {"net_id": NETWORK}}],
        "POST /os-volume_attachments": [{"volumeAttachment": {"volumeId": VOLUME}}],
        "PUT /os-volume_attachments/{volume_id}": [
            {"volumeAttachment": {"volumeId": ids["attached"], "delete_on_termination": True}}
        ],
        "POST /os-keypairs": [{"keypair": {"name": "k", "public_key": KEY}}],
        "POST /os-server-groups": [
            {"server_group": {"name": "h", "policies": ["affinity"]}},
            {"server_group": {"name": "h", "policy": "affinity"}},
        ],
        "PUT /os-quota-sets/{quota_project}": [{"quota_set": {"instances": 7, "volumes": 7}}],
        "POST /remote-consoles": [{"remote_console": {"protocol": "vnc", "type": "novnc"}}],
        "POST /networks": [{"network": {"name": "m"}}],
        "PUT /networks/{network_id}": [{"network": {"name": "m"}}],
        "PUT /{things}/{thing_id}/tags": [{"tags": ["u"]}],
        "POST /subnets": [{"subnet": {"network_id": ids["empty"], "cidr": "10.5.0.0/24", "ip_version": 4}}],
        "PUT /subnets/{subnet_id}": [{"subnet": {"name": "m", "dns_nameservers": ["192.0.2.1"]}}],
        "POST /ports": [{"port": {"network_id": NETWORK, "security_groups": [GROUP]}}],
        "PUT /ports/{port_id}": [{"port": {"name": "m", "description": "d"}},
                                 {"port": {"allowed_address_pairs": [{"ip_address": "10.0.0.1"}]}}],
        "POST /security-groups": [{"security_group": {"name": "m"}}],
        "PUT /security-groups/{group_id}": [{"security_group": {"name": "m"}}],
        "POST /security-group-rules": [
            {"security_group_rule": {"security_group_id": GROUP, "direction": "egress", "protocol": "udp",
                                     "port_range_min": 1, "port_range_max": 2, "remote_ip_prefix": "10.0.0.0/8"}}
        ],
        "POST /routers": [{"router": {"name": "m", "external_gateway_info": {"network_id": EXTERNAL}}}],
        "PUT /routers/{router_id}": [{"router": {"external_gateway_info": {"network_id": EXTERNAL}}}],
        "PUT /add_router_interface": [{"subnet_id": ids["subnet_id"]}],
        "PUT /remove_router_interface": [{"subnet_id": ids["routed"]}],
        "POST /floatingips": [{"floatingip": {"floating_network_id": EXTERNAL, "description": "m"}}],
        "PUT /floatingips/{floatingip_id}": [{"floatingip": {"port_id": None}}],
        "PUT /quotas/{quota_project}": [{"quota": {"network": 7}}],
        "POST /images": [{"name": "j", "min_disk": 1, "visibility": "private", "property": "value"}],
        "PATCH /images/{image_id}": [[{"op": "replace", "path": "/name", "value": "k"}]],
        "PUT /images/{image_id}/file": [b"bytes"],
        "POST /volumes": [{"volume": {"size": 1, "name": "v", "availability_zone": "az1-dc1", "metadata": {"a": "b"}}}],
        "PUT /volumes/{volume_id}": [{"volume": {"name": "w", "metadata": {"c": "d"}}}],
        "POST /volumes/{volume_id}/action": [
            {"os-extend": {"new_size": 400}}, {"os-retype": {"new_type": "SAS"}}, {"os-set_bootable": {"bootable": True}},
            {"os-set_image_metadata": {"metadata": {"a": "b"}}}, {"os-show_image_metadata": {}},
            {"os-unset_image_metadata": {"key": "a"}}, {"os-update_readonly_flag": {"readonly": True}},
            {"os-volume_upload_image": {"image_name": "up"}},
        ],
        "POST /{thing_id}/metadata": [{"metadata": {"c": "d"}}],
        "PUT /{thing_id}/metadata": [{"metadata": {"c": "d"}}],
        "PUT /{thing_id}/metadata/{key}": [{"meta": {"a": "d"}}],
        "POST /snapshots": [{"snapshot": {"volume_id": VOLUME, "name": "s"}}],
        "PUT /snapshots/{snapshot_id}": [{"snapshot": {"name": "s"}}],
        "POST /backups": [{"backup": {"volume_id": VOLUME, "name": "b", "incremental": True}}],
        "PUT /backups/{backup_id}": [{"backup": {"name": "c"}}],
        "POST /backups/{backup_id}/restore": [{"restore": {"name": "again"}}],
    }  # fmt: skip


def bodies_of(bodies: dict[str, list[Any]], method: str, path: str) -> list[Any]:
    """Return the bodies for an operation: those under the longest end of its path."""
    fitting = [key for key in bodies if key.split(" ")[0] == method and path.endswith(key.split(" ")[1])]
    return bodies[max(fitting, key=len)] if fitting else []
