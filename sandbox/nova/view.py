"""How a server looks to a client, by microversion."""

from functools import lru_cache
from typing import Any

from sandbox.clock import micros, zulu
from sandbox.faults import Json
from sandbox.nova.build import host_id
from sandbox.routing import Call

VM_STATES = {
    "ACTIVE": "active",
    "BUILD": "building",
    "ERROR": "error",
    "HARD_REBOOT": "active",
    "PAUSED": "paused",
    "REBOOT": "active",
    "REBUILD": "active",
    "RESCUE": "rescued",
    "RESIZE": "active",
    "REVERT_RESIZE": "resized",
    "SHELVED": "shelved",
    "SHELVED_OFFLOADED": "shelved_offloaded",
    "SHUTOFF": "stopped",
    "SUSPENDED": "suspended",
    "VERIFY_RESIZE": "resized",
}
"""A server's status, and Nova's inner word for it."""

_POWER = {
    "ACTIVE": 1, "REBOOT": 1, "RESCUE": 1, "RESIZE": 1, "VERIFY_RESIZE": 1, "PAUSED": 3, "SHUTOFF": 4, "SUSPENDED": 4,
    "SHELVED_OFFLOADED": 4, "HARD_REBOOT": 1, "REBUILD": 1, "REVERT_RESIZE": 1,
}  # fmt: skip
_NOWHERE = frozenset({"BUILD", "SHELVED_OFFLOADED"})
"""While a server is on no host."""
_WITH_PROGRESS = frozenset({"ACTIVE", "BUILD", "REBUILD", "RESIZE", "VERIFY_RESIZE", "REVERT_RESIZE", "REBOOT"})


CHANGED = (
    "id", "name", "links", "status", "tenant_id", "user_id", "metadata", "hostId", "image", "flavor", "created", "updated",
    "addresses", "accessIPv4", "accessIPv6", "OS-DCF:diskConfig", "progress", "locked", "description", "tags",
    "trusted_image_certificates",
)  # fmt: skip
"""What Nova shows of a server that it has just changed, before 2.75."""


def links(call: Call, things: str, thing_id: str) -> list[Json]:
    """Return the two links of a thing: `self` with the API version, `bookmark` without."""
    version = "v2" if call.legacy else "v2.1"
    # As in Nova: a client that names its project in the URL finds it in the links.
    tail = f"{call.project_id}/{things}/{thing_id}" if "url_project" in call.params else f"{things}/{thing_id}"
    return [
        {"rel": "self", "href": f"{call.base}/compute/{version}/{tail}"},
        {"rel": "bookmark", "href": f"{call.base}/compute/{tail}"},
    ]


