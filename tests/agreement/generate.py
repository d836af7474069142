"""Valid create requests in the document's form, as a client may write them.

Such a request names what the seed world of the sandbox has, so that the cloud has nothing of its own against it.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

IMAGES = ("24040000-0000-4000-8000-000000000001", "b023fe17-11db-4efb-b800-78882a0e394b")
VOLUME = "bd7e4f86-b004-4745-bea2-a55b1085f107"
DATA_VOLUME = "da7a0000-0002-4000-8000-000000000002"
SNAPSHOT = "df51997d-ee35-4fb3-a372-e2ac933a6565"
PORT = "e730a11c-1a19-49cc-8797-cee2ad67af6f"
NETWORKS = {
    "fd40e6f8-942d-4b4e-a7ae-465287b02a2c": "192.168.10.",
    "79a68cef-0936-4e21-b1f4-b800ecb70246": "192.168.20.",
    "51bead38-d1a3-4d08-be20-0970c24b7cab": "10.30.0.",
}
DEH = "d0000001-de40-4000-8000-000000000001"
NOBODY = "00000000-0000-4000-8000-00000000dead"


@dataclass(frozen=True)
class Asked:
    """A request: its body, and the microversion that the client states in a header."""

    body: dict[str, Any]
    version: str = "2.1"

    def __str__(self) -> str:
        return f"  microversion {self.version}\n  {json.dumps(self.body, ensure_ascii=False)}"


def _quoted(value: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from([value, str(value)])


def _some(required: dict[str, Any], optional: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(required, optional=optional)


MOSTLY = st.sampled_from([*[True] * 15, False])
FLAGS = st.sampled_from([True, False, "True", "False", "true", "false", "1", "0", "on", "NO"])
TYPES = st.sampled_from(["SAS", "SSD", "", None])
SIZES = st.integers(40, 60).flatmap(_quoted)
DESTINATION = st.just("volume")
NOT_BOOT = st.sampled_from([-1, "-1", "", None])
BOOT = st.sampled_from([0, "0"])


def _disk(source: str, index: st.SearchStrategy[Any], uuid: Any, size: bool, **more: Any) -> st.SearchStrategy[Any]:
    required = {"source_type": st.just(source), "boot_index": index, "uuid": uuid}
    optional = {"destination_type": DESTINATION, "delete_on_termination": FLAGS, "volume_type": TYPES, **more}
    (required if size else optional)["volume_size"] = SIZES
    return _some(required, optional)


NAMED = {"device_name": st.just("/dev/vdb"), "guest_format": st.sampled_from(["", None])}
IMAGE_IDS = st.sampled_from(IMAGES)
BOOT_DISKS = st.one_of(
    _disk("image", BOOT, IMAGE_IDS, True, **NAMED),
    _disk("snapshot", BOOT, st.just(SNAPSHOT), False),
    _disk("volume", BOOT, st.just(VOLUME), False),
)
DATA_DISKS = st.one_of(
    _disk("blank", NOT_BOOT, st.sampled_from([None, ""]), True, **NAMED),
    _disk("image", NOT_BOOT, IMAGE_IDS, True),
    _disk("snapshot", NOT_BOOT, st.just(SNAPSHOT), False),
)
DATA_VOLUMES = _disk("volume", NOT_BOOT, st.just(DATA_VOLUME), False)


def _nic(item: tuple[str, str]) -> st.SearchStrategy[dict[str, Any]]:
    network, prefix = item
    addresses = st.integers(100, 200).map(lambda last: f"{prefix}{last}") | st.just("") | st.none()
    return _some({"uuid": st.just(network)}, {"fixed_ip": addresses, "port": st.sampled_from(["", None])})


NICS = st.sampled_from(sorted(NETWORKS.items())).flatmap(_nic)
PORT_NIC = _some(
    {"port": st.just(PORT)},
    {"uuid": st.sampled_from(sorted(NETWORKS)), "fixed_ip": st.sampled_from(["", None])},
)
WORDS = st.text(st.characters(codec="utf-8", categories=["L", "N"]), min_size=1, max_size=20)
KEYS = st.text("abcxyz-_:. 019", min_size=1, max_size=12)
OPTIONAL: dict[str, st.SearchStrategy[Any]] = {
    "adminPass": WORDS,
    "key_name": st.just("test"),
    "metadata": st.dictionaries(KEYS | st.just("admin_pass"), st.text(max_size=30), max_size=3),
    "user_data": st.binary(max_size=40).map(lambda raw: base64.b64encode(raw).decode()),
    "security_groups": st.lists(st.fixed_dictionaries({"name": st.just("default")}), max_size=2),
    "return_reservation_id": FLAGS,
    "config_drive": st.sampled_from([False, "False", "no", "0"]),
    "min_count": st.just(1).flatmap(_quoted),
    "max_count": st.just(1).flatmap(_quoted),
}
HINTS = st.none() | _some({}, {"tenancy": st.just("shared"), "group": st.none()}) | st.just(
    {"tenancy": "dedicated", "dedicated_host_id": DEH}
)  # fmt: skip


@st.composite
def valid(draw: st.DrawFn) -> Asked:
    """A request that a cloud with the seed world accepts."""
    server: dict[str, Any] = {
        "name": draw(WORDS),
        "flavorRef": draw(st.sampled_from(["s3.medium", "2", 2, "https://ecs.example/v2.1/flavors/s3.medium"])),
        "availability_zone": "az1-dc1",
        **draw(st.fixed_dictionaries({}, optional=OPTIONAL)),
    }
    nics = draw(st.lists(NICS, min_size=1, max_size=3, unique_by=lambda nic: nic["uuid"]))
    batch = not draw(MOSTLY)
    image = draw(st.sampled_from([*IMAGES, f"https://ims.example/v2/images/{IMAGES[0]}"]))
    if batch:
        server |= {"imageRef": image, "min_count": draw(_quoted(1)), "max_count": draw(_quoted(2))}
        nics = [{"uuid": nic["uuid"]} for nic in nics]
    else:
        if draw(st.booleans()):
            nics.append(draw(PORT_NIC))
        disks = draw(st.lists(DATA_DISKS, max_size=2))
        if draw(st.booleans()):
            server["imageRef"] = image
        else:
            disks.insert(0, draw(BOOT_DISKS))
            disks += draw(st.lists(DATA_VOLUMES, max_size=1))
        if disks or draw(st.booleans()):
            server["block_device_mapping_v2"] = disks
    server["networks"] = nics
    body: dict[str, Any] = {"server": server}
    if (hints := draw(HINTS)) is not None:
        body["os:scheduler_hints"] = hints
    return Asked(body, draw(st.sampled_from(["2.1", "2.1", "2.19"])))


PLAIN: dict[str, Any] = {
    "name": "web",
    "flavorRef": "s3.medium",
    "imageRef": IMAGES[0],
    "availability_zone": "az1-dc1",
    "networks": [{"uuid": "79a68cef-0936-4e21-b1f4-b800ecb70246"}],
}


def changed(
    server: dict[str, Any] | None = None, hints: Any = None, without: tuple[str, ...] = (), version: str = "2.1"
) -> Asked:
    """The plainest valid request, changed."""
    made = {key: value for key, value in {**PLAIN, **(server or {})}.items() if key not in without}
    body: dict[str, Any] = {} if "server" in without else {"server": made}
    return Asked(body if hints is None else {**body, "os:scheduler_hints": hints}, version)
