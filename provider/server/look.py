"""What a server is like now: the outputs of the resource, read from the cloud."""

from __future__ import annotations

from typing import Any

from provider.context import Run, Subject
from provider.marker import KEY
from provider.nics import address, paired
from provider.properties import SECRET_METADATA, Properties
from provider.requests import Json
from provider.server.request import DESCRIBED, TAGGED

SETTLED = ("ACTIVE", "SHUTOFF", "ERROR", "PAUSED", "SUSPENDED", "SHELVED", "SHELVED_OFFLOADED", "RESCUE", "DELETED")
POWER = {"ACTIVE": "active", "SHUTOFF": "shutoff"}


def version(run: Run) -> str | None:
    """The microversion with which a server shows its tags and its description, where the cloud has it."""
    newest = run.requests.version("compute")
    for wanted in (TAGGED, DESCRIBED):
        if newest >= wanted:
            return "{}.{}".format(*wanted)
    return None


def show(run: Run, subject: Subject, ident: str | None = None, microversion: str | None = None) -> Json | None:
    """A server as Nova shows it; None where it is gone, which a DELETED one is."""
    body = run.requests.get("compute", f"/servers/{ident or subject.ident}", subject.work, microversion)
    if body is None or body["server"]["status"] in {"DELETED", "SOFT_DELETED"}:
        return None
    return body["server"]  # type: ignore[no-any-return]


def fault(server: Json) -> str:
    """Nova's own words about a server in ERROR."""
    said = server.get("fault") or {}
    return str(said.get("message") or "the cloud gives no reason")


def observed(
    run: Run, subject: Subject, stated: Properties, volumes: list[Json], created: Json | None = None
) -> Properties | None:
    """The outputs: what is stated, corrected by what is there. None where the server is gone.

    `volumes` are the disks that belong to it (`name`, `id`, `made`). What no cloud shows (password, user data, hints) is as stated.
    `created` is a server as it came up just now, shown with `version`: it is not asked for again.
    """
    server = created or show(run, subject, microversion=version(run))
    if server is None:
        return None
    now: Properties = dict(stated)
    now["name"] = server["name"]
    now["status"] = server["status"]
    now["fault"] = fault(server) if server["status"] == "ERROR" else ""
    now["flavorRef"] = (server.get("flavor") or {}).get("id", stated.get("flavorRef"))
    if isinstance(server.get("image"), dict) and "imageRef" in stated:
        now["imageRef"] = server["image"]["id"]
    if zone := server.get("OS-EXT-AZ:availability_zone"):
        now["availability_zone"] = zone
    metadata = server.get("metadata") or {}
    # A password is never compared with what a cloud shows of it, which is a mask at most.
    now["metadata"] = {
        key: value if key == SECRET_METADATA else metadata[key]
        for key, value in (stated.get("metadata") or {}).items()
        if key in metadata or key == SECRET_METADATA
    }
    now["marker"] = metadata.get(KEY, "")
    if "description" in server and stated.get("description"):
        now["description"] = server["description"] or ""
    if "tags" in server and (stated.get("tags") or server["tags"]):
        now["tags"] = same_order(stated.get("tags") or [], server["tags"])
    if "power_state" in stated:
        now["power_state"] = POWER.get(server["status"], stated["power_state"])
    _with_nics(run, subject, now, stated, created)
    _with_disks(server, now, stated, volumes)
    return {key: value for key, value in now.items() if value not in ({}, [], None) or key in stated}


def made_ports(stated: list[Json], there: list[Json]) -> list[str]:
    """The ports of the NICs that are stated by their network: the cloud made them for the server."""
    return [one["port_id"] for nic, one in paired(stated, there)[0] if one is not None and "port" not in nic]


def same_order(stated: list[Any], there: list[Any]) -> list[Any]:
    """What is there, in the stated order as far as it goes, so that an order alone is no drift."""
    return [one for one in stated if one in there] + sorted(one for one in there if one not in stated)


def _with_nics(run: Run, subject: Subject, now: Properties, stated: Properties, created: Json | None) -> None:
    there = run.nics.there(subject.ident, subject.work)
    pairs, _ = paired(stated.get("networks") or [], there)
    has = [(nic, one) for nic, one in pairs if one is not None]
    now["networks"] = [nic for nic, _ in has]
    now["addresses"] = [address(one) for _, one in has]
    now["nics"] = [{"port": one["port_id"], "address": address(one), "made": "port" not in nic} for nic, one in has]
    made = [one["port_id"] for nic, one in has if "port" not in nic]
    if made and not (created and _has_the_default(created, stated)):
        groups = run.nics.groups_of(made[0], subject.work)
        wanted = stated.get("security_groups") or []
        names = {one["id"]: one["name"] for one in _groups(run, subject)}
        default = [ident for ident in groups if names.get(ident) != "default"] if not wanted else None
        if default == []:
            return
        known = {
            ident: next((one for one in wanted if one in (ident, names.get(ident))), names.get(ident, ident))
            for ident in groups
        }
        now["security_groups"] = same_order(wanted, list(known.values()))


def _has_the_default(created: Json, stated: Properties) -> bool:
    """Whether a new server, of which no groups are stated, says itself that it has the default group and no other."""
    names = {one.get("name") for one in created.get("security_groups") or []}
    return not stated.get("security_groups") and names == {"default"}


def _groups(run: Run, subject: Subject) -> list[Json]:
    body = run.requests.get("compute", f"/servers/{subject.ident}/os-security-groups", subject.work) or {}
    return list(body.get("security_groups", []))


def _with_disks(server: Json, now: Properties, stated: Properties, volumes: list[Json]) -> None:
    attached = [one["id"] for one in server.get("os-extended-volumes:volumes_attached") or []]
    mine = {one["name"]: one for one in volumes}
    if stated.get("boot") is not None and "boot" not in mine:
        data = {one["id"] for one in volumes}
        if boot := next((one for one in attached if one not in data), None):
            mine["boot"] = {"name": "boot", "id": boot, "made": False}
    there = {name: one for name, one in mine.items() if one["id"] in attached}
    for disk in stated.get("disks") or []:
        # One that a killed run had detached and not yet deleted: what was to become of it is not forgotten.
        if (name := disk["name"]) in mine and name not in there:
            mine[name] = {**mine[name], "delete_on_termination": bool(disk.get("delete_on_termination"))}
    if "disks" in stated:
        now["disks"] = [disk for disk in stated["disks"] if disk["name"] in there]
    order = ["boot", *(disk["name"] for disk in stated.get("disks") or [])]
    now["volumes"] = [mine[name] for name in dict.fromkeys([*order, *mine]) if name in mine]
    now["disk_ids"] = [there[name]["id"] for name in order if name in there]
