"""Requests that are not what they should be: valid ones with some fields spoiled, and hostile ones."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from tests.agreement.generate import (
    BOOT_DISKS,
    DATA_DISKS,
    DATA_VOLUMES,
    DEH,
    IMAGES,
    MOSTLY,
    NETWORKS,
    NOBODY,
    PORT,
    PORT_NIC,
    SNAPSHOT,
    VOLUME,
    Asked,
    changed,
    valid,
)

DELETED = object()

NOTHING = (None, "", [], {})
NUMBERS = (0, 1, -1, 2, True, False, 0.0, 1.0, 2.5, -0.0, 10**20, 1e300)
WRITTEN = ("0", "1", "-1", "2", "+0", "+1", "-0", "01", " 1 ", "1.0", "1\n", "4\uff12", "9" * 18, "9" * 19, "two")
FLAGS = ("True", "tRuE", "FALSE", "fAlse", "off", "nO", "t", "y", " on", "null", 0, 1)
TEXTS = ("x", " ", " x", "x\n", "a\nb", "\u0000", "/", "//", "x" * 255, "x" * 256, "x/y", "x:y", 7, ["x"], {"x": "y"})
IDS = (
    *IMAGES,
    VOLUME,
    SNAPSHOT,
    PORT,
    DEH,
    NOBODY,
    NOBODY.upper(),
    NOBODY.replace("-", ""),
    f"{{{NOBODY}}}",
    f"/{NOBODY}",
)
ADDRESSES = ("10.30.0.150", "10.30.0.150/20", "300.1.1.1", "fe80::1", "0", 5)
ENCODED = ("eA==", "e A==", "eA\r\n==", "eA", "=", "#!/bin/sh", "\u00e9")
PAYING = ("postPaid", "prePaid", "postpaid", "spot", "0", 0, False, 1, "1")
COUNTED = (*NUMBERS, *WRITTEN)

EDGES: dict[str, tuple[Any, ...]] = {
    **dict.fromkeys(("volume_size", "boot_index", "min_count", "max_count"), COUNTED),
    **dict.fromkeys(
        ("delete_on_termination", "return_reservation_id", "config_drive", "isAutoRenew"), (True, False, *FLAGS)
    ),
    **dict.fromkeys(("uuid", "port", "imageRef", "group", "dedicated_host_id", "same_host", "different_host"), IDS),
    **dict.fromkeys(
        ("marketType", "market_type", "spot", "spotPrice", "chargingMode", "periodNum", "periodType"), PAYING
    ),
    "flavorRef": ("s3.medium", "flavors/s3.medium/", *NUMBERS),
    "availability_zone": ("az1-dc1:host-1", "az1-dc1:", "nowhere", ["az1-dc1:host-1"]),
    "source_type": ("volume", "image", "snapshot", "blank", "Image", "disk"),
    "destination_type": ("volume", "local", "Volume"),
    "guest_format": ("swap", "ext4"),
    "device_name": ("/dev/vdb", "vdb", "a b"),
    "fixed_ip": ADDRESSES,
    "build_near_host_ip": ADDRESSES,
    "user_data": ENCODED,
    "personality": (
        [{"path": "/x", "contents": "eA=="}],
        [{"contents": "*"}],
        [{"contents": 7}],
        [7],
        [{"colour": "red"}],
    ),
    "OS-DCF:diskConfig": ("AUTO", "MANUAL"),
    "auto_terminate_time": ("2030-09-25T12:05:00Z",),
    "tenancy": ("shared", "dedicated", "Shared", "alone"),
    "query": (["=", "$host", "host-1"], [">=", "$free_ram_mb", 1], "HOST"),
    "metadata": ({"k": 1}, {"k": None}, {"k/k": "v"}, {"": "v"}, {"k" * 256: "v"}, {"k": "v" * 256}, {"admin_pass": 7}),
    "security_groups": ([{}], ["default"], [{"name": ""}], [{"name": None}], [{"id": "x"}]),
    "networks": ("auto", "none", ["x"], [None], [{}], [{"uuid": next(iter(NETWORKS))}] * 2),
    "block_device_mapping_v2": (["x"], [None], [{}], "blank"),
    "extendparam": ({"chargingMode": "prePaid"}, {"marketType": "spot", "periodNum": 2}, {"chargingMode": "postPaid"}),
    "os:extendparam": ({"spotPrice": 1}, {"isAutoRenew": True}),
    "os:scheduler_hints": ({"colour": "red"},),
}
"""What is at the edge of what a field takes, besides what no field takes as it is."""

SERVER_KEYS = (
    "name", "flavorRef", "imageRef", "availability_zone", "networks", "block_device_mapping_v2", "security_groups", "key_name",
    "adminPass", "user_data", "metadata", "personality", "config_drive", "description", "min_count", "max_count",
    "return_reservation_id", "OS-DCF:diskConfig", "auto_terminate_time",
    # of other APIs of such a cloud
    "host", "hypervisor_hostname", "OS-EXT-SRV-ATTR:host", "publicip", "eip", "floating_ip", "marketType", "spot", "chargingMode",
    "periodNum", "isAutoRenew", "extendparam", "os:extendparam",
    # of nobody, and of the native API alone
    "colour", "", "flavorref", "accessIPv4", "block_device_mapping",
)  # fmt: skip
DISK_KEYS = (
    "source_type", "destination_type", "guest_format", "device_name", "delete_on_termination", "boot_index", "uuid", "volume_size",
    "volume_type", "colour", "disk_bus",
)  # fmt: skip
NIC_KEYS = ("port", "uuid", "fixed_ip", "eip", "publicip", "colour")
HINT_KEYS = (
    "group", "different_host", "same_host", "cidr", "build_near_host_ip", "tenancy", "dedicated_host_id", "force_hosts", "query",
    "colour",
)  # fmt: skip
OTHER_KEYS = (
    "name",
    "path",
    "contents",
    "marketType",
    "spotPrice",
    "chargingMode",
    "periodType",
    "k" * 256,
    "k/k",
    "k",
    "",
)
ANY_KEY = st.sampled_from(sorted({*SERVER_KEYS, *DISK_KEYS, *NIC_KEYS, *HINT_KEYS, *OTHER_KEYS}))
LEAVES = st.one_of(
    st.sampled_from([*NOTHING, *NUMBERS, *WRITTEN, *FLAGS, *TEXTS]),
    st.sampled_from([one for edges in EDGES.values() for one in edges]),
    st.integers(-3, 300),
    st.text(max_size=8),
)
JUNK = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_KEY, inner, max_size=3), max_leaves=4
)


def edge(key: str) -> st.SearchStrategy[Any]:
    """A value for a field: at its edge, as no field takes it, or anything."""
    own = EDGES.get(key, TEXTS)
    return st.one_of(*[st.sampled_from(some) for some in (own, own, NOTHING, TEXTS)], JUNK)


BOOT = {"source_type": "image", "uuid": IMAGES[0], "boot_index": 0, "volume_size": 40}
BASES: dict[str, tuple[tuple[str, ...], tuple[Asked, ...]]] = {
    "server": (SERVER_KEYS, (changed(), changed(version="2.19"))),
    "server.networks.0": (
        NIC_KEYS,
        (
            changed(),
            changed({"networks": [{"port": PORT}]}),
            changed({"networks": [{"port": PORT, "uuid": next(iter(NETWORKS))}]}),
        ),
    ),
    "server.block_device_mapping_v2.0": (
        DISK_KEYS,
        (
            changed({"block_device_mapping_v2": [BOOT]}, without=("imageRef",)),
            changed({"block_device_mapping_v2": [{"source_type": "blank", "volume_size": 1}]}),
        ),
    ),
    "os:scheduler_hints": (
        HINT_KEYS,
        (changed(hints={}), changed(hints={"tenancy": "dedicated", "dedicated_host_id": DEH})),
    ),
}
"""Where a field can be spoiled: its keys, and the requests in which it is."""


def singles(place: str, key: str) -> Iterator[Asked]:
    """Every request that breaks at one field alone: its values at the edge, those that no field takes, and without it."""
    for base in BASES[place][1]:
        for value in (DELETED, *NOTHING, *EDGES.get(key, ()), *TEXTS):
            body = copy.deepcopy(base.body)
            holder: Any = body
            for step in place.split("."):
                holder = holder[int(step) if step.isdigit() else step]
            holder.pop(key, None)
            if value is not DELETED:
                holder[key] = copy.deepcopy(value)
            yield Asked(body, base.version)


def _spoil(draw: st.DrawFn, holder: dict[str, Any], keys: tuple[str, ...]) -> None:
    key = draw(st.sampled_from([*keys, *(key for key in keys if key in holder)]))
    if key in holder and draw(st.sampled_from([False, False, False, True])):
        del holder[key]
    else:
        holder[key] = copy.deepcopy(draw(edge(key)))


def _spoil_one_of(draw: st.DrawFn, entries: Any, keys: tuple[str, ...], more: st.SearchStrategy[Any]) -> bool:
    """Spoil an entry of a list, or put another one in; False where there is no such list."""
    if not isinstance(entries, list):
        return False
    objects = [one for one in entries if isinstance(one, dict)]
    if objects and draw(st.sampled_from([True, True, True, False])):
        _spoil(draw, draw(st.sampled_from(objects)), keys)
    else:
        entries.insert(draw(st.integers(0, len(entries))), copy.deepcopy(draw(more)))
    return True


DISKS = BOOT_DISKS | DATA_DISKS | DATA_VOLUMES


@st.composite
def near_valid(draw: st.DrawFn) -> Asked:
    """A valid request in which one to three things are changed, added or taken away."""
    asked = draw(valid())
    body = copy.deepcopy(asked.body)
    server = body["server"]
    for _ in range(draw(st.sampled_from([1, 1, 1, 2, 2, 3]))):
        part = draw(st.sampled_from(["server", "disks", "hints", "nics"]))
        done = False
        if part == "disks":
            disks = server.setdefault("block_device_mapping_v2", [])
            done = _spoil_one_of(draw, disks, DISK_KEYS, DISKS | JUNK)
        elif part == "nics":
            done = _spoil_one_of(draw, server.get("networks"), NIC_KEYS, PORT_NIC | JUNK)
        elif part == "hints":
            hints = body.setdefault("os:scheduler_hints", {})
            if done := isinstance(hints, dict) and draw(MOSTLY):
                _spoil(draw, hints, HINT_KEYS)
            else:
                body["os:scheduler_hints"], done = copy.deepcopy(draw(edge("os:scheduler_hints"))), True
        if not done:
            _spoil(draw, server, SERVER_KEYS)
    return Asked(body, draw(st.sampled_from([asked.version, "2.18", "2.19"])))


def _objects(keys: tuple[str, ...]) -> st.SearchStrategy[Any]:
    fields = st.sampled_from(keys).flatmap(lambda key: st.tuples(st.just(key), edge(key)))
    return st.lists(fields, max_size=5).map(dict)


HOSTILE = {
    "block_device_mapping_v2": st.lists(_objects(DISK_KEYS) | LEAVES, max_size=3) | JUNK,
    "networks": st.lists(_objects(NIC_KEYS) | LEAVES, max_size=3) | JUNK,
    "metadata": _objects(OTHER_KEYS) | JUNK,
}
HOSTILE_FIELDS = st.sampled_from(SERVER_KEYS).flatmap(lambda key: st.tuples(st.just(key), HOSTILE.get(key, edge(key))))


@st.composite
def hostile(draw: st.DrawFn) -> Asked:
    """A request of known words in no order: wrong types, nulls, huge values, unknown keys, nested junk."""
    server = dict(draw(st.lists(HOSTILE_FIELDS, max_size=8)))
    body: dict[str, Any] = {"server": server if draw(MOSTLY) else draw(JUNK)}
    if draw(st.booleans()):
        body["os:scheduler_hints"] = draw(_objects(HINT_KEYS) | JUNK)
    if not draw(MOSTLY):
        body["colour"] = draw(JUNK)
    return Asked(body, draw(st.sampled_from(["2.1", "2.19"])))