class Views:
    """Prints servers for one request; what many of them share is looked up once."""

    def __init__(self, call: Call) -> None:
        self.call = call
        store = call.world.store
        self._network = lru_cache(lambda network_id: store.get("network", network_id))
        self._group = lru_cache(lambda group_id: store.get("security_group", group_id))

    def brief(self, server: Json) -> Json:
        """Return id, name and links."""
        return {"id": server["id"], "name": server["name"], "links": links(self.call, "servers", server["id"])}

    def full(self, server: Json, *, single: bool = True) -> Json:
        """Return everything that the microversion shows; `single` where one server was asked for."""
        call, status = self.call, server["status"]
        shown = self.brief(server) | {
            "status": status,
            "tenant_id": call.project_id,
            "user_id": call.world.store.note("user_id"),
            "metadata": server["metadata"],
            "hostId": host_id(call.world, None if status in _NOWHERE else server["host"]),
            "image": self._image(server),
            "flavor": self._flavor(server["flavor"]),
            "created": zulu(server["created_at"]),
            "updated": zulu(server["updated_at"]),
            "addresses": {} if status == "BUILD" else self.addresses(server),
            "accessIPv4": server["access_ips"][0],
            "accessIPv6": server["access_ips"][1],
            "OS-DCF:diskConfig": server["disk_config"],
            "OS-EXT-AZ:availability_zone": "" if status == "SHELVED_OFFLOADED" else server["zone"],
            "config_drive": "True" if server["config_drive"] else "",
            "key_name": server["key_name"],
            "OS-SRV-USG:launched_at": micros(server["launched_at"]) if server["launched_at"] else None,
            "OS-SRV-USG:terminated_at": None,
            "OS-EXT-STS:task_state": server["task_state"],
            "OS-EXT-STS:vm_state": VM_STATES[status],
            "OS-EXT-STS:power_state": _POWER.get(status, 0),
            "os-extended-volumes:volumes_attached": self._volumes(server),
        }
        if status in _WITH_PROGRESS:
            shown["progress"] = 0
        if groups := self._security_groups(server):
            shown["security_groups"] = groups
        if server["fault"] and status == "ERROR":
            fault = server["fault"]
            shown["fault"] = {"code": fault["code"], "created": zulu(fault["created_at"]), "message": fault["message"]}
        return shown | self._newer(server, single=single)

    def changed(self, server: Json) -> Json:
        """Return what the answer to a change shows."""
        shown = self.full(server)
        if self.call.version >= (2, 75):
            return shown
        places = shown["addresses"].values()
        for entry in [one for entries in places for one in entries]:
            entry.pop("OS-EXT-IPS:type")
            entry.pop("OS-EXT-IPS-MAC:mac_addr")
        return {key: value for key, value in shown.items() if key in CHANGED}

    def _newer(self, server: Json, *, single: bool) -> Json:
        version = self.call.version
        group = server["group_id"]
        newer: list[tuple[int, str, Any]] = [
            (9, "locked", server["locked"]),
            (19, "description", server["description"]),
            (26, "tags", server["tags"]),
            (63, "trusted_image_certificates", None),
            (73, "locked_reason", None),
            (90, "OS-EXT-SRV-ATTR:hostname", server["hostname"]),
            (96, "pinned_availability_zone", server["zone"]),
        ]
        if single:
            newer.append((71, "server_groups", [group] if group else []))
        return {key: value for since, key, value in newer if version >= (2, since) and not self.call.legacy}

    def addresses(self, server: Json) -> Json:
        """Return a server's addresses, by network name."""
        store = self.call.world.store
        found: dict[str, list[Json]] = {}
        for port_id in server["nics"]:
            port = store.get("port", port_id)
            network = self._network(port["network_id"]) if port else None
            if port is None or network is None:
                continue
            places = found.setdefault(network["name"], [])
            for fixed in port["fixed_ips"]:
                places.append(_address(port, fixed["ip_address"], "fixed"))
                for public in store.all("floatingip", port_id=port_id):
                    if public["fixed_ip_address"] == fixed["ip_address"]:
                        places.append(_address(port, public["floating_ip_address"], "floating"))
        return found

    def _security_groups(self, server: Json) -> list[Json]:
        if server["status"] == "BUILD" or not server["nics"]:
            return server["security_groups"] or []
        names = []
        for port_id in server["nics"]:
            port = self.call.world.store.get("port", port_id) or {"security_groups": []}
            names += [group["name"] for one in port["security_groups"] if (group := self._group(one))]
        return [{"name": name} for name in dict.fromkeys(names)]

    def _volumes(self, server: Json) -> list[Json]:
        shown = []
        for one in self.call.world.store.all("attachment", server_id=server["id"]):
            entry: Json = {"id": one["volume_id"]}
            if self.call.version >= (2, 3):
                entry["delete_on_termination"] = one["delete_on_termination"]
            shown.append(entry)
        return shown

    def _image(self, server: Json) -> Json | str:
        if server["image_id"] is None:
            return ""
        return {"id": server["image_id"], "links": links(self.call, "images", server["image_id"])[1:]}

    def _flavor(self, flavor: Json) -> Json:
        if self.call.version < (2, 47) or self.call.legacy:
            return {"id": flavor["id"], "links": links(self.call, "flavors", flavor["id"])[1:]}
        return {
            "vcpus": flavor["vcpus"],
            "ram": flavor["ram"],
            "disk": flavor["disk"],
            "ephemeral": 0,
            "swap": 0,
            "original_name": flavor["name"],
            "extra_specs": flavor["extra_specs"],
        }


def _address(port: Json, address: str, kind: str) -> Json:
    return {
        "addr": address,
        "version": 6 if ":" in address else 4,
        "OS-EXT-IPS:type": kind,
        "OS-EXT-IPS-MAC:mac_addr": port["mac_address"],
    }
