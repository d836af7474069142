"""The forms in which a server is written, each turned into the one view.

`FORMS` is the table: resource type to the function that reads its inputs. Source of the raw spelling: the inputs of
`openstack:compute/instance:Instance` 5.5; of the documented one: Tables 2, 3, 4, 6 and 7.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

from policy.masking import Secrets, mask_server
from policy.native import NATIVE, NATIVE_BATCH, native_batch, native_server
from policy.spelling import NO_NAMES, as_object, copied, objects, respelled, tree
from policy.unknown import UNKNOWN
from policy.view import Request, View

INSTANCE = "openstack:compute/instance:Instance"
SERVER = "ecs:index:Server"
BATCH = "ecs:index:ServerBatch"

_RAW_SERVER = {
    "name": "name",
    "flavorRef": "flavorId",
    "imageRef": "imageId",
    "availability_zone": "availabilityZone",
    "block_device_mapping_v2": "blockDevices",
    "config_drive": "configDrive",
    "security_groups": "securityGroups",
    "networks": "networks",
    "network_mode": "networkMode",
    "key_name": "keyPair",
    "adminPass": "adminPass",
    "user_data": "userData",
    "metadata": "metadata",
    "personality": "personalities",
    "hypervisor_hostname": "hypervisorHostname",
}
# What is sent for the first when only the second is written.
_RAW_SERVER_INSTEAD = {
    "flavorRef": "flavorName",
    "imageRef": "imageName",
    "availability_zone": "availabilityZoneHints",
}
_RAW_DISK = {
    "source_type": "sourceType",
    "destination_type": "destinationType",
    "guest_format": "guestFormat",
    "delete_on_termination": "deleteOnTermination",
    "boot_index": "bootIndex",
    "uuid": "uuid",
    "volume_size": "volumeSize",
    "volume_type": "volumeType",
}
_RAW_NIC = {"uuid": "uuid", "port": "port", "fixed_ip": "fixedIpV4"}
_RAW_NIC_INSTEAD = {"uuid": "name"}
_RAW_HINTS = {
    "group": "group",
    "different_host": "differentHosts",
    "same_host": "sameHosts",
    "build_near_host_ip": "buildNearHostIp",
    "query": "queries",
    "target_cell": "targetCell",
}
_HINTS = (*_RAW_HINTS, "cidr", "tenancy", "dedicated_host_id", "force_hosts", "force_nodes")
_RAW_FILE = {"path": "file", "contents": "content"}


def documented(props: Mapping[str, object], *, attaches: bool = False) -> Request:
    """Read a request body as the document writes it: `{"server": {...}, "os:scheduler_hints": {...}}`."""
    secrets = Secrets()
    server = props.get("server")
    if isinstance(server, dict):
        server = dict(server)
        for key in ("metadata", "personality"):
            server[key] = copied(server.get(key))
        mask_server(server, secrets)
    top = {"microversion": props.get("microversion")}
    return Request(
        server=as_object("server", server, secrets),
        hints=as_object("os:scheduler_hints", props.get("os:scheduler_hints"), secrets),
        top=View("", top, NO_NAMES, secrets),
        attaches=attaches,
    )


def raw(props: Mapping[str, object]) -> Request:
    """Read the inputs of a raw `openstack.compute.Instance`."""
    secrets = Secrets()
    server, names = respelled(props, _RAW_SERVER, _RAW_SERVER_INSTEAD)
    for key in ("metadata", "personality"):
        server[key] = copied(server.get(key))
    if isinstance(server["personality"], list):
        server["personality"] = [
            respelled(file, _RAW_FILE)[0] if isinstance(file, dict) else file for file in server["personality"]
        ]
    mask_server(server, secrets)
    server["metadata"] = tree("metadata", server["metadata"], secrets)
    server["block_device_mapping_v2"] = objects(
        "blockDevices", server.get("block_device_mapping_v2"), _RAW_DISK, {}, secrets
    )
    server["networks"] = objects("networks", server.get("networks"), _RAW_NIC, _RAW_NIC_INSTEAD, secrets)
    return Request(
        server=View("", server, names, secrets),
        hints=_raw_hints(props.get("schedulerHints"), secrets),
        top=View("", {"schedulerHints": props.get("schedulerHints")}, NO_NAMES, secrets),
        raw=True,
    )


Form = Callable[[Mapping[str, object]], Request]

FORMS: Mapping[str, Form] = MappingProxyType(
    {
        INSTANCE: raw,
        SERVER: partial(documented, attaches=True),
        BATCH: documented,
        NATIVE: native_server,
        NATIVE_BATCH: native_batch,
    }
)
"""Which resource types are server requests, and how each is read."""


def _raw_hints(blocks: object, secrets: Secrets) -> View:
    if blocks is UNKNOWN:
        return View("schedulerHints", None, _RAW_HINTS, secrets)
    if not isinstance(blocks, list) or not blocks:
        return View("schedulerHints[0]", {}, _RAW_HINTS, secrets)
    first = blocks[0]
    if not isinstance(first, dict):
        return View("schedulerHints[0]", None if first is UNKNOWN else {}, _RAW_HINTS, secrets)
    fields, names = respelled(first, _RAW_HINTS)
    extra = first.get("additionalProperties")
    if extra is UNKNOWN:
        # Whatever the unknown map may hold is sent as a hint of its own, so every hint that is not written is unknown.
        for key in _HINTS:
            if fields.get(key) is None:
                fields[key], names[key] = UNKNOWN, "additionalProperties"
    elif isinstance(extra, dict):
        for key, value in extra.items():
            fields[key], names[key] = value, f"additionalProperties.{key}"
    return View("schedulerHints[0]", fields, names, secrets)
