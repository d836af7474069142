"""The native resources of our own provider, read as server requests: flat inputs, a boot disk and data disks apart.

Their inputs have the document's words already, so a path is what the author of a bare resource wrote (`disks[0].uuid`); for the
author of a component `in_document` spells it as the component's request does (`server.block_device_mapping_v2[1].uuid`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from policy.masking import Secrets, mask_server
from policy.spelling import NO_NAMES, as_object, copied, tree
from policy.unknown import UNKNOWN
from policy.view import Request, View

NATIVE = "ecs:compute:Server"
NATIVE_BATCH = "ecs:compute:ServerBatch"

DISKS: Final = "block_device_mapping_v2"
BESIDE = frozenset(
    {"boot", "disks", "scheduler_hints", "tags", "power_state", "on_failure", "on_image_change"}
    | {"deletion_protection", "consent", "remove"}
)
"""The inputs that are no fields of the documented server: read otherwise, or what the provider alone goes by."""

_DISK = re.compile(r"disks\[(\d+)\]")


def native_server(props: Mapping[str, object]) -> Request:
    """Read a native server: its data disks are attached when it exists."""
    return _read(props, attaches=True)


def native_batch(props: Mapping[str, object]) -> Request:
    """Read a native batch, which always asks for its reservation's id."""
    return _read({**props, "return_reservation_id": True}, attaches=False)


def _read(props: Mapping[str, object], *, attaches: bool) -> Request:
    secrets = Secrets()
    server = {key: copied(value) for key, value in props.items() if key not in BESIDE}
    mask_server(server, secrets)
    fields = {key: tree(key, value, secrets) for key, value in server.items()}
    if isinstance(groups := fields.get("security_groups"), list):
        fields["security_groups"] = [{"name": group} if isinstance(group, str) else group for group in groups]
    disks = _disks(props, secrets)
    if disks:
        fields[DISKS] = disks
    names = {DISKS: "disks" if props.get("disks") or not props.get("boot") else "boot"}
    return Request(
        server=View("", fields, names, secrets),
        hints=as_object("scheduler_hints", copied(props.get("scheduler_hints")), secrets),
        top=View("", {}, NO_NAMES, secrets),
        attaches=attaches,
        in_document=_spelling(boots=props.get("boot") not in (None, {})),
    )


def _disks(props: Mapping[str, object], secrets: Secrets) -> list[object]:
    found: list[object] = []
    if (boot := props.get("boot")) not in (None, {}):
        found.append(_disk("boot", boot, 0, secrets))
    data = props.get("disks")
    if data is UNKNOWN:
        # As many as there may be: one that is not known yet stands for them.
        found.append(View("disks", None, NO_NAMES, secrets))
    elif isinstance(data, list):
        found += [_disk(f"disks[{place}]", disk, -1, secrets) for place, disk in enumerate(data)]
    return found


def _disk(path: str, disk: object, boot_index: int, secrets: Secrets) -> View:
    if not isinstance(disk, dict):
        return View(path, None if disk is UNKNOWN else {}, NO_NAMES, secrets)
    # What the provider adds of its own.
    return View(path, {"destination_type": "volume", "boot_index": boot_index, **disk}, NO_NAMES, secrets)


def _spelling(*, boots: bool) -> Callable[[str], str]:
    first = 1 if boots else 0

    def in_document(path: str) -> str:
        name = path.partition(".")[0].partition("[")[0]
        rest = path.removeprefix(name)
        if name == "scheduler_hints":
            return f"os:scheduler_hints{rest}"
        if name == "boot":
            return f"server.{DISKS}[0]{rest}"
        if found := _DISK.match(path):
            return f"server.{DISKS}[{int(found[1]) + first}]{path[found.end() :]}"
        if name == "disks":
            return f"server.{DISKS}"
        return f"server.{path}"

    return in_document
