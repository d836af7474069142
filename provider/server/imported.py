"""The inputs of a server that nobody has stated yet: `pulumi import`."""

from __future__ import annotations

from provider.context import Run, Subject
from provider.marker import KEY
from provider.nics import address
from provider.properties import Properties
from provider.server import look


def inputs_of(run: Run, subject: Subject) -> Properties | None:
    """What a create request for this server would say, as far as the cloud shows it; None where there is no such server."""
    server = look.show(run, subject, microversion=look.version(run))
    if server is None:
        return None
    inputs: Properties = {
        "name": server["name"],
        "flavorRef": server["flavor"].get("id"),
        "availability_zone": server.get("OS-EXT-AZ:availability_zone"),
        "key_name": server.get("key_name"),
        "metadata": {key: value for key, value in (server.get("metadata") or {}).items() if key != KEY},
        "description": server.get("description") if server.get("description") != server["name"] else None,
        "tags": server.get("tags"),
        "networks": [
            {"uuid": one["net_id"], "fixed_ip": address(one)} for one in run.nics.there(subject.ident, subject.work)
        ],
        "on_failure": "rollback",
        "on_image_change": "replace",
        "deletion_protection": False,
        "consent": [],
    }
    attached = [one["id"] for one in server.get("os-extended-volumes:volumes_attached") or []]
    if isinstance(server.get("image"), dict):
        inputs["imageRef"] = server["image"]["id"]
        # Some clouds show the system disk that they made, others have none.
        attached = [
            ident for ident in attached if (run.disks.show(ident, subject.work) or {}).get("bootable") != "true"
        ]
    elif attached:
        inputs["boot"] = {"source_type": "volume", "uuid": attached.pop(0), "delete_on_termination": False}
    if attached:
        inputs["disks"] = [
            {"name": ident, "source_type": "volume", "uuid": ident, "delete_on_termination": False}
            for ident in attached
        ]
    lists = ("consent",)
    return {key: value for key, value in inputs.items() if value not in (None, "", {}, []) or key in lists}
