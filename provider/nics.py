"""The NICs of a server: which is which, added and removed while it runs, and their security groups."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from provider.failure import RefusedError
from provider.requests import Json, Requests

Pairs = list[tuple[Json, Json | None]]


def address(interface: Json) -> str:
    """The first address of a NIC."""
    ips = interface.get("fixed_ips") or []
    return str(ips[0]["ip_address"]) if ips else ""


def paired(stated: list[Json], there: list[Json]) -> tuple[Pairs, list[Json]]:
    """Each stated NIC with the one that is it, or None; and those that are none of them.

    A port is itself; an address is itself; else the first on that network that is not taken.
    """
    free = {one["port_id"]: one for one in there}
    found: list[Json | None] = [None] * len(stated)
    tests: tuple[Callable[[Json, Json], Any], ...] = (
        lambda nic, one: nic.get("port") == one["port_id"],
        lambda nic, one: (
            nic.get("fixed_ip") and nic.get("uuid") == one["net_id"] and nic["fixed_ip"] in _addresses(one)
        ),
        lambda nic, one: not nic.get("fixed_ip") and nic.get("uuid") == one["net_id"],
    )
    for test in tests:
        for place, nic in enumerate(stated):
            if found[place] is None and (hit := next((one for one in free.values() if test(nic, one)), None)):
                found[place] = free.pop(hit["port_id"])
    return list(zip(stated, found, strict=True)), list(free.values())


def _addresses(interface: Json) -> list[str]:
    return [one["ip_address"] for one in interface.get("fixed_ips") or []]


class Nics:
    """The NICs of servers."""

    def __init__(self, requests: Requests) -> None:
        self._requests = requests

    def there(self, server: str, work: Any) -> list[Json]:
        """The NICs that a server has."""
        body = self._requests.get("compute", f"/servers/{server}/os-interface", work) or {}
        return list(body.get("interfaceAttachments", []))

    def bring(self, server: str, stated: list[Json], ours: set[str], work: Any) -> list[Json]:
        """Add and remove until a server has the stated NICs; those of others stay. `ours` are the ports that it was given before."""
        pairs, rest = paired(stated, self.there(server, work))
        for nic in rest:
            if nic["port_id"] in ours:
                self._remove(server, nic["port_id"], work)
        for nic, has in pairs:
            if has is None:
                self._add(server, nic, work)
        return self.there(server, work)

    def _add(self, server: str, nic: Json, work: Any) -> None:
        before = {one["port_id"] for one in self.there(server, work)}
        wanted: Json = {"port_id": nic["port"]} if "port" in nic else {"net_id": nic["uuid"]}
        if nic.get("fixed_ip"):
            wanted["fixed_ips"] = [{"ip_address": nic["fixed_ip"]}]

        def added() -> Json | None:
            new = [one for one in self.there(server, work) if one["port_id"] not in before]
            return new[0] if new else None

        path = f"/servers/{server}/os-interface"
        self._requests.post("compute", path, {"interfaceAttachment": wanted}, work, added)

    def _remove(self, server: str, port: str, work: Any) -> None:
        self._requests.delete("compute", f"/servers/{server}/os-interface/{port}", work)
        while any(one["port_id"] == port for one in self.there(server, work)):
            work.wait(f"the NIC on port {port} is going")

    def group_ids(self, groups: list[str], work: Any) -> list[str]:
        """The ids of security groups that are named or given by id; raises `RefusedError` for one that is not there, or there twice."""
        ids = []
        for group in groups or ["default"]:
            if self._requests.get("network", f"/security-groups/{quote(group, safe='')}", work) is not None:
                ids.append(group)
                continue
            found = self._requests.every(
                "network", f"/security-groups?name={quote(group, safe='')}", "security_groups", work
            )
            if len(found) != 1:
                wrong = "is not there" if not found else "names several; give the UUID"
                raise RefusedError(f"the security group {group!r} {wrong}")
            ids.append(str(found[0]["id"]))
        return ids

    def set_groups(self, ports: list[str], groups: list[str], work: Any) -> None:
        """Give ports exactly these security groups."""
        ids = self.group_ids(groups, work) if ports else []
        for port in ports:
            self._requests.put("network", f"/ports/{port}", {"port": {"security_groups": ids}}, work)

    def groups_of(self, port: str, work: Any) -> list[str]:
        """The ids of a port's security groups."""
        body = self._requests.get("network", f"/ports/{port}", work)
        return [] if body is None else list(body["port"].get("security_groups") or [])
